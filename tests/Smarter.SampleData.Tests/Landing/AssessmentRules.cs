using System.Globalization;
using System.Text.Json;

namespace Smarter.SampleData.Tests.Landing;

/// <summary>
/// The rules of loader.md §2.4-2.6 for one assessment's metadata and rows, written down for the tests alone.
/// </summary>
internal sealed class AssessmentRules
{
    private static readonly string[] JsonPaths =
    [
        "Identification.Guid", "Identification.Type", "Identification.Period", "Identification.Year",
        "Identification.Version", "Identification.Subject", "Identification.EffectiveDate", "Overall.MinScore",
        "Overall.MaxScore",
        .. new[] { "1", "2", "3", "4" }.SelectMany(claim => new[]
        {
            $"Claims.Claim{claim}.Name", $"Claims.Claim{claim}.MinScore", $"Claims.Claim{claim}.MaxScore",
        }),
        .. new[] { "1", "2", "3" }.Select(level => $"ClaimsPerformanceLevel.Level{level}.Name"),
        .. new[] { "1", "2", "3", "4", "5" }.Select(level => $"PerformanceLevels.Level{level}.Name"),
        .. new[] { "2", "3", "4", "5" }.Select(level => $"PerformanceLevels.Level{level}.CutPoint"),
    ];

    private readonly JsonElement metadata;
    private readonly HashSet<string> keys = [];

    public AssessmentRules(string json)
    {
        metadata = JsonDocument.Parse(json).RootElement;
        Assert.Equal("assessment", metadata.GetProperty("Content").GetString());
        Assert.All(JsonPaths, path => Value(path));
    }

    public void Check(Dictionary<string, string> row)
    {
        CheckStudent(row);
        Assert.Equal(Value("Identification.Guid"), row["AssessmentGuid"]);
        Assert.Equal(Value("Identification.Year"), row["AssessmentYear"]);
        Assert.Equal(Value("Identification.Subject"), row["AssessmentAcademicSubject"]);
        var type = row["AssessmentType"].ToUpperInvariant();
        Assert.StartsWith(type, Value("Identification.Type"), StringComparison.Ordinal);
        Assert.True(DateOnly.TryParseExact(row["AssessmentAdministrationFinishDate"], "yyyyMMdd", out var taken));
        Assert.InRange(taken, new DateOnly(2015, 9, 1), new DateOnly(2016, 6, 30));
        Assert.True(
            keys.Add(row["StudentIdentifier"] + row["AssessmentAdministrationFinishDate"]), "the same outcome twice");
        Assert.Contains(row["AdministrationCondition"], new[] { "", "SD", "IN", "NS" });
        Assert.Contains(row["CompleteStatus"], new[] { "", "Complete", "Partial" });
        Assert.Contains(row["Op"], new[] { "", "C", "I" });
        Assert.All(
            row.Where(cell => cell.Key.StartsWith("Accommodation", StringComparison.Ordinal)),
            cell => Assert.InRange(Number(cell.Value), 0, 26));
        CheckScores(row, type == "INTERIM ASSESSMENT BLOCK");
    }

    private static void CheckStudent(Dictionary<string, string> row)
    {
        Assert.Equal("CA", row["StateAbbreviation"]);
        Assert.Matches("^CA-D[0-9]{4}$", row["ResponsibleDistrictIdentifier"]);
        Assert.Matches($"^{row["ResponsibleDistrictIdentifier"]}-S[0-9]{{2,}}$", row["ResponsibleSchoolIdentifier"]);
        Assert.Matches("^CA-[0-9]{7}$", row["StudentIdentifier"]);
        Assert.Contains(row["Sex"], new[] { "Male", "male", "M", "Female", "female", "F", "NS", "Not Specified" });
        Assert.All(
            new[] { "FirstName", "MiddleName", "LastOrSurname" }, name => Assert.InRange(row[name].Length, 0, 35));
        Assert.All(
            new[] { "OrganizationName", "NameOfInstitution" }, name => Assert.InRange(row[name].Length, 1, 60));
        Assert.All(
            row.Where(cell => cell.Key.StartsWith("Group", StringComparison.Ordinal)),
            cell => Assert.Matches("^[a-zA-Z0-9 -]{0,40}$", cell.Value));
        var answers = row.SkipWhile(cell => cell.Key != "HispanicOrLatinoEthnicity")
            .TakeWhile(cell => cell.Key != "Group1Id").ToList();
        Assert.Equal(12, answers.Count);
        Assert.All(answers, cell => Assert.Contains(cell.Value, new[] { "Yes", "No", "" }));

        var grade = Number(row["GradeLevelWhenAssessed"]);
        Assert.Contains(grade, new[] { 3, 4, 5, 6, 7, 8, 11 });
        Assert.Equal(row["GradeLevelWhenAssessed"], row["AssessmentLevelForWhichDesigned"]);
        if (row["Birthdate"].Length > 0)
        {
            var born = DateOnly.ParseExact(row["Birthdate"], "yyyyMMdd", CultureInfo.InvariantCulture);
            Assert.InRange(born, new DateOnly(2016 - grade - 8, 9, 1), new DateOnly(2016 - grade - 6, 8, 31));
        }
    }

    private void CheckScores(Dictionary<string, string> row, bool block)
    {
        var overall = row.SkipWhile(cell => cell.Key != "AssessmentSubtestResultScoreValue").Take(4)
            .Select(cell => cell.Value).ToList();
        if (block)
            Assert.All(overall, Assert.Empty);
        else
        {
            var (score, low, high) = (Number(overall[0]), Number(overall[1]), Number(overall[2]));
            Assert.InRange(score, low, high);
            Assert.InRange(low, Number(Value("Overall.MinScore")), score);
            Assert.InRange(high, score, Number(Value("Overall.MaxScore")));
            var reached = new[] { 2, 3, 4 }
                .Count(level => score >= Number(Value($"PerformanceLevels.Level{level}.CutPoint")));
            Assert.Equal(1 + reached, Number(overall[3]));
        }

        for (var claim = 1; claim <= 4; claim++)
        {
            var cells = new[]
            {
                row[$"AssessmentSubtestResultScoreClaim{claim}Value"],
                row[$"AssessmentSubtestClaim{claim}MinimumValue"],
                row[$"AssessmentSubtestClaim{claim}MaximumValue"],
                row[$"AssessmentClaim{claim}PerformanceLevelIdentifier"],
            };
            if (Value($"Claims.Claim{claim}.Name").Length == 0)
            {
                Assert.All(cells, Assert.Empty);
                continue;
            }

            Assert.InRange(Number(cells[0]), Number(cells[1]), Number(cells[2]));
            Assert.InRange(Number(cells[3]), 1, 3);
        }
    }

    private string Value(string path)
    {
        var at = metadata;
        foreach (var step in path.Split('.'))
            at = at.GetProperty(step);
        return at.ToString();
    }

    private static int Number(string cell) => int.Parse(cell, CultureInfo.InvariantCulture);
}
