using Smarter.SampleData.Compare;
using Smarter.SampleData.Landing;

namespace Smarter.SampleData.Tests.Compare;

public sealed class LandedOutcomesTests : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_later_row_for_the_same_test_replaces_the_earlier()
    {
        Write(
            "1.csv", Row("A", "2016-04-12", level: "1"), Row("A", "20160412", level: "2"),
            Row("A", "20160413", level: "4"));
        Write("2.csv", Row("A", "20160413", level: "3"));

        var landed = new LandedOutcomes("CA", [folder.Path]);

        Assert.Equal([2, 3], landed.All.Select(outcome => outcome.Level).Order());
        Assert.Equal(4, landed.Rows);
    }

    [Fact]
    public void A_delete_removes_the_outcome_unless_its_file_brings_it_anew()
    {
        Write("1.csv", Row("A", "20160412"), Row("B", "20160412"), Row("C", "20160412"));
        Write("2.csv", Row("A", "20160412", level: "4"), Row("A", "20160412", op: "D"), Row("B", "20160412", op: "d"));

        var landed = new LandedOutcomes("CA", [folder.Path]);

        Assert.Equal([3, 4], landed.All.Select(outcome => outcome.Level).Order());
    }

    [Fact]
    public void A_row_that_cannot_be_understood_and_was_not_planted_is_an_error()
    {
        Write("1.csv", Row("A", "20160412"), Row("B", "31 February 2016"));

        var problem = Assert.Throws<InvalidDataException>(() => new LandedOutcomes("CA", [folder.Path]));

        Assert.Contains("1.csv, row 2", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_listed_as_planted_must_indeed_be_spoiled()
    {
        Write("1.csv", Row("A", "20160412"));
        File.WriteAllText(
            folder["1.planted.json"],
            """{"planted": [{"row": 1, "column": "Sex", "kind": "unknown_gender"}]}""");

        Assert.Throws<InvalidDataException>(() => new LandedOutcomes("CA", [folder.Path]));
    }

    private void Write(string name, params string[] rows) =>
        File.WriteAllText(folder[name], string.Join('\r', [string.Join(',', LandingHeaders.Assessment), .. rows]));

    private static string Row(string student, string date, string level = "3", string op = "")
    {
        var cells = new Dictionary<string, string>
        {
            ["StateAbbreviation"] = "CA",
            ["StudentIdentifier"] = student,
            ["Sex"] = "F",
            ["AssessmentGuid"] = "one",
            ["AssessmentAdministrationFinishDate"] = date,
            ["AssessmentYear"] = "2016",
            ["AssessmentType"] = "Summative",
            ["AssessmentAcademicSubject"] = "MATH",
            ["AssessmentLevelForWhichDesigned"] = "3",
            ["AssessmentPerformanceLevelIdentifier"] = level,
            ["Op"] = op,
        };
        return string.Join(',', LandingHeaders.Assessment.Select(header => cells.GetValueOrDefault(header, "")));
    }
}
