using Smarter.SampleData.Compare;
using Smarter.SampleData.Landing;

namespace Smarter.SampleData.Tests.Compare;

/// <summary>
/// One district, one school, grade 3: Math 4, 3, 3 and 2 students at levels 1 to 4, ELA 5 at level 3 (hidden).
/// </summary>
public sealed class CompareCommandTests : IDisposable
{
    private const string Cells = """
        {"subject1": {"asmt_subject": "Math", "total": 12, "intervals": [
            {"level": 1, "count": 4, "percentage": 33}, {"level": 2, "count": 3, "percentage": 25},
            {"level": 3, "count": 3, "percentage": 25}, {"level": 4, "count": 2, "percentage": 17}]},
         "subject2": {"asmt_subject": "ELA", "total": -1, "intervals": [
            {"level": 1, "percentage": -1}, {"level": 2, "percentage": -1},
            {"level": 3, "percentage": -1}, {"level": 4, "percentage": -1}]}}
        """;

    private const string PageCells = """
        <td data-subject="Math" data-state="shown" data-total="12" data-percent="33,25,25,17">
          <span>33%</span><span>25%</span><span>25%</span><span>17%</span></td><td>12</td>
        <td data-subject="ELA" data-state="suppressed" data-total="">Too few students</td><td></td></tr>
        """;

    private readonly Folder folder = new();
    private readonly Dictionary<string, string> answers = new()
    {
        ["/data/comparing_populations?stateCode=CA&"] = Report("D1", "Alder"),
        ["/data/comparing_populations?stateCode=CA&districtId=D1&"] = Report("S1", "Birch School"),
        ["/data/comparing_populations?stateCode=CA&districtId=D1&schoolId=S1&"] = Report("03", "03"),
        ["/r/CA?"] = Page("D1", "Alder"),
        ["/r/CA/D1?"] = Page("S1", "Birch School"),
        ["/r/CA/D1/S1?"] = Page("03", "Grade 03"),
    };

    public CompareCommandTests()
    {
        File.WriteAllText(
            folder["jar"],
            "# Netscape HTTP Cookie File\n\n#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t0\tedware\tmade-up\n");
        var levels = new[] { 1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4 }.Select(level => (Subject: "Math", Level: level))
            .Concat(Enumerable.Repeat((Subject: "ELA", Level: 3), 5));
        var rows = levels.Select((outcome, student) => Row(student, outcome.Subject, outcome.Level));
        File.WriteAllLines(folder["one.csv"], [string.Join(',', LandingHeaders.Assessment), .. rows]);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Equal_reports_of_all_levels_end_well()
    {
        var (exitCode, output) = await CompareAsync();

        Assert.True(exitCode == 0, output);
        Assert.Contains("EQUAL", output, StringComparison.Ordinal);
        Assert.All(output.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
    }

    [Theory]
    [InlineData("\"count\": 4", "\"count\": 5", "files: total=12 1:4:33%")]
    [InlineData("\"percentage\": 17", "\"percentage\": 16", "4:2:17%")]
    [InlineData("\"total\": -1", "\"total\": 5", "files: total=-1")]
    [InlineData("\"level\": 1, \"percentage\": -1", "\"level\": 1, \"count\": 0, \"percentage\": -1", "1:-:-1%")]
    [InlineData("\"total\": 17", "\"total\": 16", "not stated total")]
    [InlineData("\"name\": \"Alder\"", "\"name\": \"Elder\"", "name of D1")]
    [InlineData("\"id\": \"D1\", \"name\"", "\"id\": \"D2\", \"name\"", "ids of rows")]
    public async Task One_changed_value_in_the_JSON_is_found_and_shown(string value, string changed, string told)
    {
        ChangeLast("/data/comparing_populations?stateCode=CA&", value, changed);

        var (exitCode, output) = await CompareAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains(told, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data-total=\"12\"", "data-total=\"13\"", "total=13")]
    [InlineData("data-percent=\"33,25,25,17\"", "data-percent=\"33,25,26,16\"", "percent=33,25,26,16")]
    [InlineData("<span>17%</span>", "", "not visible: 17")]
    [InlineData("data-total=\"\"", "data-total=\"5\"", "suppressed total=5")]
    [InlineData("suppressed", "none", "none")]
    [InlineData("Birch School", "Beech School", "site:  Beech School")]
    public async Task One_changed_value_on_a_page_is_found_and_shown(string value, string changed, string told)
    {
        ChangeLast("/r/CA/D1?", value, changed);

        var (exitCode, output) = await CompareAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains("district page", output, StringComparison.Ordinal);
        Assert.Contains(told, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_that_is_not_answered_counts_as_different()
    {
        answers.Remove("/r/CA/D1/S1?");

        var (exitCode, output) = await CompareAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains("not compared at all: school page", output, StringComparison.Ordinal);
    }

    /// <summary>Replaces the last place where the value stands in the answer of this address.</summary>
    private void ChangeLast(string address, string value, string changed)
    {
        var at = answers[address].LastIndexOf(value, StringComparison.Ordinal);
        answers[address] = answers[address].Remove(at, value.Length).Insert(at, changed);
    }

    private async Task<(int ExitCode, string Output)> CompareAsync()
    {
        using var site = new RemoteSite(answers);
        await using var output = new StringWriter();
        var exitCode = await CompareCommand.RunAsync(
            [
                "--site", site.Address, "--jar", folder["jar"], "--state", "CA", "--csv", folder.Path,
                "--filters", "no",
            ],
            output, TestContext.Current.CancellationToken);
        return (exitCode, output.ToString());
    }

    private static string Report(string id, string name) => $$"""
        {"subjects": {"subject1": "Math", "subject2": "ELA"}, "asmt_period_year": [2016],
         "summary": [{"results": {{Cells}} }],
         "records": [{"rowId": "{{id}}", "id": "{{id}}", "name": "{{name}}", "results": {{Cells}},
                      "params": {"stateCode": "CA", "id": "{{id}}"} }],
         "not_stated": {"total": 17, "ethnicity": 0, "sex": 0, "dmgPrg504": 17, "dmgPrgIep": 0, "dmgPrgLep": 0,
                        "dmgStsMig": 0} }
        """;

    private static string Page(string id, string header) => $"""
        <table><tr data-id="summary"><th>All</th>{PageCells}
        <tr data-id="{id}"><th><a href="x">{header}</a></th>{PageCells}</table>
        """;

    private static string Row(int student, string subject, int level)
    {
        var cells = new Dictionary<string, string>
        {
            ["StateAbbreviation"] = "CA",
            ["ResponsibleDistrictIdentifier"] = "D1",
            ["OrganizationName"] = "Alder",
            ["ResponsibleSchoolIdentifier"] = "S1",
            ["NameOfInstitution"] = "Birch School",
            ["StudentIdentifier"] = $"{student}",
            ["Sex"] = "F",
            ["White"] = "Yes",
            ["IDEAIndicator"] = "No",
            ["LEPStatus"] = "No",
            ["MigrantStatus"] = "No",
            ["AssessmentGuid"] = subject,
            ["AssessmentAdministrationFinishDate"] = "20160412",
            ["AssessmentYear"] = "2016",
            ["AssessmentType"] = "Summative",
            ["AssessmentAcademicSubject"] = subject,
            ["AssessmentLevelForWhichDesigned"] = "3",
            ["AssessmentPerformanceLevelIdentifier"] = $"{level}",
        };
        return string.Join(',', LandingHeaders.Assessment.Select(header => cells.GetValueOrDefault(header, "")));
    }
}
