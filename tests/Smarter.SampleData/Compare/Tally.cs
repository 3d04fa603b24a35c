using System.Globalization;

namespace Smarter.SampleData.Compare;

/// <summary>
/// Counts what was compared, per kind of report, and keeps the first differences. Safe for several threads.
/// </summary>
internal sealed class Tally
{
    private const int KeptDifferences = 20;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Line> lines = [];
    private readonly List<string> differences = [];

    public long Different => lines.Values.Sum(line => line.Different);

    public long Reports(string kind) => lines.TryGetValue(kind, out var line) ? line.Reports : 0;

    /// <summary>A report was fetched and is about to be compared.</summary>
    public void Report(string kind, int rows)
    {
        lock (gate)
        {
            var line = LineOf(kind);
            line.Reports++;
            line.Rows += rows;
        }
    }

    /// <summary>One value of a report.</summary>
    /// <param name="where">The report, row and cell.</param>
    public void Compare(string kind, string where, string expected, string? actual)
    {
        lock (gate)
        {
            var line = LineOf(kind);
            line.Cells++;
            if (expected == actual)
                return;
            line.Different++;
            if (differences.Count < KeptDifferences)
                differences.Add($"{kind}: {where}\n    files: {expected}\n    site:  {actual ?? "(absent)"}");
        }
    }

    /// <summary>The table, at most 80 columns wide, and below it the first differences in full.</summary>
    public void Print(TextWriter output)
    {
        output.WriteLine($"{"compared",-26}{"reports",9}{"rows",10}{"cells",11}{"equal",11}{"different",11}");
        var all = new Line();
        foreach (var (kind, line) in lines.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            output.WriteLine(line.ToString(kind));
            all.Reports += line.Reports;
            all.Rows += line.Rows;
            all.Cells += line.Cells;
            all.Different += line.Different;
        }

        output.WriteLine(all.ToString("all"));
        foreach (var difference in differences)
            output.WriteLine(difference);
        if (Different > differences.Count)
            output.WriteLine($"... and {Different - differences.Count} more");
    }

    private Line LineOf(string kind)
    {
        if (!lines.TryGetValue(kind, out var line))
            lines[kind] = line = new Line();
        return line;
    }

    private sealed class Line
    {
        public long Reports { get; set; }

        public long Rows { get; set; }

        public long Cells { get; set; }

        public long Different { get; set; }

        public string ToString(string kind) => string.Create(
            CultureInfo.InvariantCulture,
            $"{kind,-26}{Reports,9:N0}{Rows,10:N0}{Cells,11:N0}{Cells - Different,11:N0}{Different,11:N0}");
    }
}
