using System.Text.Json;

namespace Smarter.SampleData.Compare;

/// <summary>Compares a report's JSON with what the files say.</summary>
internal static class JsonComparison
{
    private static readonly string[] Aliases = ["subject1", "subject2"];

    /// <exception cref="JsonException">This is not JSON.</exception>
    /// <exception cref="KeyNotFoundException">A key is missing; what stands before it has been compared.</exception>
    /// <exception cref="InvalidOperationException">A value is of another type; likewise.</exception>
    public static void Compare(string kind, ReportQuestion question, ExpectedReport expected, string json, Tally tally)
    {
        using var document = JsonDocument.Parse(json);
        var report = document.RootElement;
        var records = report.GetProperty("records").EnumerateArray().ToList();
        tally.Report(kind, records.Count);

        tally.Compare(
            kind, $"{question}, subjects", string.Join(',', ExpectedReport.Subjects),
            string.Join(',', Aliases.Select(alias => report.GetProperty("subjects").GetProperty(alias).GetString())));
        var years = report.GetProperty("asmt_period_year").EnumerateArray().Select(year => year.GetInt32()).ToList();
        tally.Compare(
            kind, $"{question}, years hold {question.Year}", "True", years.Contains(question.Year).ToString());
        foreach (var (key, count) in expected.NotStated)
        {
            tally.Compare(
                kind, $"{question}, not stated {key}", $"{count}",
                report.GetProperty("not_stated").GetProperty(key).GetRawText());
        }

        var summary = report.GetProperty("summary")[0].GetProperty("results");
        CompareCells(kind, $"{question}, summary", expected.Summary, summary, tally);
        CompareRows(kind, question, expected, records, tally);
    }

    private static void CompareRows(
        string kind, ReportQuestion question, ExpectedReport expected, List<JsonElement> records, Tally tally)
    {
        var order = records.Select(record => record.GetProperty("name").GetString()!).ToList();
        tally.Compare(
            kind, $"{question}, order of rows", string.Join(" | ", order.Order(StringComparer.Ordinal)),
            string.Join(" | ", order));
        var ids = records.Select(record => record.GetProperty("id").GetString()!).ToList();
        tally.Compare(
            kind, $"{question}, ids of rows", string.Join(' ', expected.Rows.Keys.Order(StringComparer.Ordinal)),
            string.Join(' ', ids.Order(StringComparer.Ordinal)));
        foreach (var record in records)
        {
            var id = record.GetProperty("id").GetString()!;
            if (!expected.Rows.TryGetValue(id, out var row))
                continue;
            var name = record.GetProperty("name").GetString()!;
            // An organisation that the files spell in several ways may bear any of the names.
            var names = row.Names.Contains(name) ? name : string.Join(" | ", row.Names);
            tally.Compare(kind, $"{question}, name of {id}", names, name);
            var parameters = record.GetProperty("params");
            tally.Compare(
                kind, $"{question}, link of {id}", $"{question.StateCode} {id}",
                $"{parameters.GetProperty("stateCode").GetString()} {parameters.GetProperty("id").GetString()}");
            CompareCells(kind, $"{question}, {id} {name}", row.Cells, record.GetProperty("results"), tally);
        }
    }

    private static void CompareCells(string kind, string where, ExpectedCell[] cells, JsonElement results, Tally tally)
    {
        for (var subject = 0; subject < cells.Length; subject++)
        {
            tally.Compare(
                kind, $"{where}, {ExpectedReport.Subjects[subject]}", cells[subject].ToString(),
                TextOf(results.GetProperty(Aliases[subject])));
        }
    }

    private static string TextOf(JsonElement cell) => ExpectedCell.Text(
        cell.GetProperty("total").GetInt32(),
        cell.GetProperty("intervals").EnumerateArray().Select(interval => (
            interval.GetProperty("level").GetInt32(),
            interval.TryGetProperty("count", out var count) ? count.GetInt32() : (int?)null,
            interval.GetProperty("percentage").GetInt32())),
        cell.TryGetProperty("hasInterim", out var hasInterim) ? hasInterim.GetBoolean() : null,
        cell.TryGetProperty("unfilteredTotal", out var unfiltered) ? unfiltered.GetInt32() : null);
}
