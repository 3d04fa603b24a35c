using System.Text;
using System.Text.Unicode;
using Smarter.Core;

namespace Smarter.Loader.Checking;

/// <summary>Where each canonical column stands in one file.</summary>
internal sealed class CsvHeader
{
    private CsvHeader(CsvLayout layout, IReadOnlyList<int> canonical) =>
        (Layout, CanonicalOfFileColumn) = (layout, canonical);

    public CsvLayout Layout { get; }

    /// <summary>For each column of the file, in file order, its position in the layout.</summary>
    public IReadOnlyList<int> CanonicalOfFileColumn { get; }

    /// <summary>Checks a header line by loader.md §3.1:
    /// any order, any case, the optional columns may be absent.</summary>
    /// <exception cref="FileRejectedException">3003, 3005, 3006, 3009 or 3011;
    /// the place is the header concerned.</exception>
    public static CsvHeader Parse(ReadOnlySpan<byte> line, CsvLayout layout)
    {
        if (line.IsEmpty)
            throw new FileRejectedException(ErrorCode.FileHasNoData, "The CSV is empty.");
        if (!Utf8.IsValid(line) || line.Contains((byte)0))
            throw new FileRejectedException(ErrorCode.NoHeaders, "Line 1 of the CSV is not UTF-8 text.");

        var headers = Encoding.UTF8.GetString(line).Split(',').Select(name => name.Trim().Trim('"').Trim()).ToArray();
        if (headers.Length == 1)
            throw new FileRejectedException(
                ErrorCode.WrongDelimiter, "Line 1 of the CSV has no comma: values are separated by commas.");

        var canonical = layout.Columns
            .Select((column, index) => (column.Header, index))
            .ToDictionary(column => column.Header, column => column.index, StringComparer.OrdinalIgnoreCase);
        var seen = new HashSet<string>(headers, StringComparer.OrdinalIgnoreCase);
        if (!seen.Overlaps(canonical.Keys))
            throw new FileRejectedException(
                ErrorCode.NoHeaders, "Line 1 of the CSV holds no known column name: the header row is missing.");
        if (headers.GroupBy(header => header, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(same => same.Key.Length > 0 && same.Count() > 1)?.Last() is { } twice)
            throw new FileRejectedException(
                ErrorCode.DuplicateHeaders, $"Line 1 of the CSV names a column twice: {Shown(twice)}.", Shown(twice));

        var missing = canonical.Keys
            .Where(name => !seen.Contains(name) && !layout.Optional.Contains(name))
            .ToArray();
        var unknown = headers.Where(name => !canonical.ContainsKey(name)).Select(Shown).ToArray();
        if (missing.Length + unknown.Length > 0)
            throw new FileRejectedException(
                ErrorCode.HeadersMismatch, Mismatch(layout, missing, unknown), missing.Concat(unknown).First());

        return new CsvHeader(layout, Array.ConvertAll(headers, header => canonical[header]));
    }

    private static string Mismatch(CsvLayout layout, string[] missing, string[] unknown)
    {
        var parts = new List<string>();
        if (missing.Length > 0)
            parts.Add($"without {string.Join(", ", missing.Take(5))}{More(missing)}");
        if (unknown.Length > 0)
            parts.Add($"with the unknown {string.Join(", ", unknown.Take(5))}{More(unknown)}");
        return $"Line 1 of the CSV is not the {layout.Name} header: {string.Join("; ", parts)}.";
    }

    private static string More(string[] names) => names.Length > 5 ? $" and {names.Length - 5} more" : "";

    /// <summary>A file without a header row may show a student's name here,
    /// so only what looks like a header is repeated.</summary>
    private static string Shown(string header) =>
        header.Length is > 0 and <= 60 && header.All(char.IsAsciiLetterOrDigit) && header.Any(char.IsAsciiLetter)
            ? header
            : "(not shown)";
}
