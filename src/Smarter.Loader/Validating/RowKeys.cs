using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Smarter.Loader.Validating;

/// <summary>What an accepted row is about, as hashes: 40 bytes, from which no student can be told.</summary>
/// <param name="Student">The student's id.</param>
/// <param name="Rest">The rest of the natural key; for an outcome the date taken.</param>
/// <param name="Content">How the row describes the student; 0 for a delete.</param>
/// <param name="Row">Number of the row, from 1; negative for a delete.</param>
internal readonly record struct RowKey(UInt128 Student, ulong Rest, ulong Content, long Row)
{
    public bool IsDelete => Row < 0;

    public long RowNumber => Math.Abs(Row);
}

/// <summary>
/// Keeps the keys of a whole file, and finds the students who occur in it more than once (docs/adr/0017).
/// </summary>
/// <remarks>Memory is bounded: keys are parted by hash into 64 parts, of which each keeps 8192 keys in memory and the
/// rest in a nameless file, together 20 MiB; only one part at a time is read back, 1/64 of 40 bytes a row. Ten million
/// rows need 26 MiB and 400 MB of disk.</remarks>
internal sealed class RowKeys(string scratchFolder) : IDisposable
{
    private const int PartBits = 6;
    private const int KeysInMemory = 8192;

    private readonly Part[] parts = [.. Enumerable.Range(0, 1 << PartBits).Select(_ => new Part(scratchFolder))];

    public void Add(in RowKey key) => parts[(int)(key.Student >> (128 - PartBits))].Add(key);

    /// <returns>For each student with several rows these rows, in the order of the file; students in no
    /// order.</returns>
    public IEnumerable<ArraySegment<RowKey>> FindRepeated()
    {
        foreach (var part in parts)
        {
            var keys = part.ReadAll();
            Array.Sort(keys, (a, b) =>
                a.Student == b.Student ? a.RowNumber.CompareTo(b.RowNumber) : a.Student.CompareTo(b.Student));
            for (var first = 0; first < keys.Length;)
            {
                var next = first + 1;
                while (next < keys.Length && keys[next].Student == keys[first].Student)
                    next++;
                if (next - first > 1)
                    yield return new ArraySegment<RowKey>(keys, first, next - first);
                first = next;
            }
        }
    }

    public void Dispose()
    {
        foreach (var part in parts)
            part.Dispose();
    }

    private sealed class Part(string folder) : IDisposable
    {
        private readonly List<RowKey> inMemory = [];
        private FileStream? onDisk;

        public void Add(in RowKey key)
        {
            if (inMemory.Count == KeysInMemory)
            {
                onDisk ??= ScratchFile.Create(folder);
                onDisk.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(inMemory)));
                inMemory.Clear();
            }
            inMemory.Add(key);
        }

        public RowKey[] ReadAll()
        {
            var spilled = (int)((onDisk?.Length ?? 0) / Unsafe.SizeOf<RowKey>());
            var keys = new RowKey[spilled + inMemory.Count];
            if (onDisk is not null)
            {
                onDisk.Position = 0;
                onDisk.ReadExactly(MemoryMarshal.AsBytes(keys.AsSpan(0, spilled)));
            }
            inMemory.CopyTo(keys, spilled);
            return keys;
        }

        public void Dispose() => onDisk?.Dispose();
    }
}
