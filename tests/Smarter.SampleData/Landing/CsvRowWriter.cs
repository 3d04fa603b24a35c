using System.Buffers.Text;
using System.Text;

namespace Smarter.SampleData.Landing;

/// <summary>Writes CSV cells as UTF-8 bytes into one buffer and the buffer to a stream; makes no garbage.</summary>
/// <remarks>
/// Every cell method writes the cell and its comma; <see cref="EndRow"/> turns the last comma into LF.
/// A row may be up to <see cref="MaxRowBytes"/> long. The stream stays open; call <see cref="Flush"/> at the end.
/// </remarks>
internal sealed class CsvRowWriter(Stream stream)
{
    public const int MaxRowBytes = 64 * 1024;

    private readonly byte[] buffer = new byte[1024 * 1024];
    private int position;
    private int rowStart;

    /// <param name="cell">As it stands in the file: quoted already where it must be.</param>
    public void Text(ReadOnlySpan<byte> cell)
    {
        Raw(cell);
        buffer[position++] = (byte)',';
    }

    /// <summary>Bytes that carry their own commas.</summary>
    public void Raw(ReadOnlySpan<byte> cells)
    {
        cells.CopyTo(buffer.AsSpan(position));
        position += cells.Length;
    }

    public void Number(int value)
    {
        Utf8Formatter.TryFormat(value, buffer.AsSpan(position), out var written);
        position += written;
        buffer[position++] = (byte)',';
    }

    /// <summary>A number with leading zeros up to <paramref name="digits"/>, without the comma.</summary>
    public void Digits(long value, byte digits)
    {
        Utf8Formatter.TryFormat(value, buffer.AsSpan(position), out var written, new('D', digits));
        position += written;
    }

    /// <summary>yyyymmdd, or with hyphens.</summary>
    public void Date(DateOnly date, bool hyphens)
    {
        Digits(date.Year, 4);
        if (hyphens)
            buffer[position++] = (byte)'-';
        Digits(date.Month, 2);
        if (hyphens)
            buffer[position++] = (byte)'-';
        Digits(date.Day, 2);
        buffer[position++] = (byte)',';
    }

    /// <param name="cells">How many empty cells.</param>
    public void Empty(int cells)
    {
        buffer.AsSpan(position, cells).Fill((byte)',');
        position += cells;
    }

    public void EndRow()
    {
        buffer[position - 1] = (byte)'\n';
        rowStart = position;
        if (position > buffer.Length - MaxRowBytes)
            Flush();
    }

    /// <summary>
    /// Ends the row as <see cref="EndRow"/> does, but with its cells changed; slow, for the few spoiled rows.
    /// </summary>
    public void EndSpoiledRow(Action<List<string>> spoil)
    {
        var cells = CellsOf(Encoding.UTF8.GetString(buffer, rowStart, position - 1 - rowStart));
        spoil(cells);
        position = rowStart;
        foreach (var cell in cells)
            Text(Encoding.UTF8.GetBytes(Quoted(cell)));
        EndRow();
    }

    public void Flush()
    {
        stream.Write(buffer, 0, position);
        position = rowStart = 0;
    }

    /// <summary>The cell as CSV text, quoted only when it must be.</summary>
    public static string Quoted(string cell) =>
        cell.AsSpan().IndexOfAny(",\"\r\n") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static List<string> CellsOf(string row)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        var quoted = false;
        foreach (var character in row)
        {
            if (character == '"')
                quoted = !quoted;
            else if (character == ',' && !quoted)
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else
                cell.Append(character);
        }

        cells.Add(cell.ToString());
        return cells;
    }
}
