using System.Net;
using System.Net.Http.Headers;

namespace Smarter.Web.Tests.Submissions;

/// <summary>Who may see submissions and have files checked, and what no upload can do.</summary>
[Trait("Category", "Security")]
public sealed class SubmissionAccessTests(ReportingSite site) : IClassFixture<ReportingSite>
{
    private static readonly byte[] Content = [1, 2, 3];

    [Theory]
    [InlineData(ReportingSite.NcState)]
    [InlineData(ReportingSite.AllStates)]
    [InlineData(ReportingSite.Nobody)]
    public async Task Without_the_role_every_page_is_refused(string person)
    {
        var id = await site.Submitted.HasAsync(new SubmittedFile { Receipt = new { } });
        using var client = await site.ClientOf(person);

        foreach (var address in Addresses(id))
        {
            using var answer = await client.GetAsync(address);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
        using var upload = await UploadForm.SendAsync(client, token: "x", "nc", [("a.tar.gz", Content)]);
        Assert.Equal(HttpStatusCode.Forbidden, upload.StatusCode);
    }

    [Fact]
    public async Task Not_signed_in_every_page_leads_to_the_sign_in()
    {
        using var client = site.Anonymous();

        foreach (var address in Addresses(Guid.NewGuid()))
        {
            using var answer = await client.GetAsync(address);
            Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
            Assert.Contains("/demo/sign-in", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_list_holds_nothing_of_another_tenant()
    {
        await site.Submitted.HasAsync(new SubmittedFile { Tenant = "nc", FileName = "secret-of-nc" });
        using var client = await site.ClientOf(ReportingSite.LoaderCa);

        var own = await client.GetStringAsync("/submissions");
        using var other = await client.GetAsync("/submissions?state=NC");
        using var unknown = await client.GetAsync("/submissions?state=ZZ");

        Assert.DoesNotContain("secret-of-nc", own, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, unknown.StatusCode);
    }

    [Fact]
    public async Task A_submission_of_another_tenant_is_answered_like_one_that_does_not_exist()
    {
        var id = await site.Submitted.HasAsync(new SubmittedFile { Tenant = "nc", Receipt = new { } });
        using var client = await site.ClientOf(ReportingSite.LoaderCa);

        foreach (var suffix in new[] { "", "/receipt.json", "/receipt.csv" })
        {
            using var other = await client.GetAsync($"/submissions/{id}{suffix}");
            using var guessed = await client.GetAsync($"/submissions/{Guid.NewGuid()}{suffix}");

            Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, guessed.StatusCode);
            Assert.Equal(await TextOf(guessed), await TextOf(other));
        }
    }

    [Theory]
    [InlineData("../../escape.tar.gz")]
    [InlineData("..\\escape.tar.gz")]
    [InlineData("/etc/escape.tar.gz")]
    [InlineData("..tar.gz")]
    [InlineData("-oescape.tar.gz")]
    [InlineData("escape\u0001.tar.gz")]
    [InlineData("=cmd|escape.tar.gz")]
    [InlineData("escape.exe")]
    [InlineData("escape.tar.gz.partial")]
    public async Task A_name_that_is_not_plain_is_refused_and_nothing_is_written(string name)
    {
        using var client = await site.ClientOf(ReportingSite.LoaderCa);

        using var answer = await UploadForm.SendAsync(client, "ca", (name, Content));

        await AssertRefusedAsync(HttpStatusCode.BadRequest, answer);
        Assert.False(File.Exists(Path.Combine(site.CheckFolder, "escape.tar.gz")));
        Assert.False(File.Exists(Path.Combine(Path.GetTempPath(), "escape.tar.gz")));
    }

    [Fact]
    public async Task A_name_longer_than_200_bytes_is_refused()
    {
        using var client = await site.ClientOf(ReportingSite.LoaderCa);

        using var answer = await UploadForm.SendAsync(client, "ca", (new string('a', 194) + ".tar.gz", Content));

        await AssertRefusedAsync(HttpStatusCode.BadRequest, answer);
    }

    [Theory]
    [InlineData("a.csv", "b.csv")]
    [InlineData("a.json", "b.json")]
    [InlineData("a.tar.gz", "b.tar.gz")]
    [InlineData("a.tar.gz.gpg", "b.json")]
    [InlineData("a.csv")]
    [InlineData("a.json")]
    [InlineData("a.csv", "a.json", "b.json")]
    [InlineData]
    public async Task Files_that_make_no_check_are_refused_together(params string[] names)
    {
        using var client = await site.ClientOf(ReportingSite.LoaderCa);

        using var answer = await UploadForm.SendAsync(
            client, "ca", [.. names.Select(name => (name, Content))]);

        await AssertRefusedAsync(HttpStatusCode.BadRequest, answer);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task More_bytes_than_the_setting_allows_are_refused_whether_announced_or_not(bool announced)
    {
        await using var small = site.StartForPeople(new() { ["Checks:MaxBytes"] = "4096" });
        using var client = await ReportingSite.ClientOf(ReportingSite.LoaderCa, small);
        client.DefaultRequestHeaders.TransferEncodingChunked = !announced;
        var size = announced ? 200_000 : 4097;

        using var answer = await UploadForm.SendAsync(client, "ca", ("large.tar.gz", new byte[size]));

        await AssertRefusedAsync(HttpStatusCode.RequestEntityTooLarge, answer);
    }

    [Fact]
    public async Task Without_the_forms_token_nothing_is_taken()
    {
        using var client = await site.ClientOf(ReportingSite.LoaderCa);
        _ = await UploadForm.TokenAsync(client);

        using var missing = await UploadForm.SendAsync(client, token: null, "ca", [("a.tar.gz", Content)]);
        using var wrong = await UploadForm.SendAsync(client, token: "forged", "ca", [("a.tar.gz", Content)]);
        using var noForm = await client.PostAsync(UploadForm.Address, new ByteArrayContent(Content)
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") },
        });

        await AssertRefusedAsync(HttpStatusCode.BadRequest, missing);
        await AssertRefusedAsync(HttpStatusCode.BadRequest, wrong);
        await AssertRefusedAsync(HttpStatusCode.BadRequest, noForm);
    }

    [Fact]
    public async Task The_token_of_another_person_is_not_taken()
    {
        using var other = await site.ClientOf(ReportingSite.Loader);
        using var client = await site.ClientOf(ReportingSite.LoaderCa);
        _ = await UploadForm.TokenAsync(client);

        using var answer = await UploadForm.SendAsync(
            client, await UploadForm.TokenAsync(other), "ca", [("a.tar.gz", Content)]);

        await AssertRefusedAsync(HttpStatusCode.BadRequest, answer);
    }

    [Theory]
    [InlineData("nc")]
    [InlineData("../nc")]
    [InlineData("")]
    public async Task A_file_cannot_be_checked_for_another_tenant(string tenant)
    {
        using var client = await site.ClientOf(ReportingSite.LoaderCa);

        using var answer = await UploadForm.SendAsync(client, tenant, ("a.tar.gz", Content));

        await AssertRefusedAsync(HttpStatusCode.Forbidden, answer);
        Assert.False(Directory.Exists(Path.Combine(site.CheckFolder, "nc")));
    }

    [Fact]
    public async Task A_person_has_at_most_three_checks_under_way_even_when_all_come_at_once()
    {
        using var client = await site.ClientOf(ReportingSite.LoaderOfAll);
        var token = await UploadForm.TokenAsync(client);

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(
            _ => UploadForm.SendAsync(client, token, "ca", [("a.tar.gz", Content)])));

        Assert.InRange(answers.Count(answer => answer.StatusCode == HttpStatusCode.Found), 1, 3);
        Assert.All(answers, answer => Assert.True(
            answer.StatusCode is HttpStatusCode.Found or HttpStatusCode.TooManyRequests, $"{answer.StatusCode}"));
        Assert.InRange(await site.Submitted.CountOfAsync("loader-all@example.org"), 1, 3);
        while (await site.Submitted.CountOfAsync("loader-all@example.org") < 3)
            (await UploadForm.SendAsync(client, token, "ca", [("a.tar.gz", Content)])).Dispose();
        using var fourth = await UploadForm.SendAsync(client, token, "ca", [("a.tar.gz", Content)]);
        Assert.Equal(HttpStatusCode.TooManyRequests, fourth.StatusCode);
        Assert.Equal(3, await site.Submitted.CountOfAsync("loader-all@example.org"));
        Assert.Equal(3, Directory.EnumerateDirectories(Path.Combine(site.CheckFolder, "ca")).Count());
        foreach (var folder in Directory.EnumerateDirectories(Path.Combine(site.CheckFolder, "ca")))
            Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Markup_in_what_the_loader_writes_is_shown_as_text()
    {
        const string Markup = "<script>alert(1)</script>";
        var fault = new { code = 1, name = Markup, reason = Markup, mend = Markup };
        var id = await site.Submitted.HasAsync(new SubmittedFile
        {
            Tenant = "ca",
            FileName = Markup,
            Submitter = Markup,
            Outcome = "failed",
            Receipt = new { fault },
        });
        using var client = await site.ClientOf(ReportingSite.LoaderCa);

        Assert.DoesNotContain(Markup, await client.GetStringAsync("/submissions"), StringComparison.Ordinal);
        Assert.DoesNotContain(Markup, await client.GetStringAsync($"/submissions/{id}"), StringComparison.Ordinal);
    }

    private static string[] Addresses(Guid id) =>
    [
        "/submissions", "/submissions/check", $"/submissions/{id}", $"/submissions/{id}/receipt.json",
        $"/submissions/{id}/receipt.csv",
    ];

    /// <summary>The page without what is different for each request: its address, its id and its token.</summary>
    private static async Task<string> TextOf(HttpResponseMessage answer) =>
        new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync())
            .QuerySelector("main h1")!.TextContent;

    /// <summary>Nothing of the upload is on disk, and nothing is ordered.</summary>
    private async Task AssertRefusedAsync(HttpStatusCode expected, HttpResponseMessage answer)
    {
        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal(0, await site.Submitted.CountOfAsync("loader-ca@example.org"));
        var folder = Path.Combine(site.CheckFolder, "ca");
        Assert.True(!Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any());
    }
}
