using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Smarter.Loader.Staging;

/// <summary>One thread's view of the <see cref="SchoolDirectory"/>:
/// rows of a school already seen cost a look-up by bytes.</summary>
internal sealed class SchoolCache(SchoolDirectory directory)
{
    private readonly Dictionary<byte[], Seen> schools = new(new ByteComparer());
    private Seen? last;

    private sealed class Seen(byte[] key, long recordId)
    {
        public byte[] Key { get; } = key;

        public long RecordId { get; } = recordId;

        public long LastRow { get; set; }

        public long LastRowRecordId { get; set; }
    }

    /// <param name="encoded">The five encoded fields state, district id, district name, school id, school name.</param>
    /// <returns>The record id that the row's fact points to.</returns>
    public long RecordIdOf(ReadOnlySpan<byte> encoded, long row, long rowRecordId)
    {
        if (last is null || !encoded.SequenceEqual(last.Key))
            last = Find(encoded, row, rowRecordId);
        last.LastRow = row;
        last.LastRowRecordId = rowRecordId;
        return last.RecordId;
    }

    /// <summary>Tells the directory the last row of each school and spelling.</summary>
    public void Flush()
    {
        foreach (var seen in schools.Values)
            Note(seen.Key, seen.LastRow, seen.LastRowRecordId);
    }

    private Seen Find(ReadOnlySpan<byte> encoded, long row, long rowRecordId)
    {
        if (schools.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(encoded, out var seen))
            return seen;
        var key = encoded.ToArray();
        seen = new Seen(key, Note(key, row, rowRecordId));
        schools.Add(key, seen);
        return seen;
    }

    private long Note(ReadOnlySpan<byte> encoded, long row, long rowRecordId)
    {
        Next(ref encoded); // the state is the tenant's
        var districtId = Next(ref encoded);
        var districtName = Next(ref encoded);
        var schoolId = Next(ref encoded);
        return directory.Note(districtId, schoolId, new SchoolNames(districtName, Next(ref encoded)), row, rowRecordId);
    }

    private static string Next(ref ReadOnlySpan<byte> encoded)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(encoded);
        var text = Encoding.UTF8.GetString(encoded.Slice(sizeof(int), length));
        encoded = encoded[(sizeof(int) + length)..];
        return text;
    }

    private sealed class ByteComparer
        : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] byte[] bytes) => GetHashCode(bytes.AsSpan());

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }
    }
}
