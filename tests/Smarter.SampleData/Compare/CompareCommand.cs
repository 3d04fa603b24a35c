using System.Diagnostics;
using System.Text.Json;

namespace Smarter.SampleData.Compare;

/// <summary>
/// The verb <c>compare</c>: counts every report of a state straight from its landing
/// files and compares each cell with what the site answers, JSON and page.
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
        var line = new CommandLine(
            words, "site", "jar", "state", "min-cell", "csv", "year", "school-pages", "pages", "filters");
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
            $"{state} {year}: {landed.Files:N0} files, {landed.Rows:N0} rows ({landed.Planted:N0} planted faults), "
            + $"{landed.All.Count:N0} outcomes");

        var tally = new Tally();
        using var site = new ReportingSite(new Uri(line.Required("site")), line.Required("jar"));
        var places = PlacesOf(state, year, landed, minCell);
        var questions = WithSomePages(places, (int)(line.Number("school-pages") ?? DefaultSchoolPages))
            .Concat(line.Optional("filters") == "no" ? [] : FilteredQuestions(places));
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

    /// <summary>
    /// The state, every district of its report and every school of theirs; each with the outcomes of the place.
    /// </summary>
    private static List<(ReportQuestion Question, List<LandedOutcome> Outcomes)> PlacesOf(
        string state, int year, LandedOutcomes landed, int minCell)
    {
        var all = landed.All.Where(outcome => outcome.Year == year).ToList();
        var top = new ReportQuestion(state, year, null, null, []);
        var places = new List<(ReportQuestion, List<LandedOutcome>)> { (top, all) };
        var byDistrict = all.ToLookup(outcome => outcome.DistrictId);
        foreach (var districtId in IdsOf(top, all, minCell))
        {
            var district = top with { DistrictId = districtId };
            var outcomes = byDistrict[districtId].ToList();
            places.Add((district, outcomes));
            var bySchool = outcomes.ToLookup(outcome => outcome.SchoolId);
            foreach (var schoolId in IdsOf(district, outcomes, minCell))
                places.Add((district with { SchoolId = schoolId }, bySchool[schoolId].ToList()));
        }

        return places;
    }

    private static IEnumerable<string> IdsOf(ReportQuestion question, List<LandedOutcome> outcomes, int minCell) =>
        ExpectedReport.Count(question, outcomes, minCell).Rows.Keys.Order(StringComparer.Ordinal);

    private static IEnumerable<(ReportQuestion Question, List<LandedOutcome> Outcomes, bool OnPage)> WithSomePages(
        List<(ReportQuestion Question, List<LandedOutcome> Outcomes)> places, int schoolPages)
    {
        var schools = places.Count(place => place.Question.SchoolId is not null);
        var step = schoolPages == 0 ? 0 : Math.Max(1, (schools + schoolPages - 1) / schoolPages);
        var school = 0;
        foreach (var (question, outcomes) in places)
            yield return (question, outcomes, question.SchoolId is null || (step > 0 && school++ % step == 0));
    }

    /// <summary>
    /// Each value of each filter at the state, and combinations of several, always the same, at all levels.
    /// </summary>
    private static IEnumerable<(ReportQuestion Question, List<LandedOutcome> Outcomes, bool OnPage)> FilteredQuestions(
        List<(ReportQuestion Question, List<LandedOutcome> Outcomes)> places)
    {
        var (top, all) = places[0];
        foreach (var (parameter, values) in FiltersWithGroups(all))
        {
            foreach (var value in values)
                yield return (top with { Filters = [(parameter, [value])] }, all, false);
        }

        var random = new Random(2016);
        var districts = places.Where(place => place.Question.Level == "district").ToList();
        for (var combination = 0; combination < Combinations; combination++)
        {
            var (question, outcomes) = (combination % 3) switch
            {
                0 => places[0],
                1 => districts[random.Next(districts.Count)],
                _ => places[random.Next(places.Count)],
            };
            var filters = random.GetItems(Filters, random.Next(2, 5)).DistinctBy(filter => filter.Parameter)
                .Select(filter => (filter.Parameter, (IReadOnlyList<string>)[.. random
                    .GetItems(filter.Values, random.Next(1, 4)).Distinct()]));
            yield return (question with { Filters = [.. filters] }, outcomes, false);
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
