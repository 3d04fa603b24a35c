using Microsoft.Playwright;

namespace Smarter.Web.Tests.Submissions;

/// <summary>The pages of data administrators in chromium; screenshots stay in <c>.run/shots</c>.</summary>
[Trait("Category", "Browser")]
public sealed class SubmissionBrowserTests(BrowsedSite browsed) : IClassFixture<BrowsedSite>
{
    private readonly Uri address = browsed.Address;

    [Fact]
    public async Task The_progress_of_a_load_changes_without_reload_up_to_the_receipt_and_keeps_the_focus()
    {
        var file = new SubmittedFile
        {
            Tenant = "ca",
            FileName = "grade5.tar.gz.gpg",
            Stage = "reading",
            Percent = 20,
        };
        await browsed.Submitted.HasAsync(file);
        var page = await SignedInAsync(person: "Lodo Cargador");
        await page.GotoAsync($"{address}submissions");
        var row = page.Locator($"#s-{file.Id}");
        var link = row.GetByRole(AriaRole.Link, new() { Name = "grade5.tar.gz.gpg" });
        await link.FocusAsync();
        await page.EvaluateAsync("window.notReloaded = true");
        await Assertions.Expect(row.GetByRole(AriaRole.Progressbar)).ToHaveAttributeAsync("value", "20");

        await browsed.Submitted.HasAsync(file with { Percent = 64, RowsRead = 81_000, RowsPerSecond = 9_000 });
        await browsed.Submitted.HasAsync(new SubmittedFile { Tenant = "ca", FileName = "came-later.tar.gz.gpg" });
        await Assertions.Expect(row.GetByRole(AriaRole.Progressbar)).ToHaveAttributeAsync("value", "64");
        await Assertions.Expect(row).ToContainTextAsync("81,000 read");
        await Assertions.Expect(page.GetByText("came-later.tar.gz.gpg")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status).First).ToHaveTextAsync("1 file is under way.");
        await Assertions.Expect(link).ToBeFocusedAsync();

        var ended = file with { Stage = "ended" };
        await browsed.Submitted.HasAsync(ended with { Receipt = SubmittedFiles.ReceiptOf(ended) });
        await Assertions.Expect(row).ToContainTextAsync("Loaded");
        await Assertions.Expect(page.GetByRole(AriaRole.Status).First).ToHaveTextAsync("Nothing is under way.");
        Assert.True(await page.EvaluateAsync<bool>("window.notReloaded"));

