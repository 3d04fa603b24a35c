using System.Net;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Smarter.Core;
using Smarter.Testing;

namespace Smarter.Web.Tests.Pages;

/// <summary>The report as a page. Each test has a school year of its own, so that they share a database.</summary>
public sealed class ReportPageTests(ReportingSite site) : IClassFixture<ReportingSite>
{
    [Fact]
    public async Task The_table_has_a_caption_the_overall_row_first_and_a_bar_with_a_sentence_in_every_cell()
    {
        await site.Nc.HasOutcomesAsync(
            new Outcomes { Year = 2001, District = "A", DistrictName = "Alder" }, 11, 39, 36, 14);
        await site.Nc.HasOutcomesAsync(
            new Outcomes { Year = 2001, District = "A", DistrictName = "Alder", Subject = "ELA" }, 0, 0, 0, 1200);

        var page = await PageAsync("/r/NC?asmtYear=2001");

        Assert.Equal("Districts in North Carolina, 2000 – 2001", page.QuerySelector("caption")!.TextContent);
        Assert.Equal(["For reference North Carolina, overall", "Alder"], RowNames(page));
        var alder = page.QuerySelectorAll("tbody tr")[1];
        Assert.Equal("L1 11 · L2 39 · L3 36 · L4 14 %", alder.QuerySelector(".numbers")!.TextContent);
        Assert.Equal(
            "Mathematics, Alder: 100 students tested; 11 percent at Level 1 (11), 39 percent at Level 2 (39), "
            + "36 percent at Level 3 (36), 14 percent at Level 4 (14).",
            alder.QuerySelector("svg[role=img]")!.GetAttribute("aria-label"));
        Assert.Equal(["100", "1,200"], alder.QuerySelectorAll("td.number").Select(cell => cell.TextContent.Trim()));
        Assert.Equal("/r/NC/A?asmtYear=2001", alder.QuerySelector("th a")!.GetAttribute("href"));
    }

