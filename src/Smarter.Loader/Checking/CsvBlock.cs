using System.Buffers;

namespace Smarter.Loader.Checking;

/// <summary>A run of whole CSV rows, as read.
/// Give it back with <see cref="Dispose"/>; its memory is used again.</summary>
internal sealed class CsvBlock : IDisposable
{
    private readonly List<Range> rows = [];

    public CsvBlock(int capacity) => Bytes = ArrayPool<byte>.Shared.Rent(capacity);

    public byte[] Bytes { get; }

    /// <summary>Number of the first row: data rows of the file count from 1, blank lines do not count.</summary>
    public long FirstRow { get; set; }

    /// <summary>Rows without their line end, in file order.</summary>
    public IReadOnlyList<Range> Rows => rows;

    /// <summary>Positions in <see cref="Rows"/> of rows that were cut off
    /// because they are longer than the limit.</summary>
    public HashSet<int> CutRows { get; } = [];

    /// <summary>The bytes of a row.</summary>
    /// <param name="position">In <see cref="Rows"/>.</param>
    public ReadOnlySpan<byte> Row(int position) => Bytes.AsSpan(rows[position]);

    public void Add(int start, int end) => rows.Add(start..end);

    public void Dispose() => ArrayPool<byte>.Shared.Return(Bytes);
}
