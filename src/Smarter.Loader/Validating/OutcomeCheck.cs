using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Smarter.Core;
using Smarter.Loader.Checking;
using Smarter.Loader.Staging;

namespace Smarter.Loader.Validating;

/// <summary>
/// What the building of a load finds among the accepted rows of an assessment file, without the production database:
/// outcomes that the file repeats or deletes twice, students whom it describes in two ways (loader.md §5.5), and too
/// many schools. For one thread, and row by row in the order of the file.
/// </summary>
internal sealed class OutcomeCheck(string scratchFolder) : IDisposable
{
    private readonly RowKeys keys = new(scratchFolder);
    private readonly SchoolCache schools = new(SchoolDirectory.Empty());

    // Hashes with a salt of this check's own: what lies on disk can be compared with nothing.
    private byte[] hashed = RandomNumberGenerator.GetBytes(16);

    /// <summary>Rows that ask for a delete.</summary>
    public long Deletes { get; private set; }

    /// <summary>Takes the row that <paramref name="row"/> accepted last.</summary>
    /// <exception cref="FileRejectedException">5034.</exception>
    public void Add(RowChecker row, long number, CauseCounts causes)
    {
        var student = Hash(StarTuples.StudentIdOf(row), default);
        var rest = (ulong)Hash(StarTuples.DateTakenOf(row), default);
        if (row.IsDelete)
        {
            Deletes++;
            causes.Add(ErrorCode.DeletesNotChecked, null, number);
            keys.Add(new RowKey(student, rest, 0, -number));
            return;
        }
        schools.RecordIdOf(StarTuples.SchoolOf(row), number, number);
        var described = StarTuples.StudentOf(row);
        var content = (ulong)Hash(described.Identity, described.Demographics);
        keys.Add(new RowKey(student, rest, content, number));
    }

    /// <summary>After the last row: notes what the file repeats.</summary>
    public void Finish(CauseCounts causes)
    {
        foreach (var rows in keys.FindRepeated())
        {
            FindSuperseded(rows, causes);
            FindDescribedTwice(rows, causes);
            FindDeletedTwice(rows, causes);
        }
    }

    public void Dispose() => keys.Dispose();

    /// <summary>The last row of an outcome counts.</summary>
    private static void FindSuperseded(ArraySegment<RowKey> rows, CauseCounts causes)
    {
        var later = new HashSet<ulong>();
        for (var i = rows.Count - 1; i >= 0; i--)
        {
            if (!rows[i].IsDelete && !later.Add(rows[i].Rest))
                causes.Add(ErrorCode.SupersededInFile, null, rows[i].RowNumber);
        }
    }

    /// <summary>The last description of a student counts; superseded rows describe the student too.</summary>
    private static void FindDescribedTwice(ArraySegment<RowKey> rows, CauseCounts causes)
    {
        var last = rows.LastOrDefault(row => !row.IsDelete);
        if (last.Row != 0 && rows.Any(row => !row.IsDelete && row.Content != last.Content))
            causes.Add(ErrorCode.StudentDescribedTwice, null, last.RowNumber);
    }

    /// <summary>Names the last of the deletes of one outcome.</summary>
    private static void FindDeletedTwice(ArraySegment<RowKey> rows, CauseCounts causes)
    {
        foreach (var deletes in rows.Where(row => row.IsDelete).GroupBy(row => row.Rest).Where(all => all.Count() > 1))
            causes.Add(ErrorCode.DeletedTwice, null, deletes.Max(row => row.RowNumber));
    }

    private UInt128 Hash(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        const int salt = 16;
        var length = salt + first.Length + second.Length;
        if (hashed.Length < length)
            Array.Resize(ref hashed, 2 * length);
        first.CopyTo(hashed.AsSpan(salt));
        second.CopyTo(hashed.AsSpan(salt + first.Length));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(hashed.AsSpan(0, length), hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }
}
