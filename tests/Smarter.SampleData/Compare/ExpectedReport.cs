namespace Smarter.SampleData.Compare;

/// <summary>What a report must say, counted with plain loops (reporting.md §2.1 and §2.3).</summary>
/// <remarks>
/// A cell is kept as text, e.g. <c>total=25 1:3:12% 2:8:32% 3:10:40% 4:4:16%</c> (level, count, percentage), so that a
/// difference can be read; a count that must be absent is a hyphen.
/// </remarks>
internal sealed class ExpectedReport
{
    private const int Levels = 4;

    public static readonly string[] Subjects = ["Math", "ELA"];

    /// <param name="outcomes">At least all outcomes of the place.</param>
    /// <param name="minCell">A cell with this total or less is hidden.</param>
    public static ExpectedReport Count(ReportQuestion question, IEnumerable<LandedOutcome> outcomes, int minCell)
    {
        var here = outcomes.Where(question.Covers).ToList();
        var counted = here.Where(outcome => outcome is { Summative: true, Counts: true }).ToList();
        var wanted = counted.Where(question.Passes).ToList();
        var report = new ExpectedReport();
        (string Id, string Name) RowOf(LandedOutcome outcome) => question.Level switch
        {
            "state" => (outcome.DistrictId, outcome.DistrictName),
            "district" => (outcome.SchoolId, outcome.SchoolName),
            _ => (outcome.Grade, outcome.Grade),
        };

        var unfiltered = counted.ToLookup(outcome => RowOf(outcome).Id);
        var interim = here.Where(outcome => !outcome.Summative).ToLookup(outcome => RowOf(outcome).Id);
        var names = here.ToLookup(outcome => RowOf(outcome).Id, outcome => RowOf(outcome).Name);
        foreach (var row in wanted.GroupBy(outcome => RowOf(outcome).Id))
        {
            var cells = Subjects.Select(subject =>
            {
                var cell = Format(LevelCounts(row, subject), minCell);
                if (question.Filtered)
                    cell.UnfilteredTotal = Format(LevelCounts(unfiltered[row.Key], subject), minCell).Total;
                else if (cell.Total == 0 && interim.Contains(row.Key))
                    cell.HasInterim = interim[row.Key].Any(outcome => outcome.Subject == subject);
                return cell;
            });
            report.Rows[row.Key] = ([.. names[row.Key]], [.. cells]);
        }

        if (!question.Filtered)
        {
            foreach (var row in interim.Where(row => !report.Rows.ContainsKey(row.Key)))
            {
                var cells = Subjects.Select(subject =>
                {
                    var has = row.Any(outcome => outcome.Subject == subject);
                    return new ExpectedCell("interim", has ? -1 : 0, [.. Enumerable.Repeat((int?)-1, Levels)], -1)
                    {
                        HasInterim = has,
                    };
                });
                report.Rows[row.Key] = ([.. names[row.Key]], [.. cells]);
            }
        }

        report.Summary = [.. Subjects.Select(subject =>
        {
            var cell = Format(LevelCounts(wanted, subject), minCell);
            if (question.Filtered)
                cell.UnfilteredTotal = Format(LevelCounts(counted, subject), minCell).Total;
            return cell;
        })];
        var summative = here.Where(outcome => outcome.Summative).ToList();
        report.NotStated = new Dictionary<string, int>
        {
            ["total"] = summative.Count,
            ["ethnicity"] = summative.Count(outcome => outcome.Ethnicity == 0),
            ["sex"] = summative.Count(outcome => outcome.Sex == "not_stated"),
            ["dmgPrg504"] = summative.Count(outcome => outcome.Section504 is null),
            ["dmgPrgIep"] = summative.Count(outcome => outcome.Iep is null),
            ["dmgPrgLep"] = summative.Count(outcome => outcome.Lep is null),
            ["dmgStsMig"] = summative.Count(outcome => outcome.Migrant is null),
        };
        return report;
    }

    /// <summary>By id: every name the files give it, and the cells of Math and ELA.</summary>
    public Dictionary<string, (HashSet<string> Names, ExpectedCell[] Cells)> Rows { get; } = [];

    /// <summary>The cells of Math and ELA over all rows.</summary>
    public ExpectedCell[] Summary { get; private set; } = [];

    public Dictionary<string, int> NotStated { get; private set; } = [];

    /// <summary>
    /// Whole percentages that sum to 100: the largest remainders get the missing points, ties go to the higher level.
    /// </summary>
    public static int[] Percentages(int[] counts)
    {
        double total = counts.Sum();
        var shares = counts.Select(count => count / total * 100).ToArray();
        var whole = shares.Select(share => (int)Math.Floor(share)).ToArray();
        var order = Enumerable.Range(0, counts.Length).OrderBy(at => shares[at] - Math.Floor(shares[at])).ToArray();
        var missing = 100 - whole.Sum();
        foreach (var at in order[^missing..])
            whole[at]++;
        return whole;
    }

    private static int[] LevelCounts(IEnumerable<LandedOutcome> outcomes, string subject)
    {
        var counts = new int[Levels];
        foreach (var outcome in outcomes.Where(outcome => outcome.Subject == subject))
            counts[outcome.Level - 1]++;
        return counts;
    }

    private static ExpectedCell Format(int[] counts, int minCell)
    {
        var total = counts.Sum();
        if (total == 0)
            return new ExpectedCell("none", 0, [null, null, null, null], 0);
        if (total <= minCell || total == counts[0] + counts[1])
            return new ExpectedCell("suppressed", -1, [null, null, null, null], -1);
        return new ExpectedCell("shown", total, [.. counts.Select(count => (int?)count)], 0)
        {
            Percentages = Percentages(counts),
        };
    }
}

/// <summary>What one subject's cell of one row must hold.</summary>
internal sealed class ExpectedCell(string state, int total, int?[] counts, int samePercentage)
{
    /// <summary>
    /// shown, suppressed, interim (only interim results) or none (no results), as the page's data-state.
    /// </summary>
    public string State => HasInterim switch
    {
        true => "interim",
        false => "none",
        null => state,
    };

    /// <summary>-1 when hidden.</summary>
    public int Total => total;

    public int[] Percentages { get; init; } = [samePercentage, samePercentage, samePercentage, samePercentage];

    /// <summary>Null when the key must be absent.</summary>
    public bool? HasInterim { get; set; }

    /// <summary>Null when the key must be absent.</summary>
    public int? UnfilteredTotal { get; set; }

    public override string ToString() => Text(
        total, counts.Select((count, at) => (at + 1, count, Percentages[at])), HasInterim, UnfilteredTotal);

    /// <summary>The text of a cell, the site's or ours.</summary>
    public static string Text(
        int total, IEnumerable<(int Level, int? Count, int Percentage)> intervals, bool? hasInterim,
        int? unfilteredTotal) =>
        $"total={total}"
        + string.Concat(intervals.Select(interval => interval.Count is { } count
            ? $" {interval.Level}:{count}:{interval.Percentage}%"
            : $" {interval.Level}:-:{interval.Percentage}%"))
        + (hasInterim is { } has ? $" interim={has}" : "")
        + (unfilteredTotal is { } all ? $" of={all}" : "");
}
