using System.Buffers.Text;
using System.Text;

namespace Smarter.SampleData.Landing;

/// <summary>Writes CSV cells as UTF-8 bytes into one buffer and the buffer to a stream; makes no garbage.</summary>
/// <remarks>
/// Every cell method writes the cell and its comma; <see cref="EndRow"/> turns the last comma into LF. A row may be up
/// to
/// <see cref="MaxRowBytes"/> long. The stream stays open; call <see cref="Flush"/> at the end.
/// </remarks>
internal sealed class CsvRowWriter(Stream stream)
{
    public const int MaxRowBytes = 64 * 1024;

    private readonly byte[] _buffer = new byte[1024 * 1024];
    private int _position;
    private int _rowStart;

    public void Text(ReadOnlySpan<byte> cell)
    {
        Raw(cell);
        _buffer[_position++] = (byte)',';
    }

    /// <summary>Bytes that carry their own commas.</summary>
    public void Raw(ReadOnlySpan<byte> cells)
    {
        cells.CopyTo(_buffer.AsSpan(_position));
        _position += cells.Length;
    }

    public void Number(int value)
    {
        Utf8Formatter.TryFormat(value, _buffer.AsSpan(_position), out var written);
        _position += written;
        _buffer[_position++] = (byte)',';
    }

    /// <summary>A number with leading zeros up to <paramref name="digits"/>, without the comma.</summary>
    public void Digits(long value, byte digits)
    {
        Utf8Formatter.TryFormat(value, _buffer.AsSpan(_position), out var written, new('D', digits));
        _position += written;
    }

    /// <summary>yyyymmdd, or with hyphens.</summary>
    public void Date(DateOnly date, bool hyphens)
    {
        Digits(date.Year, 4);
        if (hyphens)
            _buffer[_position++] = (byte)'-';
        Digits(date.Month, 2);
        if (hyphens)
            _buffer[_position++] = (byte)'-';
        Digits(date.Day, 2);
        _buffer[_position++] = (byte)',';
    }

    public void Empty(int cells)
    {
        _buffer.AsSpan(_position, cells).Fill((byte)',');
        _position += cells;
    }

    public void EndRow()
    {
        _buffer[_position - 1] = (byte)'\n';
        _rowStart = _position;
        if (_position > _buffer.Length - MaxRowBytes)
            Flush();
    }

    /// <summary>
    /// Ends the row as <see cref="EndRow"/> does, but with its cells changed; slow, for the few spoiled rows.
    /// </summary>
    public void EndSpoiledRow(Action<List<string>> spoil)
    {
        var cells = CellsOf(Encoding.UTF8.GetString(_buffer, _rowStart, _position - 1 - _rowStart));
        spoil(cells);
        _position = _rowStart;
        foreach (var cell in cells)
            Text(Encoding.UTF8.GetBytes(Quoted(cell)));
        EndRow();
    }

    public void Flush()
    {
        stream.Write(_buffer, 0, _position);
        _position = _rowStart = 0;
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