        var asked = 0;
        page.Request += (_, _) => Interlocked.Increment(ref asked);
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task The_page_of_one_submission_turns_into_its_receipt_without_reload()
    {
        var file = new SubmittedFile { FileName = "grade6.tar.gz.gpg", Stage = "building", Percent = 90 };
        await browsed.Submitted.HasAsync(file);
        var page = await SignedInAsync();
        await page.GotoAsync($"{address}submissions/{file.Id}");
        await page.EvaluateAsync("window.notReloaded = document.getElementById('state')");

        var ended = file with { Stage = "ended" };
        await browsed.Submitted.HasAsync(ended with { Receipt = SubmittedFiles.ReceiptOf(ended) });

        await Assertions.Expect(page.GetByText("DateInvalid")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Loaded");
        Assert.True(await page.EvaluateAsync<bool>("window.notReloaded === document.getElementById('state')"));
    }

    [Fact]
    public async Task A_file_is_checked_with_the_keyboard_alone()
    {
        var path = Path.Combine(Path.GetTempPath(), $"keyboard-{Guid.NewGuid():N}.tar.gz");
        await File.WriteAllTextAsync(path, "not really an archive");
        var page = await SignedInAsync();
        await page.GotoAsync($"{address}submissions");

        var check = page.GetByRole(AriaRole.Link, new() { Name = "Check a file" });
        for (var tabs = 0; tabs < 20 && !await check.EvaluateAsync<bool>("e => e === document.activeElement"); tabs++)
            await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");
        var choose = page.GetByLabel("File, or CSV and JSON together");
        await choose.FocusAsync();
        var chooser = await page.RunAndWaitForFileChooserAsync(() => page.Keyboard.PressAsync("Enter"));
        await chooser.SetFilesAsync(path);
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Waiting to begin");
        await Assertions.Expect(page.GetByText("nothing of the file will be loaded")).ToBeVisibleAsync();
        File.Delete(path);
    }

    [Fact]
    public async Task Nothing_breaks_the_content_security_policy()
    {
        var file = await ShownAsync();
        var page = await SignedInAsync();
        var complaints = new List<string>();
        page.Console += (_, message) => complaints.Add(message.Text);
        page.PageError += (_, error) => complaints.Add(error);

        foreach (var view in Views(file))
            await page.GotoAsync($"{address}{view}");
        await Task.Delay(TimeSpan.FromSeconds(2.5));

        Assert.Empty(complaints);
    }

    [Theory]
    [InlineData(320, "light")]
    [InlineData(768, "dark")]
    [InlineData(1280, "light")]
    [InlineData(1280, "dark")]
    public async Task No_page_scrolls_sideways(int width, string scheme)
    {
        var file = await ShownAsync();
        var page = await SignedInAsync(new()
        {
            ViewportSize = new() { Width = width, Height = 900 },
            ColorScheme = scheme == "dark" ? ColorScheme.Dark : ColorScheme.Light,
        });

        foreach (var view in Views(file).SelectMany(view => new[] { $"{view}?lang=es", $"{view}?lang=en" }))
        {
            await page.GotoAsync($"{address}{view}");

            var overflow = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - window.innerWidth");

            Assert.True(overflow <= 0, $"{view} is {overflow} px wider than {width} px");
            var name = view.Replace(file.ToString(), "one").Replace('/', '-').Replace('?', '-');
            await page.ScreenshotAsync(new PageScreenshotOptions
            {
                Path = Path.Combine(BrowsedSite.Shots, $"{name}-{width}-{scheme}.png"),
                FullPage = true,
            });
        }
    }

    private static string[] Views(Guid file) => ["submissions", $"submissions/{file}", "submissions/check"];

    /// <summary>One submission of each kind; the one with errors and notes is returned.</summary>
    private async Task<Guid> ShownAsync()
    {
        await browsed.Submitted.HasAsync(new SubmittedFile
        {
            FileName = "spring_2026_math_grades_3_to_8_all_districts_second_delivery.tar.gz.gpg",
            Stage = "reading",
            Percent = 42,
            RowsRead = 420_000,
            RowsPerSecond = 61_300,
            SecondsLeft = 95,
            DelayedBy = "another file of this state, which came first",
        });
        await browsed.Submitted.HasAsync(new SubmittedFile
        {
            FileName = "draft.csv",
            Submitter = "loader-nc@example.org",
            IsCheck = true,
            Outcome = "accepted",
        });
        await browsed.Submitted.HasAsync(new SubmittedFile { FileName = "again.tar.gz.gpg", Outcome = "duplicate" });
        await browsed.Submitted.HasAsync(new SubmittedFile
        {
            FileName = "unsigned.tar.gz.gpg",
            Outcome = "failed",
            Receipt = new
            {
                fault = new { code = 5011, name = "NotSigned", reason = "The file is not signed.", mend = "Sign it." },
            },
        });
        var file = new SubmittedFile { FileName = "grade3_ela.tar.gz.gpg" };
        return await browsed.Submitted.HasAsync(file with { Receipt = SubmittedFiles.ReceiptOf(file) });
    }

    private async Task<IPage> SignedInAsync(BrowserNewContextOptions? options = null, string person = "Loa Dermann")
    {
        options ??= new BrowserNewContextOptions();
        options.Locale ??= "en-US";
        options.ViewportSize ??= new() { Width = 1280, Height = 900 };
        var context = await browsed.Browser.NewContextAsync(options);
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{address}demo/sign-in");
        await page.GetByRole(AriaRole.Button, new() { Name = person }).ClickAsync();
        return page;
    }
}