    [Fact]
    public async Task Cells_say_why_they_show_no_numbers()
    {
        await site.Nc.HasOutcomesAsync(new Outcomes { Year = 2002, District = "A", Students = 10 });
        await site.Nc.HasOutcomesAsync(
            new Outcomes { Year = 2002, District = "B", Type = AssessmentType.InterimBlocks });
        await site.Nc.HasOutcomesAsync(new Outcomes { Year = 2002, District = "C", Students = 20 });

        var page = await PageAsync("/r/NC?asmtYear=2002");

        string State(int row, int subject) =>
            page.QuerySelectorAll("tbody tr")[row].QuerySelectorAll("td.subject")[subject].TextContent.Trim();
        Assert.Equal("Hidden to protect students", State(1, 0));
        Assert.Equal("No results", State(1, 1));
        Assert.Equal("Interim results only", State(2, 0));
        Assert.Equal("No results", State(2, 1));
        Assert.Equal("No results", State(0, 1));
        Assert.DoesNotContain("10", page.QuerySelectorAll("tbody tr")[1].TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_counts_replaces_the_bars_by_four_columns_of_numbers()
    {
        await site.Nc.HasOutcomesAsync(new Outcomes { Year = 2003, District = "A" }, 10, 1000, 30, 40);

        var page = await PageAsync("/r/NC?asmtYear=2003&show=counts");

        Assert.Empty(page.QuerySelectorAll("tbody svg"));
        Assert.Equal(
            ["101 %", "1,00092 %", "303 %", "404 %", "1,080"],
            page.QuerySelectorAll("tbody tr")[1].QuerySelectorAll("td").Take(5).Select(
                cell => cell.TextContent.Trim()));
        Assert.Equal("colgroup", page.QuerySelector("thead th[colspan='4']")!.GetAttribute("scope"));
        Assert.Contains(
            "show=counts", page.QuerySelector("tbody th a")!.GetAttribute("href"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_way_down_and_up_keeps_year_and_filters()
    {
        await site.Nc.HasOutcomesAsync(new Outcomes
        {
            Year = 2004,
            District = "A",
            DistrictName = "Alder",
            School = "S",
            SchoolName = "Alder High",
            Students = 20,
            Sex = "male",
        });

        var school = await PageAsync("/r/NC/A/S?asmtYear=2004&sex=male&sort=-math");

        Assert.Equal("Grades in Alder High", school.QuerySelector("h1")!.TextContent);
        Assert.Equal(
            ["North Carolina", "Alder", "Alder High"],
            school.QuerySelectorAll(".crumbs li").Select(crumb => crumb.TextContent.Trim()));
        Assert.Equal(
            ["/r/NC?asmtYear=2004&sex=male", "/r/NC/A?asmtYear=2004&sex=male"],
            school.QuerySelectorAll(".crumbs a").Select(crumb => crumb.GetAttribute("href")));
        Assert.Equal("Grade 03", RowNames(school)[1]);
        Assert.Null(school.QuerySelectorAll("tbody tr")[1].QuerySelector("th a"));
    }

    [Theory]
    [InlineData("name", new[] { "Alpha", "Beta", "Gamma", "Hidden" })]
    [InlineData("-name", new[] { "Hidden", "Gamma", "Beta", "Alpha" })]
    [InlineData("math", new[] { "Gamma", "Alpha", "Beta", "Hidden" })]
    [InlineData("-math", new[] { "Beta", "Alpha", "Gamma", "Hidden" })]
    [InlineData("mathTested", new[] { "Beta", "Gamma", "Alpha", "Hidden" })]
    [InlineData("-mathTested", new[] { "Alpha", "Gamma", "Beta", "Hidden" })]
    [InlineData("height", new[] { "Alpha", "Beta", "Gamma", "Hidden" })]
    public async Task Rows_are_ordered_by_a_column_and_cells_without_numbers_come_last(string sort, string[] expected)
    {
        if ((await PageAsync("/r/NC?asmtYear=2005")).QuerySelector("tbody tr") is null)
        {
            await site.Nc.HasOutcomesAsync(
                new Outcomes { Year = 2005, District = "A", DistrictName = "Alpha" }, 50, 0, 50, 0);
            await site.Nc.HasOutcomesAsync(
                new Outcomes { Year = 2005, District = "B", DistrictName = "Beta" }, 0, 0, 20, 0);
            await site.Nc.HasOutcomesAsync(
                new Outcomes { Year = 2005, District = "C", DistrictName = "Gamma" }, 30, 0, 10, 0);
            await site.Nc.HasOutcomesAsync(
                new Outcomes { Year = 2005, District = "D", DistrictName = "Hidden" }, 0, 0, 5, 0);
        }

        var page = await PageAsync($"/r/NC?asmtYear=2005&sort={sort}");

        Assert.Equal(expected, RowNames(page).Skip(1));
    }

    [Fact]
    public async Task A_header_sorts_upwards_first_and_then_downwards_and_says_so()
    {
        await site.Nc.HasOutcomesAsync(new Outcomes { Year = 2006, Students = 20 });

        var up = await PageAsync("/r/NC?asmtYear=2006&sort=math");
        var header = up.QuerySelectorAll("thead th")[1];

        Assert.Equal("ascending", header.GetAttribute("aria-sort"));
        Assert.Equal("/r/NC?asmtYear=2006&sort=-math", header.QuerySelector("a")!.GetAttribute("href"));
        Assert.Contains("lowest first", header.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Active_filters_are_chips_that_remove_one_value_each()
    {
        await site.Nc.HasOutcomesAsync(new Outcomes { Year = 2007, Students = 20, Ethnicity = 3 });

        var page = await PageAsync("/r/NC?asmtYear=2007&ethnicity=3&ethnicity=0&studentGroupId=none&complete=Y");

        Assert.Equal(
            [
                "Race or ethnicity: Hispanic or Latino ×", "Race or ethnicity: Not stated ×", "Completeness: Complete ×",
                "Student group: none ×",
            ],
            page.QuerySelectorAll(".chip").Select(chip => chip.TextContent.Trim()));
        Assert.Equal(
            "/r/NC?asmtYear=2007&ethnicity=0&complete=Y&studentGroupId=none",
            page.QuerySelector(".chip")!.GetAttribute("href"));
        Assert.Equal(
            "We found no results for these choices. Try another year or fewer filters.",
            page.QuerySelector(".nothing")!.TextContent);
        Assert.Equal(3, page.QuerySelectorAll(".filters input[checked]").Length);
    }

    [Fact]
    public async Task A_filtered_cell_says_of_how_many()
    {
        await site.Nc.HasOutcomesAsync(new Outcomes { Year = 2008, Students = 20, Sex = "male" });
        await site.Nc.HasOutcomesAsync(new Outcomes { Year = 2008, Students = 2000, Sex = "female", Lep = null });

        var page = await PageAsync("/r/NC?asmtYear=2008&sex=male");

        Assert.Equal(
            "20of 2,020 students", page.QuerySelectorAll("tbody tr")[1].QuerySelector("td.number")!.TextContent.Trim());
        Assert.Contains("99% have no entry", page.QuerySelector(".filters")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_earlier_year_says_so_and_offers_the_newest()
    {
        await site.Ca.HasOutcomesAsync(new Outcomes { Year = 2014, Students = 20 });
        await site.Ca.HasOutcomesAsync(new Outcomes { Year = 2015, Students = 20 });
        using var client = await site.ClientOf(ReportingSite.CaState);

        var earlier = Parse(await client.GetStringAsync("/r/CA?asmtYear=2014"));
        var newest = Parse(await client.GetStringAsync("/r/CA"));

        Assert.Equal(
            "These results are from 2013 – 2014. Go to 2014 – 2015",
            Squeeze(earlier.QuerySelector(".notice")!.TextContent));
        Assert.Equal("/r/CA", earlier.QuerySelector(".notice a")!.GetAttribute("href"));
        Assert.Null(newest.QuerySelector(".notice"));
        Assert.Equal("2014 – 2015", newest.QuerySelector("#asmtYear option[selected]")!.TextContent);
    }

    [Fact]
    public async Task An_unknown_district_shows_that_there_is_nothing()
    {
        using var client = await site.ClientOf(ReportingSite.NcState);

        using var answer = await client.GetAsync("/r/NC/nowhere");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.NotNull(Parse(await answer.Content.ReadAsStringAsync()).QuerySelector(".nothing"));
    }

    [Theory]
    [InlineData("/r/NC/a_b", HttpStatusCode.NotFound)]
    [InlineData("/r/N", HttpStatusCode.NotFound)]
    [InlineData("/r/NC/A/B/C", HttpStatusCode.NotFound)]
    [InlineData("/nowhere", HttpStatusCode.NotFound)]
    [InlineData("/r/NC?grade=99", HttpStatusCode.BadRequest)]
    [InlineData("/r/NC?asmtYear=x", HttpStatusCode.BadRequest)]
    [InlineData("/r/CA", HttpStatusCode.Forbidden)]
    [InlineData("/states", HttpStatusCode.Forbidden)]
    public async Task A_page_that_cannot_be_shown_keeps_its_status_and_gives_a_reference(
        string address, HttpStatusCode expected)
    {
        using var client = await site.ClientOf(ReportingSite.NcState);

        using var answer = await client.GetAsync(address);

        Assert.Equal(expected, answer.StatusCode);
        Assert.Matches(
            "Reference: [0-9A-Za-z:]+",
            Parse(await answer.Content.ReadAsStringAsync()).QuerySelector("main")!.TextContent);
    }

    [Fact]
    public async Task The_entry_leads_to_the_first_state_or_to_the_list_of_states()
    {
        using var state = await site.ClientOf(ReportingSite.NcState);
        using var all = await site.ClientOf(ReportingSite.AllStates);

        Assert.Equal("/go", (await state.GetAsync("/")).Headers.Location?.ToString());
        Assert.Equal("/r/NC", (await state.GetAsync("/go")).Headers.Location?.ToString());
        Assert.Equal("/states", (await all.GetAsync("/go")).Headers.Location?.ToString());
        Assert.Equal(
            ["/r/CA", "/r/NC"],
            Parse(await all.GetStringAsync("/states")).QuerySelectorAll(".states a").Select(
                link => link.GetAttribute("href")));
    }

    [Fact]
    public async Task Signed_out_the_landing_page_offers_the_sign_in()
    {
        using var client = site.Anonymous();

        var page = Parse(await client.GetStringAsync("/"));

        Assert.Equal("Test results, clearly presented", page.QuerySelector("h1")!.TextContent);
        Assert.Equal("/go", page.QuerySelector("main a.button")!.GetAttribute("href"));
        Assert.Null(page.QuerySelector("form[action='/logout']"));
    }

    [Theory]
    [InlineData("/?lang=es", null, null, "es")]
    [InlineData("/", "es", null, "es")]
    [InlineData("/", null, "es-MX,en;q=0.5", "es")]
    [InlineData("/", null, "fr, en;q=0.3, es;q=0.8", "es")]
    [InlineData("/?lang=xx", null, "vi", "en")]
    [InlineData("/?lang=en", "es", "es", "en")]
    public async Task The_language_comes_from_the_address_the_cookie_or_the_browser(
        string address, string? cookie, string? accept, string expected)
    {
        using var client = site.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (cookie is not null)
            request.Headers.Add("Cookie", $"lang={cookie}");
        if (accept is not null)
            request.Headers.Add("Accept-Language", accept);

        using var answer = await client.SendAsync(request);

        Assert.Equal(expected, Parse(await answer.Content.ReadAsStringAsync()).DocumentElement.GetAttribute("lang"));
    }

    [Fact]
    public async Task The_theme_has_the_states_colours_with_a_text_colour_that_can_be_read_and_nothing_else()
    {
        await site.Ca.HasMetadataAsync("""
            {"subjects": {"Math": {"colors": [{"bg_color": "#BB231C"}, {"bg_color": "#e4c904"}, {"bg_color": "#6aa506"},
                                               {"bg_color": "red;} body{display:none"}]}}}
            """);
        using var client = await site.ClientOf(ReportingSite.CaState);
        using var stranger = await site.ClientOf(ReportingSite.NcState);

        var css = await client.GetStringAsync("/theme/ca.css");
        using var refused = await stranger.GetAsync("/theme/ca.css");

        Assert.Contains("--math-1: #BB231C;", css, StringComparison.Ordinal);
        Assert.Contains("--math-1-text: #ffffff;", css, StringComparison.Ordinal);
        Assert.Contains("--math-3-text: #000000;", css, StringComparison.Ordinal);
        Assert.Contains("--math-4: #1b5e9c;", css, StringComparison.Ordinal);
        Assert.DoesNotContain("display", css, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        await site.Ca.HasMetadataAsync("{}");
    }

    private static IHtmlDocument Parse(string html) => new HtmlParser().ParseDocument(html);

    private static string Squeeze(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static List<string> RowNames(IHtmlDocument page) =>
        [.. page.QuerySelectorAll("tbody tr").Select(row => Squeeze(row.QuerySelector("th")!.TextContent))];

    private async Task<IHtmlDocument> PageAsync(string address)
    {
        using var client = await site.ClientOf(ReportingSite.NcState);
        return Parse(await client.GetStringAsync(address));
    }
}
