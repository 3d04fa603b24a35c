using System.Net;
using AngleSharp.Html.Parser;

namespace Smarter.Web.Tests.Submissions;

/// <summary>Files that a data administrator has checked, up to the row and the folder that the loader takes.</summary>
public sealed class CheckFileTests(ReportingSite site) : IClassFixture<ReportingSite>
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 31))];

    [Theory]
    [InlineData("grade 3.tar.gz.gpg", "grade 3.tar.gz.gpg")]
    [InlineData("Año_2026.TAR.GZ", "Año_2026.tar.gz")]
    public async Task An_archive_lands_whole_in_its_folder_and_is_ordered_from_the_loader(string sent, string kept)
    {
        using var client = await site.ClientOf(ReportingSite.Loader);

        using var answer = await UploadForm.SendAsync(client, "nc", (sent, Content));
        var id = IdOf(answer);
        var row = await site.Submitted.FindAsync(id);

        Assert.Equal(
            new SubmittedFiles.Ordered("nc", "loader-nc@example.org", kept, true, Content.Length, "waiting"), row);
        Assert.Equal([kept], NamesIn(id));
        Assert.Equal(Content, await File.ReadAllBytesAsync(Path.Combine(FolderOf(id), kept)));
        await EndAsync(id);
    }

    [Fact]
    public async Task A_csv_goes_with_its_json_in_either_order()
    {
        using var client = await site.ClientOf(ReportingSite.Loader);

        using var answer = await UploadForm.SendAsync(client, "nc", ("rows.json", [1, 2]), ("rows.csv", [3]));
        var id = IdOf(answer);
        var row = await site.Submitted.FindAsync(id);

        Assert.Equal("rows.csv", row.FileName);
        Assert.Equal(3, row.SizeBytes);
        Assert.Equal(["rows.csv", "rows.json"], NamesIn(id));
        await EndAsync(id);
    }

    [Fact]
    public async Task The_page_of_a_check_says_before_and_after_that_nothing_is_loaded()
    {
        using var client = await site.ClientOf(ReportingSite.Loader);
        using var answer = await UploadForm.SendAsync(client, "nc", ("rows.tar.gz", Content));
        var id = IdOf(answer);

        var before = await client.GetStringAsync(answer.Headers.Location);
        var file = new SubmittedFile { Id = id, IsCheck = true, Outcome = "accepted" };
        await site.Submitted.HasAsync(file with { Receipt = SubmittedFiles.ReceiptOf(file) });
        var after = await client.GetStringAsync(answer.Headers.Location);

        Assert.Contains("Waiting to begin", before, StringComparison.Ordinal);
        Assert.Contains("This is only a check: nothing of the file will be loaded.", before, StringComparison.Ordinal);
        Assert.Contains("Check passed", after, StringComparison.Ordinal);
        Assert.Contains("This was only a check: nothing was loaded.", after, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_upload_of_a_killed_site_left_is_removed_after_a_day()
    {
        using var client = await site.ClientOf(ReportingSite.Loader);
        DirectoryInfo Left(Guid id, int hours)
        {
            var folder = Directory.CreateDirectory(FolderOf(id));
            File.WriteAllText(Path.Combine(folder.FullName, "half.csv.partial"), "x");
            folder.LastWriteTimeUtc = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-hours);
            return folder;
        }
        var abandoned = Left(Guid.NewGuid(), hours: 25);
        var young = Left(Guid.NewGuid(), hours: 23);
        var ordered = Left(await site.Submitted.HasAsync(new SubmittedFile { IsCheck = true }), hours: 25);

        using var answer = await UploadForm.SendAsync(client, "nc", ("a.tar.gz", Content));
        await EndAsync(IdOf(answer));

        Assert.False(Directory.Exists(abandoned.FullName));
        Assert.True(Directory.Exists(young.FullName));
        Assert.True(Directory.Exists(ordered.FullName));
    }

    [Fact]
    public async Task Over_a_real_connection_a_file_may_be_as_large_as_the_setting_says_and_no_larger()
    {
        const int Limit = 40 << 20; // above Kestrel's own limit of 30 MB
        var (listening, address) = site.Listen(new() { ["Checks:MaxBytes"] = $"{Limit}" });
        await using var server = listening;
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = address };
        using var signIn = new FormUrlEncodedContent(new Dictionary<string, string> { ["person"] = "loader-nc" });
        using var signedIn = await client.PostAsync("/demo/sign-in", signIn);
        var token = await UploadForm.TokenAsync(client);
        client.DefaultRequestHeaders.TransferEncodingChunked = true;

        using var taken = await UploadForm.SendAsync(client, token, "nc", [("large.tar.gz", new byte[Limit])]);
        await EndAsync(IdOf(taken));
        using var refused = await UploadForm.SendAsync(client, token, "nc", [("larger.tar.gz", new byte[Limit + 1])]);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
    }

    [Fact]
    public async Task Without_a_folder_the_form_says_that_checking_is_not_set_up()
    {
        await using var bare = site.StartForPeople(new() { ["Checks:Folder"] = null });
        using var client = await ReportingSite.ClientOf(ReportingSite.Loader, bare);

        var page = new HtmlParser().ParseDocument(await client.GetStringAsync(UploadForm.Address));
        using var sent = await UploadForm.SendAsync(client, token: "x", "nc", [("a.tar.gz", Content)]);

        Assert.Equal("Checking files is not set up on this site.", page.QuerySelector("main .notice")!.TextContent);
        Assert.Null(page.QuerySelector("form[enctype]"));
        Assert.Equal(HttpStatusCode.NotFound, sent.StatusCode);
    }

    [Fact]
    public async Task An_upload_that_breaks_off_leaves_nothing_behind()
    {
        using var client = await site.ClientOf(ReportingSite.LoaderCa);
        var token = await UploadForm.TokenAsync(client);
        using var whole = new MultipartFormDataContent
        {
            { new StringContent(token), "\"__RequestVerificationToken\"" },
            { new StringContent("ca"), "\"tenant\"" },
            { new ByteArrayContent(Content), "\"files\"", "\"half.tar.gz\"" },
        };
        var bytes = await whole.ReadAsByteArrayAsync();
        using var half = new ByteArrayContent(bytes[..(bytes.Length / 2)]);
        half.Headers.ContentType = whole.Headers.ContentType;

        using var answer = await client.PostAsync(UploadForm.Address, half);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(site.CheckFolder, "ca")));
        Assert.Equal(0, await site.Submitted.CountOfAsync("loader-ca@example.org"));
    }

    private static Guid IdOf(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        return Guid.Parse(answer.Headers.Location!.ToString()["/submissions/".Length..]);
    }

    private string FolderOf(Guid id) => Path.Combine(site.CheckFolder, "nc", id.ToString());

    private IEnumerable<string> NamesIn(Guid id) =>
        Directory.EnumerateFiles(FolderOf(id)).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    /// <summary>Makes place for the next check of the same person.</summary>
    private async Task EndAsync(Guid id) =>
        await site.Submitted.HasAsync(new SubmittedFile { Id = id, IsCheck = true, Outcome = "accepted" });
}
