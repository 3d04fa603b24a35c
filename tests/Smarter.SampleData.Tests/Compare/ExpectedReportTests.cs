using Smarter.SampleData.Compare;

namespace Smarter.SampleData.Tests.Compare;

public sealed class ExpectedReportTests
{
    private static readonly ReportQuestion State = new("CA", 2016, null, null, []);

    [Theory]
    [InlineData(new[] { 1362, 4798, 959, 2881 }, new[] { 14, 48, 9, 29 })]
    [InlineData(new[] { 3, 1, 2, 2 }, new[] { 37, 13, 25, 25 })]
    [InlineData(new[] { 1, 1, 1 }, new[] { 33, 33, 34 })]
    [InlineData(new[] { 1, 1, 1, 1, 1, 1 }, new[] { 16, 16, 17, 17, 17, 17 })]
    public void Percentages_sum_to_100_and_ties_go_to_the_higher_level(int[] counts, int[] expected)
    {
        Assert.Equal(expected, ExpectedReport.Percentages(counts));
    }

    [Fact]
    public void A_cell_is_hidden_up_to_the_minimum_and_when_everybody_is_in_the_lower_half()
    {
        LandedOutcome[] outcomes =
        [
            .. Outcomes("Alder", level: 3, students: 10),
            .. Outcomes("Birch", level: 3, students: 11),
            .. Outcomes("Cedar", level: 2, students: 30),
            .. Outcomes("Dogwood", level: 3, students: 1, subject: "ELA"),
        ];

        var report = ExpectedReport.Count(State, outcomes, minCell: 10);

        Assert.Equal("total=-1 1:-:-1% 2:-:-1% 3:-:-1% 4:-:-1%", Math(report, "Alder"));
        Assert.Equal("total=11 1:0:0% 2:0:0% 3:11:100% 4:0:0%", Math(report, "Birch"));
        Assert.Equal("total=-1 1:-:-1% 2:-:-1% 3:-:-1% 4:-:-1%", Math(report, "Cedar"));
        Assert.Equal("total=0 1:-:0% 2:-:0% 3:-:0% 4:-:0%", Math(report, "Dogwood"));
        Assert.Equal("total=51 1:0:0% 2:30:59% 3:21:41% 4:0:0%", report.Summary[0].ToString());
    }

    [Fact]
    public void Invalid_and_non_standard_tests_count_as_not_stated_only()
    {
        LandedOutcome[] outcomes =
        [
            .. Outcomes("Alder", level: 3, students: 11),
            .. Outcomes("Alder", level: 4, students: 5)
                .Select(outcome => outcome with { Counts = false, Sex = "not_stated" }),
        ];

        var report = ExpectedReport.Count(State, outcomes, minCell: 10);

        Assert.Equal("total=11 1:0:0% 2:0:0% 3:11:100% 4:0:0%", Math(report, "Alder"));
        Assert.Equal(16, report.NotStated["total"]);
        Assert.Equal(5, report.NotStated["sex"]);
    }

    [Fact]
    public void A_district_with_interim_results_alone_is_a_row_without_numbers()
    {
        LandedOutcome[] outcomes =
        [
            .. Outcomes("Alder", level: 3, students: 11),
            .. Outcomes("Birch", level: 0, students: 4).Select(outcome => outcome with { Summative = false }),
            .. Outcomes("Alder", level: 0, students: 1, subject: "ELA")
                .Select(outcome => outcome with { Summative = false }),
        ];

        var report = ExpectedReport.Count(State, outcomes, minCell: 10);

        Assert.Equal("total=-1 1:-1:-1% 2:-1:-1% 3:-1:-1% 4:-1:-1% interim=True", Math(report, "Birch"));
        Assert.Equal(
            "total=0 1:-1:-1% 2:-1:-1% 3:-1:-1% 4:-1:-1% interim=False", report.Rows["Birch"].Cells[1].ToString());
        Assert.Equal("total=11 1:0:0% 2:0:0% 3:11:100% 4:0:0%", Math(report, "Alder"));
        Assert.Equal(
            "total=0 1:-:0% 2:-:0% 3:-:0% 4:-:0% interim=True", report.Rows["Alder"].Cells[1].ToString());
    }

    [Fact]
    public void A_filter_leaves_out_rows_without_a_match_and_tells_the_unfiltered_total()
    {
        LandedOutcome[] outcomes =
        [
            .. Outcomes("Alder", level: 3, students: 20),
            .. Outcomes("Alder", level: 4, students: 15).Select(outcome => outcome with { Iep = true }),
            .. Outcomes("Birch", level: 4, students: 15),
        ];

        var report = ExpectedReport.Count(State with { Filters = [("dmgPrgIep", ["Y"])] }, outcomes, minCell: 10);

        Assert.Equal(["Alder"], report.Rows.Keys);
        Assert.Equal("total=15 1:0:0% 2:0:0% 3:0:0% 4:15:100% of=35", Math(report, "Alder"));
        Assert.Equal("total=15 1:0:0% 2:0:0% 3:0:0% 4:15:100% of=50", report.Summary[0].ToString());
    }

    [Fact]
    public void Values_of_one_filter_are_alternatives_and_an_empty_cell_is_not_stated()
    {
        LandedOutcome[] outcomes =
        [
            .. Outcomes("Alder", level: 3, students: 3).Select(outcome => outcome with { Lep = null, Ethnicity = 2 }),
            .. Outcomes("Alder", level: 3, students: 4).Select(outcome => outcome with { Lep = true, Ethnicity = 2 }),
            .. Outcomes("Alder", level: 3, students: 5).Select(outcome => outcome with { Lep = true, Ethnicity = 6 }),
            .. Outcomes("Alder", level: 3, students: 6).Select(outcome => outcome with { Lep = false, Ethnicity = 2 }),
        ];
        var question = State with { Filters = [("dmgPrgLep", ["Y", "NS"]), ("ethnicity", ["2", "1"])] };

        var report = ExpectedReport.Count(question, outcomes, minCell: 1);

        Assert.Equal("total=7 1:0:0% 2:0:0% 3:7:100% 4:0:0% of=18", Math(report, "Alder"));
    }

    private static string Math(ExpectedReport report, string district) => report.Rows[district].Cells[0].ToString();

    private static IEnumerable<LandedOutcome> Outcomes(
        string district, int level, int students, string subject = "Math") =>
        Enumerable.Repeat(
            new LandedOutcome(
                district, district, $"{district}-S01", "School", subject, "03", 2016, Summative: true, Counts: true,
                level, "female", 6, Iep: false, Lep: false, Section504: false, Disadvantaged: false, Migrant: false,
                Complete: true, []),
            students);
}
