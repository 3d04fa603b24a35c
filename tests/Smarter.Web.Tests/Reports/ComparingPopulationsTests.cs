using System.Text.Json;
using Smarter.Core;
using Smarter.Testing;

namespace Smarter.Web.Tests.Reports;

/// <summary>The JSON report on real PostgreSQL.
/// Each test has a school year of its own, so that they share a database.</summary>
public sealed class ComparingPopulationsTests(ReportingSite site) : IClassFixture<ReportingSite>
{
    [Fact]
    public async Task The_state_report_counts_outcomes_by_district_and_level()
    {
        await site.Nc.HasOutcomesAsync(
            new Outcomes { Year = 2001, District = "B", DistrictName = "Birch" }, 3, 10, 20, 7);
        await site.Nc.HasOutcomesAsync(
            new Outcomes { Year = 2001, District = "A", DistrictName = "Alder", Subject = "ELA" }, 0, 0, 11);

        var report = await ReportAsync("stateCode=NC&asmtYear=2001");

        Assert.Equal(["Alder", "Birch"], Names(report));
        Assert.Equal(
            [(1, 3, 7), (2, 10, 25), (3, 20, 50), (4, 7, 18)], Levels(Subject(report, "B", "subject1")));
        Assert.Equal(40, Total(report, "B", "subject1"));
        Assert.Equal(0, Total(report, "B", "subject2"));
        Assert.Equal([(1, 0, 0), (2, 0, 0), (3, 11, 100), (4, 0, 0)], Levels(Subject(report, "A", "subject2")));
        Assert.Equal(["NC", "B"], Strings(Record(report, "B").GetProperty("params")));
    }

    [Fact]
    public async Task The_district_report_has_schools_and_the_school_report_has_grades()
    {
        var alder =
            new Outcomes { Year = 2002, District = "A2", School = "S1", SchoolName = "Alder High", Students = 20 };
        await site.Nc.HasOutcomesAsync(alder with { Grade = "12" });
        await site.Nc.HasOutcomesAsync(alder with { Grade = "05" });
        await site.Nc.HasOutcomesAsync(alder with { School = "S2", SchoolName = "Zelkova High" });
        await site.Nc.HasOutcomesAsync(alder with { District = "B2" });

        var district = await ReportAsync("stateCode=NC&districtId=A2&asmtYear=2002");
        var school = await ReportAsync("stateCode=NC&districtId=A2&schoolId=S1&asmtYear=2002");

        Assert.Equal(["Alder High", "Zelkova High"], Names(district));
        Assert.Equal(40, Total(district, "S1", "subject1"));
        Assert.Equal(["NC", "S1", "A2"], Strings(Record(district, "S1").GetProperty("params")));
        Assert.Equal(["05", "12"], Names(school));
        Assert.Equal(20, Total(school, "05", "subject1"));
    }

    [Fact]
    public async Task A_group_of_the_minimum_size_is_hidden_and_one_more_is_shown_and_the_summary_counts_both()
    {
        await site.Nc.HasOutcomesAsync(new Outcomes { Year = 2003, District = "TEN", Students = 10 });
        await site.Nc.HasOutcomesAsync(new Outcomes { Year = 2003, District = "ELEVEN", Students = 11 });

        var report = await ReportAsync("stateCode=NC&asmtYear=2003");

        Assert.Equal(-1, Total(report, "TEN", "subject1"));
        Assert.Equal(11, Total(report, "ELEVEN", "subject1"));
        Assert.Equal(21, Summary(report, "subject1").GetProperty("total").GetInt32());
        Assert.Equal(
            """{"level":1,"percentage":-1}""",
            Subject(report, "TEN", "subject1").GetProperty("intervals")[0].GetRawText());
    }

    [Fact]
    public async Task A_group_wholly_in_the_lower_levels_is_hidden_and_one_wholly_in_the_upper_levels_is_shown()
    {
        await site.Nc.HasOutcomesAsync(new Outcomes { Year = 2004, District = "LOW" }, 30, 40, 0, 0);
        await site.Nc.HasOutcomesAsync(new Outcomes { Year = 2004, District = "HIGH" }, 0, 0, 30, 40);

        var report = await ReportAsync("stateCode=NC&asmtYear=2004");

        Assert.Equal(-1, Total(report, "LOW", "subject1"));
        Assert.Equal(70, Total(report, "HIGH", "subject1"));
    }

