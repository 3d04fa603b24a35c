using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Smarter.SampleData.Compare;

/// <summary>
/// Compares a report's page with what the files say:
/// the attributes <c>data-id</c> of rows and <c>data-subject</c>, <c>data-state</c>, <c>data-total</c>,
/// <c>data-percent</c> of cells, and the names and numbers that a reader sees in them.
/// </summary>
internal static partial class PageComparison
{
    public static void Compare(string kind, ReportQuestion question, ExpectedReport expected, string html, Tally tally)
    {
        var rows = RowsOf(html);
        tally.Report(kind, rows.Count);
        tally.Compare(
            kind, $"{question}, ids of rows",
            string.Join(' ', expected.Rows.Keys.Append("summary").Order(StringComparer.Ordinal)),
            string.Join(' ', rows.Select(row => row.Id).Order(StringComparer.Ordinal)));
        foreach (var (id, header, cells) in rows)
        {
            if (id != "summary" && !expected.Rows.ContainsKey(id))
                continue;
            var wanted = id == "summary" ? expected.Summary : expected.Rows[id].Cells;
            if (id != "summary")
            {
                // A grade's name is part of its header, "Grade 03".
                var names = expected.Rows[id].Names;
                var name = names.FirstOrDefault(name => header.Contains(name, StringComparison.Ordinal));
                tally.Compare(
                    kind, $"{question}, header of {id}", name ?? string.Join(" | ", names), name ?? header);
            }

            for (var subject = 0; subject < wanted.Length; subject++)
            {
                var name = ExpectedReport.Subjects[subject];
                // The overall cell is "interim only" when nobody is counted and some row has interim results only.
                var state = id == "summary" && wanted[subject].Total == 0
                    && expected.Rows.Values.Any(row => row.Cells[subject].HasInterim == true)
                        ? "interim"
                        : wanted[subject].State;
                tally.Compare(
                    kind, $"{question}, {id}, {name}", TextOf(wanted[subject], state), cells.GetValueOrDefault(name));
            }
        }
    }

    private static List<(string Id, string Header, Dictionary<string, string> Cells)> RowsOf(string html)
    {
        var rows = new List<(string Id, string Header, Dictionary<string, string> Cells)>();
        var tags = Tag().Matches(html);
        for (var at = 0; at < tags.Count; at++)
        {
            var attributes = AttributesOf(tags[at].Value);
            var from = tags[at].Index + tags[at].Length;
            if (attributes.TryGetValue("data-id", out var id))
                rows.Add((id, VisibleText(html[from..EndOfCell(html, from)]).Trim(), []));
            if (attributes.TryGetValue("data-subject", out var subject) && rows.Count > 0)
            {
                rows[^1].Cells[subject] = TextOf(attributes, html[from..EndOfCell(html, from)]);
            }
        }

        return rows;
    }

    // The number assessed may stand in a table cell of its own behind the bar's.
    private static int EndOfCell(string html, int from)
    {
        var ends = new[] { " data-subject=", "</tr", " data-id=" }
            .Select(end => html.IndexOf(end, from, StringComparison.Ordinal))
            .Where(end => end >= 0);
        return ends.DefaultIfEmpty(html.Length).Min();
    }

    // Where the piece ends inside a tag, the tag's beginning is not text.
    private static string VisibleText(string html) => WebUtility.HtmlDecode(Tag().Replace(html, " ").Split('<')[0]);

    private static Dictionary<string, string> AttributesOf(string tag) => Attribute().Matches(tag)
        .DistinctBy(match => match.Groups[1].Value)
        .ToDictionary(match => match.Groups[1].Value, match => WebUtility.HtmlDecode(match.Groups[2].Value));

    private static string TextOf(ExpectedCell cell, string state) => state == "shown"
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"shown total={cell.Total} percent={string.Join(',', cell.Percentages)}, all visible")
        : $"{state}, nothing told";

    private static string TextOf(Dictionary<string, string> attributes, string inner)
    {
        var state = attributes.GetValueOrDefault("data-state");
        var total = attributes.GetValueOrDefault("data-total");
        var percent = attributes.GetValueOrDefault("data-percent");
        if (state != "shown")
        {
            // A hidden cell must not tell its numbers in attributes either.
            return total is null or "" or "-1" or "0" && string.IsNullOrEmpty(percent)
                ? $"{state}, nothing told"
                : $"{state} total={total} percent={percent}";
        }

        var seen = Number().Matches(VisibleText(inner))
            .Select(match => Separator().Replace(match.Value, "")).ToHashSet();
        var unseen = $"{percent},{total}".Split(',').Where(number => number != "0" && !seen.Contains(number)).ToList();
        return $"shown total={total} percent={percent}, "
            + (unseen.Count == 0 ? "all visible" : $"not visible: {string.Join(' ', unseen)}");
    }

    [GeneratedRegex("<[a-zA-Z/](?:[^>\"']|\"[^\"]*\"|'[^']*')*>")]
    private static partial Regex Tag();

    [GeneratedRegex("([a-zA-Z-]+)\\s*=\\s*[\"']?((?<=\")[^\"]*|(?<=')[^']*|[^\\s>\"']+)")]
    private static partial Regex Attribute();

    // English groups thousands by a comma, Spanish by a point or a blank.
    [GeneratedRegex("[0-9]{1,3}(?:[.,\u00A0\u202F][0-9]{3})+|[0-9]+")]
    private static partial Regex Number();

    [GeneratedRegex("[^0-9]")]
    private static partial Regex Separator();
}
