using System.Diagnostics;
using System.Text.Json;

namespace Smarter.SampleData.Compare;

/// <summary>
/// The verb <c>compare</c>: counts every report of a state straight from its landing files and compares each cell with what
/// the site answers, JSON and page.
/// </summary>
internal static class CompareCommand
{
    private const int Fetches = 4;
    private const int DefaultSchoolPages = 20;
    private const int DefaultMinCell = 10;
    private const int Combinations = 20;

    private static readonly string[] YesNoNotStated = ["Y", "N", "NS"];

    private static readonly (string Parameter, string[] Values)[] Filters =
    [
        ("dmgPrgIep", YesNoNotStated), ("dmgPrgLep", YesNoNotStated), ("dmgPrg504", YesNoNotStated),
        ("dmgStsMig", YesNoNotStated), ("dmgStsEcd", ["Y", "N"]), ("complete", YesNoNotStated),
        ("ethnicity", ["0", "1", "2", "3", "4", "5", "6", "7"]), ("grade", ["03", "04", "05", "06", "07", "08", "11"]),
        ("sex", ["male", "female", "not_stated"]),
    ];

    /// <returns>0 when everything is equal and at least one report of each level was compared; 1 otherwise.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> words, TextWriter output, CancellationToken cancellation)
    {
        var line = new CommandLine(words, "site", "jar", "state", "min-cell", "csv", "year", "school-pages", "pages");
        var clock = Stopwatch.StartNew();
        var state = line.Required("state").ToUpperInvariant();
        _ = line.Required("csv");
        var landed = new LandedOutcomes(state, line.All("csv"));
        if (landed.All.Count == 0)
            throw new UsageException("--csv names no folder with assessment files");
        var year = (int)(line.Number("year") ?? landed.All.Max(outcome => outcome.Year));
        // A tenant whose metadata say 0 or nothing hides cells of up to 10.
        var minCell = (int)(line.Number("min-cell") ?? 0) is > 0 and var given ? given : DefaultMinCell;
        var withPages = line.Optional("pages") != "no";
        output.WriteLine(
            $"{state} {year}: {landed.Files:N0} files, {landed.Rows:N0} rows, {landed.Planted:N0} of them planted faults, "
            + $"{landed.All.Count:N0} outcomes");

        var tally = new Tally();
        using var site = new ReportingSite(new Uri(line.Required("site")), line.Required("jar"));
        var questions = QuestionsOf(state, year, landed, minCell, (int)(line.Number("school-pages") ?? DefaultSchoolPages));
        await Parallel.ForEachAsync(
            questions,
            new ParallelOptions { MaxDegreeOfParallelism = Fetches, CancellationToken = cancellation },
            async (question, stop) =>
            {
                var (asked, outcomes, onPage) = question;
                var expected = ExpectedReport.Count(asked, outcomes, minCell);
                var kind = asked.Filtered ? $"{asked.Level} filtered" : asked.Level;
                await CompareAsync(site, asked.JsonAddress, kind, asked, tally,
                    json => JsonComparison.Compare(kind, asked, expected, json, tally), stop);
                if (!onPage || !withPages)
                    return;
                await CompareAsync(site, asked.PageAddress, $"{kind} page", asked, tally,
                    html => PageComparison.Compare($"{kind} page", asked, expected, html, tally), stop);
            });

        tally.Print(output);
        string[] wanted = ["state", "district", "school"];
        var missing = wanted.Concat(withPages ? wanted.Select(kind => $"{kind} page") : [])
            .Where(kind => tally.Reports(kind) == 0).ToList();
        var equal = tally.Different == 0 && missing.Count == 0;
        if (missing.Count > 0)
            output.WriteLine($"not compared at all: {string.Join(", ", missing)}");
        output.WriteLine($"{(equal ? "EQUAL" : "DIFFERENT")} after {clock.Elapsed.TotalSeconds:0.0} s");
        return equal ? 0 : 1;
    }

    private static async Task CompareAsync(
        ReportingSite site, string address, string kind, ReportQuestion question, Tally tally, Action<string> compare,
        CancellationToken cancellation)
    {
        try
        {
            compare(await site.GetAsync(address, cancellation));
        }
        catch (Exception problem) when (problem is HttpRequestException or JsonException or KeyNotFoundException
            or InvalidOperationException or FormatException or IndexOutOfRangeException
            || (problem is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            tally.Compare(kind, $"{question} ({address})", "an answer", problem.Message);
        }
    }

    /// <summary>The state, everything below it, each filter value at the state, and combinations anywhere.</summary>
    private static IEnumerable<(ReportQuestion Question, IReadOnlyCollection<LandedOutcome> Outcomes, bool OnPage)>
        QuestionsOf(string state, int year, LandedOutcomes landed, int minCell, int schoolPages)
    {
        var all = landed.All.Where(outcome => outcome.Year == year).ToList();
        var top = new ReportQuestion(state, year, null, null, []);
        var places = new List<(ReportQuestion Question, IReadOnlyCollection<LandedOutcome> Outcomes)> { (top, all) };
        var byDistrict = all.GroupBy(outcome => outcome.DistrictId).ToDictionary(group => group.Key, group => group.ToList());
        foreach (var districtId in ExpectedReport.Count(top, all, minCell).Rows.Keys.Order(StringComparer.Ordinal))
        {
            var district = top with { DistrictId = districtId };
            places.Add((district, byDistrict[districtId]));
            var bySchool = byDistrict[districtId].ToLookup(outcome => outcome.SchoolId);
            foreach (var schoolId in ExpectedReport.Count(district, byDistrict[districtId], minCell).Rows.Keys
                         .Order(StringComparer.Ordinal))
                places.Add((district with { SchoolId = schoolId }, bySchool[schoolId].ToList()));
        }

        var schools = places.Count(place => place.Question.SchoolId is not null);
        var school = 0;
        foreach (var (question, outcomes) in places)
        {
            // Every so many schools one page, evenly over the state.
            var onPage = question.SchoolId is null
                || (schoolPages > 0 && school++ % Math.Max(1, (schools + schoolPages - 1) / schoolPages) == 0);
            yield return (question, outcomes, onPage);
        }

        foreach (var (parameter, values) in FiltersWithGroups(all))
        {
            foreach (var value in values)
                yield return (top with { Filters = [(parameter, [value])] }, all, OnPage: false);
        }

        var random = new Random(2016);
        for (var combination = 0; combination < Combinations; combination++)
        {
            var (question, outcomes) = places[combination % 3 == 0 ? 0 : random.Next(places.Count)];
            var filters = random.GetItems(Filters, random.Next(2, 5)).DistinctBy(filter => filter.Parameter)
                .Select(filter => (filter.Parameter, (IReadOnlyList<string>)[.. random
                    .GetItems(filter.Values, random.Next(1, 4)).Distinct()]));
            yield return (question with { Filters = [.. filters] }, outcomes, OnPage: false);
        }
    }

    private static IEnumerable<(string Parameter, string[] Values)> FiltersWithGroups(List<LandedOutcome> outcomes)
    {
        var groups = outcomes.SelectMany(outcome => outcome.Groups).CountBy(id => id)
            .OrderByDescending(group => group.Value).ThenBy(group => group.Key, StringComparer.Ordinal)
            .Take(2).Select(group => group.Key);
        return Filters.Append(("studentGroupId", groups.ToArray()));
    }
}