    [Fact]
    public async Task Invalid_and_nonstandard_tests_are_left_out_and_partial_and_standardized_ones_count()
    {
        var outcomes = new Outcomes { Year = 2005, District = "C", Students = 20 };
        await site.Nc.HasOutcomesAsync(outcomes);
        await site.Nc.HasOutcomesAsync(outcomes with { Condition = "SD" });
        await site.Nc.HasOutcomesAsync(outcomes with { Complete = false });
        await site.Nc.HasOutcomesAsync(outcomes with { Condition = "IN" });
        await site.Nc.HasOutcomesAsync(outcomes with { Condition = "NS" });
        await site.Nc.HasOutcomesAsync(outcomes with { RecStatus = RecStatus.Inactive });
        await site.Nc.HasOutcomesAsync(outcomes with { RecStatus = RecStatus.Deleted });

        var report = await ReportAsync("stateCode=NC&asmtYear=2005");

        Assert.Equal(60, Total(report, "C", "subject1"));
        Assert.Equal(100, report.GetProperty("not_stated").GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task An_organization_with_interim_results_only_becomes_a_masked_record()
    {
        await site.Nc.HasOutcomesAsync(
            new Outcomes { Year = 2006, District = "SUM", DistrictName = "Summative", Students = 20 });
        await site.Nc.HasOutcomesAsync(new Outcomes
        {
            Year = 2006,
            District = "ICA",
            DistrictName = "Comprehensive",
            Type = AssessmentType.InterimComprehensive,
        });
        await site.Nc.HasOutcomesAsync(new Outcomes
        {
            Year =
                2006,
            District = "IAB",
            DistrictName = "Blocks",
            Type = AssessmentType.InterimBlocks,
            Subject = "ELA",
        });

        var report = await ReportAsync("stateCode=NC&asmtYear=2006");

        Assert.Equal(["Blocks", "Comprehensive", "Summative"], Names(report));
        Assert.Equal(-1, Total(report, "ICA", "subject1"));
        Assert.True(Subject(report, "ICA", "subject1").GetProperty("hasInterim").GetBoolean());
        Assert.Equal(0, Total(report, "ICA", "subject2"));
        Assert.False(Subject(report, "ICA", "subject2").GetProperty("hasInterim").GetBoolean());
        Assert.Equal(-1, Total(report, "IAB", "subject2"));
        Assert.Equal(
            """{"level":4,"count":-1,"percentage":-1}""",
            Subject(report, "ICA", "subject1").GetProperty("intervals")[3].GetRawText());
        Assert.False(Subject(report, "SUM", "subject2").TryGetProperty("hasInterim", out _));
    }

    [Fact]
    public async Task An_organization_with_summative_results_says_where_it_has_interim_results_besides()
    {
        await site.Nc.HasOutcomesAsync(new Outcomes { Year = 2007, District = "BOTH", Students = 20 });
        await site.Nc.HasOutcomesAsync(
            new Outcomes { Year = 2007, District = "BOTH", Subject = "ELA", Type = AssessmentType.InterimBlocks });
        await site.Nc.HasOutcomesAsync(new Outcomes { Year = 2007, District = "OTHER", Students = 20 });
        await site.Nc.HasOutcomesAsync(
            new Outcomes { Year = 2007, District = "OTHER", Type = AssessmentType.InterimComprehensive });

        var report = await ReportAsync("stateCode=NC&asmtYear=2007");

        Assert.True(Subject(report, "BOTH", "subject2").GetProperty("hasInterim").GetBoolean());
        Assert.False(Subject(report, "BOTH", "subject1").TryGetProperty("hasInterim", out _));
        Assert.False(Subject(report, "OTHER", "subject2").GetProperty("hasInterim").GetBoolean());
    }

    [Fact]
    public async Task With_a_filter_empty_organizations_disappear_and_the_others_tell_their_unfiltered_total()
    {
        var outcomes = new Outcomes { Year = 2008, District = "MIXED", Students = 20 };
        await site.Nc.HasOutcomesAsync(outcomes with { Sex = "male" });
        await site.Nc.HasOutcomesAsync(outcomes with { Sex = "female", Students = 30 });
        await site.Nc.HasOutcomesAsync(outcomes with { District = "GIRLS" });
        await site.Nc.HasOutcomesAsync(
            outcomes with { District = "INTERIM", Type = AssessmentType.InterimBlocks, Sex = "male" });

        var report = await ReportAsync("stateCode=NC&asmtYear=2008&sex=male");

        Assert.Equal(["MIXED"], Names(report));
        Assert.Equal(20, Total(report, "MIXED", "subject1"));
        Assert.Equal(50, Subject(report, "MIXED", "subject1").GetProperty("unfilteredTotal").GetInt32());
        Assert.Equal(0, Subject(report, "MIXED", "subject2").GetProperty("unfilteredTotal").GetInt32());
        Assert.Equal(70, Summary(report, "subject1").GetProperty("unfilteredTotal").GetInt32());
    }

    [Theory]
    [InlineData("sex=male", 15)]
    [InlineData("sex=not_stated", 27)]
    [InlineData("sex=male&sex=not_stated", 42)]
    [InlineData("ethnicity=0", 12)]
    [InlineData("ethnicity=0&ethnicity=3", 25)]
    [InlineData("grade=11", 14)]
    [InlineData("dmgPrgIep=Y", 16)]
    [InlineData("dmgPrgIep=NS", 17)]
    [InlineData("dmgPrgLep=Y", 16)]
    [InlineData("dmgPrg504=NS", 17)]
    [InlineData("dmgStsMig=Y&dmgStsMig=NS", 33)]
    [InlineData("dmgStsEcd=Y", 16)]
    [InlineData("complete=N", 18)]
    [InlineData("complete=NS", 19)]
    [InlineData("studentGroupId=reading-club", 20)]
    [InlineData("sex=male&ethnicity=0", 0)]
    [InlineData("ethnicity=6&grade=03&complete=Y&sex=male", 15)]
    public async Task Filters_mean_or_within_a_parameter_and_and_between_parameters(string filter, int expected)
    {
        await HasOneGroupPerAttributeAsync();

        var report = await ReportAsync($"stateCode=NC&asmtYear=2009&{filter}");

        Assert.Equal(expected, Summary(report, "subject1").GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Not_stated_counts_what_is_unknown_before_any_filter()
    {
        await HasOneGroupPerAttributeAsync();

        var notStated = (await ReportAsync("stateCode=NC&asmtYear=2009&sex=male")).GetProperty("not_stated");

        Assert.Equal(
            """{"total":167,"ethnicity":12,"sex":27,"dmgPrg504":17,"dmgPrgIep":17,"dmgPrgLep":17,"dmgStsMig":17}""",
            notStated.GetRawText());
    }

    [Fact]
    public async Task Parameters_may_come_as_a_json_body_which_wins_over_the_query()
    {
        await site.Nc.HasOutcomesAsync(new Outcomes { Year = 2010, District = "D10", Students = 20, Sex = "male" });
        using var client = await site.ClientOf(ReportingSite.NcState);

        using var answer = await client.PostAsJsonAsync(
            "/data/comparing_populations?asmtYear=1990&stateCode=NC",
            new { asmtYear = 2010, sex = new[] { "male", "female" } });
        var report = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

        Assert.Equal(20, Total(report, "D10", "subject1"));
    }

    [Fact]
    public async Task One_organization_spelled_in_two_ways_is_one_record_under_the_first_name()
    {
        await site.Nc.HasOutcomesAsync(
            new Outcomes { Year = 2011, District = "D11", DistrictName = "Oak Ridge", Students = 8 });
        await site.Nc.HasOutcomesAsync(
            new Outcomes { Year = 2011, District = "D11", DistrictName = "Oakridge", Students = 8 });

        var report = await ReportAsync("stateCode=NC&asmtYear=2011");

        Assert.Equal(["Oak Ridge"], Names(report));
        Assert.Equal(16, Total(report, "D11", "subject1"));
    }

    [Fact]
    public async Task The_newest_year_is_the_default_and_at_most_five_years_are_offered()
    {
        foreach (var year in Enumerable.Range(2030, 7))
            await site.Ca.HasOutcomesAsync(new Outcomes { Year = year, District = $"Y{year}", Students = 20 });

        var report = await site.ReportAsync(ReportingSite.CaState, "stateCode=CA");

        Assert.Equal(["Y2036"], Names(report));
        Assert.Equal(
            [2036, 2035, 2034, 2033, 2032],
            report.GetProperty("asmt_period_year").EnumerateArray().Select(year => year.GetInt32()));
    }

    [Fact]
    public async Task The_states_own_minimum_and_number_of_levels_are_used()
    {
        await using var other = new OwnMetadata(site);
        await site.Ca.HasMetadataAsync("""
            {"min_cell_size": 2, "branding": {"display": "Golden Tests"},
             "subjects": {"Math": {"colors": [{"bg_color": "#111"}, {"bg_color": "#222"}, {"bg_color": "#333"}]}}}
            """);
        await site.Ca.HasOutcomesAsync(new Outcomes { Year = 2012, District = "SMALL", Students = 3, Level = 2 });

        var report = await site.ReportAsync(ReportingSite.CaState, "stateCode=CA&asmtYear=2012");

        Assert.Equal([(1, 0, 0), (2, 3, 100), (3, 0, 0)], Levels(Subject(report, "SMALL", "subject1")));
        Assert.Equal(2, report.GetProperty("metadata").GetProperty("subject2").GetProperty("min_cell_size").GetInt32());
        Assert.Equal(
            "Golden Tests", report.GetProperty("metadata").GetProperty("branding").GetProperty("display").GetString());
        Assert.Equal(4, Subject(report, "SMALL", "subject2").GetProperty("intervals").GetArrayLength());
    }

    [Fact]
    public async Task An_outcome_outside_the_subjects_levels_neither_counts_nor_adds_levels()
    {
        var outcomes = new Outcomes { Year = 2014, District = "D14", Students = 20 };
        await site.Nc.HasOutcomesAsync(outcomes);
        await site.Nc.HasOutcomesAsync(outcomes with { Students = 1, Level = 30000 });
        await site.Nc.HasOutcomesAsync(outcomes with { Students = 1, Level = 0 });

        var report = await ReportAsync("stateCode=NC&asmtYear=2014");

        Assert.Equal([(1, 0, 0), (2, 0, 0), (3, 20, 100), (4, 0, 0)], Levels(Subject(report, "D14", "subject1")));
        Assert.Equal(20, Total(report, "D14", "subject1"));
        Assert.Equal(20, Summary(report, "subject1").GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task The_breadcrumb_names_the_way_and_is_home_alone_for_an_unknown_place()
    {
        await site.Nc.HasOutcomesAsync(new Outcomes
        {
            Year = 2013,
            District = "D13",
            DistrictName = "Oak District",
            School = "S13",
            SchoolName = "Oak School",
            Students = 20,
        });

        var school = await ReportAsync("stateCode=nc&districtId=D13&schoolId=S13&asmtYear=2013");
        var unknown = await ReportAsync("stateCode=NC&districtId=nowhere&asmtYear=2013");

        Assert.Equal(
            """[{"type":"home","name":"Home"},"""
            + """{"type":"state","name":"North Carolina","stateCode":"NC","id":"NC"},"""
            + """{"type":"district","name":"Oak District","id":"D13"},"""
            + """{"type":"school","name":"Oak School","id":"S13"}]""",
            school.GetProperty("context").GetProperty("items").GetRawText());
        Assert.Equal(
            """[{"type":"home","name":"Home"}]""", unknown.GetProperty("context").GetProperty("items").GetRawText());
        Assert.Equal(0, unknown.GetProperty("records").GetArrayLength());
    }

    [Fact]
    public async Task Permissions_tell_what_the_person_may_open_below()
    {
        var school = await site.ReportAsync(ReportingSite.NcSchool, "stateCode=NC&districtId=228&schoolId=248");
        var otherSchool = await site.ReportAsync(ReportingSite.NcSchool, "stateCode=NC&districtId=228&schoolId=242");
        var state = await site.ReportAsync(ReportingSite.NcSchool, "stateCode=NC");

        string Pii(JsonElement report) =>
            report.GetProperty("context").GetProperty("permissions").GetProperty("pii").GetRawText();
        Assert.Equal("""{"all":true,"guid":[]}""", Pii(school));
        Assert.Equal("""{"all":false,"guid":[]}""", Pii(otherSchool));
        Assert.Equal("""{"all":true}""", Pii(state));
    }

    [Fact]
    public async Task The_answer_has_eight_members_and_says_who_asked()
    {
        var report = await ReportAsync("stateCode=NC");

        Assert.Equal(
            ["metadata", "summary", "records", "subjects", "context", "asmt_period_year", "not_stated", "user_info"],
            report.EnumerateObject().Select(member => member.Name));
        Assert.Equal("""{"subject1":"Math","subject2":"ELA"}""", report.GetProperty("subjects").GetRawText());
        var info = report.GetProperty("user_info").GetProperty("_User__info");
        Assert.Equal("Nora Carolan", info.GetProperty("name").GetProperty("fullName").GetString());
        Assert.Equal("""["GENERAL","PII"]""", info.GetProperty("roles").GetRawText());
    }

    [Fact]
    public async Task Without_a_state_the_persons_first_state_is_meant()
    {
        var report = await site.ReportAsync(ReportingSite.NcState, "");

        Assert.Equal("NC", report.GetProperty("context").GetProperty("items")[1].GetProperty("stateCode").GetString());
    }

    private Task<JsonElement> ReportAsync(string query) => site.ReportAsync(ReportingSite.NcState, query);

    /// <summary>2009, once: a group of a size of its own for every attribute, with 167 outcomes in all.</summary>
    private async Task HasOneGroupPerAttributeAsync()
    {
        await groupsOf2009.WaitAsync();
        try
        {
            if (groupsOf2009Exist)
                return;
            groupsOf2009Exist = true;
            var plain = new Outcomes { Year = 2009, District = "D9" };
            await site.Nc.HasOutcomesAsync(plain with { Students = 13, Ethnicity = 3 });
            await site.Nc.HasOutcomesAsync(plain with { Students = 15, Sex = "male" });
            await site.Nc.HasOutcomesAsync(plain with { Students = 13, Sex = "NS" });
            await site.Nc.HasOutcomesAsync(plain with { Students = 14, Sex = "not_stated", Grade = "11" });
            await site.Nc.HasOutcomesAsync(plain with { Students = 12, Ethnicity = 0 });
            await site.Nc.HasOutcomesAsync(plain with { Students = 18, Complete = false });
            await site.Nc.HasOutcomesAsync(plain with { Students = 19, Complete = null });
            await site.Nc.HasOutcomesAsync(plain with { Students = 20, Group = "reading-club" });
            await site.Nc.HasOutcomesAsync(plain with
            {
                Students = 16,
                Iep = true,
                Lep = true,
                Plan504 = true,
                Migrant = true,
                Disadvantaged = true,
            });
            await site.Nc.HasOutcomesAsync(plain with
            {
                Students = 17,
                Iep = null,
                Lep = null,
                Plan504 = null,
                Migrant = null,
                Disadvantaged = null,
            });
            await site.Nc.HasOutcomesAsync(plain with { Students = 10 });
        }
        finally
        {
            groupsOf2009.Release();
        }
    }

    private static readonly SemaphoreSlim groupsOf2009 = new(1);
    private static bool groupsOf2009Exist;

    private static JsonElement Record(JsonElement report, string id) =>
        report.GetProperty("records").EnumerateArray().Single(record => record.GetProperty("id").GetString() == id);

    private static JsonElement Subject(JsonElement report, string id, string alias) =>
        Record(report, id).GetProperty("results").GetProperty(alias);

    private static JsonElement Summary(JsonElement report, string alias) =>
        report.GetProperty("summary")[0].GetProperty("results").GetProperty(alias);

    private static int Total(JsonElement report, string id, string alias) =>
        Subject(report, id, alias).GetProperty("total").GetInt32();

    private static IEnumerable<string?> Names(JsonElement report) =>
        report.GetProperty("records").EnumerateArray().Select(record => record.GetProperty("name").GetString());

    private static IEnumerable<string?> Strings(JsonElement members) =>
        members.EnumerateObject().Select(member => member.Value.GetString());

    private static IEnumerable<(int, int, int)> Levels(JsonElement subject) =>
        subject.GetProperty("intervals").EnumerateArray().Select(level => (
            level.GetProperty("level").GetInt32(),
            level.GetProperty("count").GetInt32(),
            level.GetProperty("percentage").GetInt32()));

    /// <summary>Takes California's metadata away again, for the tests that expect none.</summary>
    private sealed class OwnMetadata(ReportingSite site) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await site.Ca.HasMetadataAsync("{}");
    }
}
