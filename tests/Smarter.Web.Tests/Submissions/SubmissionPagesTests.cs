using System.Net;
using System.Text;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace Smarter.Web.Tests.Submissions;

/// <summary>The list of submissions and the page of one, over rows that the loader wrote.</summary>
public sealed class SubmissionPagesTests(ReportingSite site) : IClassFixture<ReportingSite>
{
    [Fact]
    public async Task A_file_under_way_shows_its_progress_in_words_and_numbers()
    {
        var id = await site.Submitted.HasAsync(new SubmittedFile
        {
            FileName = "under-way.tar.gz.gpg",
            Stage = "reading",
            Percent = 37,
            RowsRead = 41_200,
            RowsPerSecond = 9_800,
            SecondsLeft = 130,
            DelayedBy = "a full disk",
        });

        var row = RowOf(await PageAsync(ReportingSite.Loader, "/submissions"), id);
        var progress = row.QuerySelector("progress")!;

        Assert.Equal("37", progress.GetAttribute("value"));
        Assert.Equal("Progress of under-way.tar.gz.gpg", progress.GetAttribute("aria-label"));
        Assert.Contains("37\u00A0%", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("Rows are being read", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("41,200 read", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("9,800 a second", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("about 3 min left", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("Held up by: a full disk", Words(row), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ended_file_shows_its_outcome_and_its_counts()
    {
        var file = new SubmittedFile { FileName = "ended.tar.gz.gpg" };
        var id = await site.Submitted.HasAsync(file with { Receipt = SubmittedFiles.ReceiptOf(file) });

        var row = RowOf(await PageAsync(ReportingSite.Loader, "/submissions"), id);

        Assert.Equal("Loaded", row.QuerySelector(".stage")!.TextContent);
        Assert.Equal(
            ["Received 12,000", "Loaded 11,950", "Rejected 48", "Superseded 2"],
            row.QuerySelectorAll(".counts li").Select(Words));
    }

    [Theory]
    [InlineData("", "ingested failed duplicate accepted running")]
    [InlineData("show=ingested", "ingested")]
    [InlineData("show=failed", "failed")]
    [InlineData("show=duplicate", "duplicate")]
    [InlineData("show=accepted", "accepted")]
    [InlineData("show=underway", "running")]
    [InlineData("show=17", "ingested failed duplicate accepted running")]
    [InlineData("show=%27", "ingested failed duplicate accepted running")]
    public async Task The_list_can_be_narrowed_to_one_outcome(string query, string expected)
    {
        await using var own = new ReportingSite();
        await own.InitializeAsync();
        foreach (var outcome in new[] { "ingested", "failed", "duplicate" })
            await own.Submitted.HasAsync(new SubmittedFile { FileName = outcome, Outcome = outcome });
        await own.Submitted.HasAsync(new SubmittedFile { FileName = "accepted", Outcome = "accepted", IsCheck = true });
        await own.Submitted.HasAsync(new SubmittedFile { FileName = "running", Stage = "building" });

        using var client = await own.ClientOf(ReportingSite.Loader);
        var page = Parse(await client.GetStringAsync($"/submissions?{query}"));

        Assert.Equal(
            expected.Split(' ').Order(), page.QuerySelectorAll("tbody th a").Select(link => link.TextContent).Order());
    }

    [Fact]
    public async Task The_newest_come_first_and_the_older_on_the_next_pages_each_once()
    {
        await using var own = new ReportingSite();
        await own.InitializeAsync();
        var first = new DateTime(2026, 5, 4, 8, 0, 0, DateTimeKind.Utc);
        for (var i = 1; i <= 60; i++)
            await own.Submitted.HasAsync(new SubmittedFile { FileName = $"f{i:00}", ArrivedAt = first.AddSeconds(i / 2) });
        using var client = await own.ClientOf(ReportingSite.Loader);

        var seen = new List<string>();
        var sizes = new List<int>();
        for (var address = "/submissions"; address is not null;)
        {
            var page = Parse(await client.GetStringAsync(address));
            var names = page.QuerySelectorAll("tbody th a").Select(link => link.TextContent).ToList();
            seen.AddRange(names);
            sizes.Add(names.Count);
            address = page.QuerySelector("#older")?.GetAttribute("href");
        }

        Assert.Equal([25, 25, 10], sizes);
        Assert.Equal(60, seen.Distinct().Count());
        Assert.Equal("f60", seen[0]);
        Assert.Equal("f01", seen[^1]);
    }

    [Fact]
    public async Task Who_submits_for_several_states_chooses_one()
    {
        await site.Submitted.HasAsync(new SubmittedFile { FileName = "of-nc" });
        await site.Submitted.HasAsync(new SubmittedFile { FileName = "of-ca", Tenant = "ca" });

        var first = await PageAsync(ReportingSite.LoaderOfAll, "/submissions");
        var chosen = first.QuerySelectorAll("nav.chips a").Single(link => link.TextContent == "North Carolina");
        var second = await PageAsync(ReportingSite.LoaderOfAll, chosen.GetAttribute("href")!);

        Assert.Equal("Submissions for California", first.QuerySelector("h1")!.TextContent);
        Assert.Contains("of-ca", first.Body!.TextContent, StringComparison.Ordinal);
        Assert.Equal("Submissions for North Carolina", second.QuerySelector("h1")!.TextContent);
        Assert.DoesNotContain("of-ca", second.Body!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_data_administrators_have_the_entry_in_the_menu()
    {
        var administrator = await PageAsync(ReportingSite.Loader, "/submissions");
        var viewer = await PageAsync(ReportingSite.NcState, "/r/NC");

        Assert.Equal("/submissions", administrator.QuerySelector(".site-menu a")!.GetAttribute("href"));
        Assert.Null(viewer.QuerySelector(".site-menu"));
    }

    [Fact]
    public async Task The_page_of_a_submission_shows_the_receipt_with_what_to_mend()
    {
        var file = new SubmittedFile { FileName = "receipt.tar.gz.gpg" };
        var id = await site.Submitted.HasAsync(file with { Receipt = SubmittedFiles.ReceiptOf(file) });

        var page = await PageAsync(ReportingSite.Loader, $"/submissions/{id}");

        Assert.Equal("receipt.tar.gz.gpg", page.QuerySelector("h1")!.TextContent);
        Assert.Equal(
            ["12,000", "11,950", "48", "2"], page.QuerySelectorAll(".tiles dd").Select(count => count.TextContent));
        var errors = page.QuerySelectorAll("table.causes")[0].QuerySelectorAll("tbody tr");
        Assert.Equal(
            "5106 DateInvalid the value is no date | Birthdate | 45 | 3, 17, 204 | Write yyyymmdd or yyyy-mm-dd.",
            string.Join(" | ", errors[0].Children.Select(Words)));
        Assert.Equal(2, errors.Length);
        Assert.Contains(
            "SupersededInFile", page.QuerySelectorAll("table.causes")[1].TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rejected_file_says_why_and_how_to_mend_it()
    {
        var fault = new { code = 5011, name = "NotSigned", reason = "The file is not signed.", mend = "Sign it." };
        var id = await site.Submitted.HasAsync(new SubmittedFile { Outcome = "failed", Receipt = new { fault } });

        var page = await PageAsync(ReportingSite.Loader, $"/submissions/{id}");

        Assert.Equal(
            "Why the file was rejected 5011 NotSigned The file is not signed. How to mend it: Sign it.",
            Words(page.QuerySelector(".fault")!));
        Assert.DoesNotContain("No row has an error", page.Body!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_duplicate_leads_to_the_first_submission()
    {
        var first = await site.Submitted.HasAsync(new SubmittedFile());
        var id = await site.Submitted.HasAsync(
            new SubmittedFile { Outcome = "duplicate", Receipt = new { duplicate_of = first } });

        var page = await PageAsync(ReportingSite.Loader, $"/submissions/{id}");

        Assert.NotNull(page.QuerySelector($"main a[href='/submissions/{first}']"));
    }

    [Fact]
    public async Task The_json_file_is_the_receipt_and_the_csv_has_the_cells_of_the_page()
    {
        var file = new SubmittedFile { FileName = "year \"2026\".tar.gz.gpg" };
        var id = await site.Submitted.HasAsync(file with { Receipt = SubmittedFiles.ReceiptOf(file) });
        using var client = await site.ClientOf(ReportingSite.Loader);

        using var json = await client.GetAsync($"/submissions/{id}/receipt.json");
        using var csv = await client.GetAsync($"/submissions/{id}/receipt.csv");
        var lines = Encoding.UTF8.GetString(await csv.Content.ReadAsByteArrayAsync()).Split("\r\n");

        Assert.Equal("application/json", json.Content.Headers.ContentType!.MediaType);
        Assert.Contains("\"first_rows\": [3, 17, 204]", await json.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var disposition = csv.Content.Headers.ContentDisposition!;
        Assert.Equal("attachment", disposition.DispositionType);
        Assert.Equal("year \"2026\".tar.gz.gpg.receipt.csv", disposition.FileNameStar);
        Assert.Equal(
            [
                "\uFEFFKind,Code,Name,Reason,Column,Number of rows,First rows,How to mend it",
                "Rows,,Received,,,12000,,",
                "Rows,,Loaded,,,11950,,",
                "Rows,,Rejected,,,48,,",
                "Rows,,Superseded,,,2,,",
                "Errors,5106,DateInvalid,the value is no date,Birthdate,45,\"3, 17, 204\",Write yyyymmdd or yyyy-mm-dd.",
                "Errors,5101,RowWidth,\"'=the row has other values than the header\",,3,\"9, 10, 11\","
                    + "\"Often a comma in a value is not quoted, or a line is \"\"broken\"\".\"",
                "Notes,5120,SupersededInFile,\"a later row has the same student, assessment and date\",,2,\"30, 31\","
                    + "\"Nothing, if that is meant.\"",
                "",
            ], lines);
    }

    [Fact]
    public async Task A_receipt_cannot_be_downloaded_before_there_is_one()
    {
        var id = await site.Submitted.HasAsync(new SubmittedFile { Stage = "reading" });
        using var client = await site.ClientOf(ReportingSite.Loader);

        using var json = await client.GetAsync($"/submissions/{id}/receipt.json");

        Assert.Equal(HttpStatusCode.NotFound, json.StatusCode);
    }

    [Fact]
    public async Task A_refresh_gets_only_what_changes_and_does_not_lengthen_the_session()
    {
        await using var own = new ReportingSite();
        await own.InitializeAsync();
        var id = await own.Submitted.HasAsync(new SubmittedFile { Stage = "reading" });
        using var client = await own.ClientOf(ReportingSite.Loader);
        client.DefaultRequestHeaders.Add("Smarter-Refresh", "1");

        var fresh = await client.GetStringAsync($"/submissions/{id}");
        own.Clock.Advance(TimeSpan.FromMinutes(12));
        using var late = await client.GetAsync($"/submissions/{id}");
        own.Clock.Advance(TimeSpan.FromMinutes(12));
        using var ended = await client.GetAsync($"/submissions/{id}");

        Assert.DoesNotContain("<html", fresh, StringComparison.Ordinal);
        Assert.Equal("true", Parse(fresh).QuerySelector("#live")!.GetAttribute("data-live"));
        Assert.Equal(HttpStatusCode.OK, late.StatusCode);
        Assert.False(late.Headers.Contains("Set-Cookie"));
        Assert.Equal(HttpStatusCode.Found, ended.StatusCode);
    }

    [Fact]
    public async Task A_page_on_which_nothing_is_under_way_does_not_refresh_itself()
    {
        var id = await site.Submitted.HasAsync(new SubmittedFile());

        var page = await PageAsync(ReportingSite.Loader, $"/submissions/{id}");

        Assert.Equal("false", page.QuerySelector("#live")!.GetAttribute("data-live"));
    }

    [Fact]
    public async Task The_words_are_spanish_where_the_site_is_and_the_loaders_own_are_marked_as_english()
    {
        var file = new SubmittedFile { Outcome = "failed" };
        var id = await site.Submitted.HasAsync(file with { Receipt = SubmittedFiles.ReceiptOf(file) });

        var page = await PageAsync(ReportingSite.Loader, $"/submissions/{id}?lang=es");

        Assert.Equal("Rechazado", page.QuerySelector("#state")!.TextContent);
        Assert.Equal("en", page.QuerySelector("table.causes tbody small")!.GetAttribute("lang"));
    }

    private async Task<IDocument> PageAsync(string person, string address)
    {
        using var client = await site.ClientOf(person);
        return Parse(await client.GetStringAsync(address));
    }

    private static IDocument Parse(string page) => new HtmlParser().ParseDocument(page);

    private static IElement RowOf(IDocument page, Guid id) => page.GetElementById($"s-{id}")!;

    /// <summary>The text with every run of white space as one space.</summary>
    private static string Words(IElement element) => string.Join(
        ' ', element.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
