using Smarter.Core;

namespace Smarter.Loader.Checking;

/// <summary>
/// Cuts a CSV stream into blocks of whole rows with flat memory. Lines end in LF, CR LF or a bare CR (loader.md §2.1):
/// the first line shows which, and the other characters are then ordinary ones that the row check refuses.
/// A quoted value may hold line ends; a quote that is not closed within <see cref="MaxRowBytes"/>,
/// or only by one that cannot close it because a value goes on behind, belongs to its own line only,
/// so that one bad row does not swallow its followers.
/// </summary>
internal sealed class CsvBlockReader(Stream csv)
{
    /// <summary>Longest row, in bytes; a longer one is cut off and marked.</summary>
    public const int MaxRowBytes = 256 * 1024;

    // With the room for a row that goes on, half a mebibyte: block and tuples stay in a core's own cache.
    private const int BlockBytes = 256 * 1024;
    private const byte Lf = (byte)'\n';
    private const byte Cr = (byte)'\r';
    private const byte Quote = (byte)'"';
    private const byte Comma = (byte)',';

    private byte[] carried = [];
    private byte lineEnd;
    private bool skippingCutRow;
    private bool ended;
    private long nextRow = 1;

    /// <summary>Reads the first line, without its end and without a byte order mark.</summary>
    /// <returns>The header line; empty when the file is empty.</returns>
    /// <exception cref="FileRejectedException">3009 when the first line
    /// is longer than <see cref="MaxRowBytes"/>.</exception>
    public async Task<byte[]> ReadHeaderAsync(CancellationToken cancellation)
    {
        var start = new byte[MaxRowBytes];
        var length = await csv.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellation);
        ended = length < start.Length;
        ReadOnlySpan<byte> text = start.AsSpan(0, length);
        if (text.StartsWith("\uFEFF"u8))
            text = text[3..];

        var end = text.IndexOfAny(Lf, Cr);
        if (end < 0)
            return ended ? text.ToArray() : throw new FileRejectedException(
                ErrorCode.NoHeaders, $"Line 1 of the CSV is longer than {MaxRowBytes / 1024} KiB.");
        lineEnd = text[end] == Cr && !(end + 1 < text.Length && text[end + 1] == Lf) ? Cr : Lf;
        var rest = end + (text[end] == Cr && lineEnd == Lf ? 2 : 1);
        carried = text[rest..].ToArray();
        return text[..end].ToArray();
    }

    /// <returns>The next block, with at least one row; null at the end of the file.</returns>
    public async Task<CsvBlock?> ReadBlockAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var block = new CsvBlock(BlockBytes + MaxRowBytes);
            carried.CopyTo(block.Bytes, 0);
            var length = carried.Length;
            if (!ended)
            {
                var read = await csv.ReadAtLeastAsync(
                    block.Bytes.AsMemory(length, BlockBytes), BlockBytes, throwOnEndOfStream: false, cancellation);
                ended = read < BlockBytes;
                length += read;
            }
            var used = CutRows(block, length);
            carried = block.Bytes.AsSpan(used, length - used).ToArray();

            if (block.Rows.Count > 0)
            {
                block.FirstRow = nextRow;
                nextRow += block.Rows.Count;
                return block;
            }
            block.Dispose();
            if (ended && carried.Length == 0)
                return null;
        }
    }

    /// <returns>How many of the <paramref name="length"/> bytes belong to rows that are complete.</returns>
    private int CutRows(CsvBlock block, int length)
    {
        ReadOnlySpan<byte> bytes = block.Bytes.AsSpan(0, length);
        var start = 0;
        while (start < length)
        {
            if (skippingCutRow)
            {
                var next = bytes[start..].IndexOf(lineEnd);
                if (next < 0)
                    return length;
                start += next + 1;
                skippingCutRow = false;
                continue;
            }
            var end = FindRowEnd(bytes, start);
            if (end < 0 && !ended && length - start < MaxRowBytes)
                return start;
            if (end < 0 || end - start > MaxRowBytes)
                end = EndOfLine(bytes, start, block);

            if (!IsBlank(bytes[start..end]))
                block.Add(start, lineEnd == Lf && end > start && bytes[end - 1] == Cr ? end - 1 : end);
            start = end + (skippingCutRow ? 0 : 1);
        }
        return length;
    }

    /// <summary>The row that cannot end as CSV ends at its line; a line that is too long as well is cut off.</summary>
    private int EndOfLine(ReadOnlySpan<byte> bytes, int start, CsvBlock block)
    {
        var line = bytes[start..Math.Min(bytes.Length, start + MaxRowBytes)].IndexOf(lineEnd);
        if (line >= 0)
            return start + line;
        if (bytes.Length - start < MaxRowBytes)
            return bytes.Length;
        block.CutRows.Add(block.Rows.Count);
        skippingCutRow = true;
        return start + MaxRowBytes;
    }

    /// <returns>Position of the line end that closes the row; -1 when it is not among these bytes.</returns>
    private int FindRowEnd(ReadOnlySpan<byte> bytes, int start)
    {
        var position = start;
        while (true)
        {
            var found = bytes[position..].IndexOfAny(lineEnd, Quote);
            if (found < 0)
                return -1;
            position += found;
            if (bytes[position] == lineEnd)
                return position;
            var opens = position == start || bytes[position - 1] == Comma;
            position++;
            if (!opens)
                continue;
            while (true)
            {
                var close = bytes[position..].IndexOf(Quote);
                if (close < 0)
                    return -1;
                position += close + 1;
                if (position >= bytes.Length || bytes[position] != Quote)
                    break;
                position++;
            }
            if (position < bytes.Length && bytes[position] is not (Comma or Cr or Lf))
            {
                var line = bytes[start..].IndexOf(lineEnd);
                return line < 0 ? -1 : start + line;
            }
        }
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) => line.IndexOfAnyExcept((byte)' ', Cr) < 0;
}
