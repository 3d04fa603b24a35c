using System.Text;

namespace Smarter.SampleData.Compare;

/// <summary>
/// Reads CSV the plain way, one character after the other: CR, LF or CRLF, quotes, quotes doubled inside.
/// </summary>
internal static class CsvRecords
{
    /// <returns>The records in order, the header first; empty lines are left out.</returns>
    public static IEnumerable<List<string>> Read(TextReader text)
    {
        var record = new List<string>();
        var cell = new StringBuilder();
        var quoted = false;
        for (var read = text.Read(); read >= 0; read = text.Read())
        {
            var character = (char)read;
            if (quoted)
            {
                if (character != '"')
                    cell.Append(character);
                else if (text.Peek() == '"')
                    cell.Append((char)text.Read());
                else
                    quoted = false;
            }
            else if (character == '"')
                quoted = true;
            else if (character == ',')
                EndCell(record, cell);
            else if (character is '\r' or '\n')
            {
                // The LF of a CRLF ends an empty line, and empty lines do not count.
                EndCell(record, cell);
                if (record is not [""])
                    yield return record;
                record = [];
            }
            else
                cell.Append(character);
        }

        EndCell(record, cell);
        if (record is not [""])
            yield return record;
    }

    private static void EndCell(List<string> record, StringBuilder cell)
    {
        record.Add(cell.ToString());
        cell.Clear();
    }
}
