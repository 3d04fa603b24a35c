using Microsoft.Playwright;

namespace Smarter.Web.Tests;

/// <summary>The pages in Debian's chromium, over the site on a real port; screenshots stay in
/// <c>.run/shots</c>.</summary>
[Trait("Category", "Browser")]
public sealed class BrowserTests(BrowsedSite browsed) : IClassFixture<BrowsedSite>
{
    private readonly Uri address = browsed.Address;

    [Fact]
    public async Task A_person_signs_in_goes_down_to_a_school_changes_the_year_and_the_language()
    {
        var page = await PageAsync();

        await page.GotoAsync(address.ToString());
        await ShootAsync(page, "landing");
        await page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
        await ShootAsync(page, "sign-in");
        await page.GetByRole(AriaRole.Button, new() { Name = "Nora Carolan" }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(
            "Districts in North Carolina");
        await Assertions.Expect(Row(page, "Alder Unified")).ToContainTextAsync("L1 11 · L2 23 · L3 39 · L4 27 %");
        await Assertions.Expect(Row(page, "Cedar Falls")).ToContainTextAsync("Hidden to protect students");
        await ShootAsync(page, "state");

        await page.GetByRole(AriaRole.Link, new() { Name = "Alder Unified" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(
            "Schools in Alder Unified");
        await page.GetByRole(AriaRole.Link, new() { Name = "Alder Elementary" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(
            "Grades in Alder Elementary");
        await Assertions.Expect(Row(page, "Grade 03")).ToContainTextAsync("L1 11 · L2 23 · L3 39 · L4 27 %");
        await ShootAsync(page, "school");

        await page.GetByLabel("School year").SelectOptionAsync("2015");
        await Assertions.Expect(page.GetByText("These results are from 2014 – 2015.")).ToBeVisibleAsync();
        await Assertions.Expect(Row(page, "Grade 03")).ToContainTextAsync("L1 0 · L2 0 · L3 50 · L4 50 %");
        Assert.Contains("asmtYear=2015", page.Url, StringComparison.Ordinal);
        await ShootAsync(page, "earlier-year");

        await page.GetByRole(AriaRole.Button, new() { Name = "Español" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(
            "Grados de Alder Elementary");
        await Assertions.Expect(Row(page, "Grado 03")).ToContainTextAsync("N1 0 · N2 0 · N3 50 · N4 50 %");
        Assert.Contains("asmtYear=2015", page.Url, StringComparison.Ordinal);
        await page.GotoAsync($"{address}r/NC");
        await ShootAsync(page, "state-spanish");

        await page.GetByRole(AriaRole.Button, new() { Name = "Cerrar sesión" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Iniciar sesión" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Nothing_on_the_page_breaks_the_content_security_policy_or_comes_from_elsewhere()
    {
        var page = await SignedInAsync();
        var complaints = new List<string>();
        page.Console += (_, message) => complaints.Add(message.Text);
        page.PageError += (_, error) => complaints.Add(error);
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(address.ToString(), StringComparison.Ordinal))
                complaints.Add(request.Url);
        };

        foreach (var view in new[] { "r/NC", "r/NC?show=counts", "r/NC/ALDER?sort=-math", "states", "error/404" })
            await page.GotoAsync($"{address}{view}");

        Assert.DoesNotContain(complaints, complaint => !complaint.Contains("40", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(320)]
    [InlineData(768)]
    [InlineData(1280)]
    public async Task No_page_scrolls_sideways(int width)
    {
        var page = await SignedInAsync(new() { ViewportSize = new() { Width = width, Height = 900 } });

        var views =
            new[] { "r/NC?lang=en", "r/NC?show=counts", "r/NC?lang=es", "r/NC?show=counts&lang=es", "demo/sign-in" };
        foreach (var view in views)
        {
            await page.GotoAsync($"{address}{view}");

            var overflow = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - window.innerWidth");

            Assert.True(overflow <= 0, $"{view} is {overflow} px wider than {width} px");
            await ShootAsync(page, $"{width}-{view.Replace('/', '-').Replace('?', '-').Replace('&', '-')}");
        }
    }

    [Fact]
    public async Task The_page_can_be_used_with_the_keyboard_alone()
    {
        var page = await SignedInAsync();
        await page.GotoAsync($"{address}r/NC");

        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.Locator(".skip")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Link, new() { Name = "Alder Unified" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(
            "Schools in Alder Unified");
    }

    [Fact]
    public async Task It_looks_right_in_the_dark_with_panels_open_and_on_paper()
    {
        var dark = await SignedInAsync(new() { ColorScheme = ColorScheme.Dark });
        await dark.GotoAsync($"{address}r/NC");
        await ShootAsync(dark, "dark");
        await dark.GotoAsync($"{address}r/NC?ethnicity=6&sex=female&sort=-math");
        await dark.GetByText("Filter students").ClickAsync();
        await dark.GetByText("How to read this").ClickAsync();
        await ShootAsync(dark, "dark-panels");

        var light = await SignedInAsync();
        await light.GotoAsync($"{address}r/NC?ethnicity=6&sex=female&sort=-math");
        await light.GetByText("Filter students").ClickAsync();
        await light.GetByText("How to read this").ClickAsync();
        await ShootAsync(light, "panels");
        await light.GotoAsync($"{address}r/NC?show=counts");
        await ShootAsync(light, "counts");
        await light.GotoAsync($"{address}r/CA");
        await ShootAsync(light, "forbidden");
        await light.GotoAsync($"{address}r/NC");
        await light.EmulateMediaAsync(new PageEmulateMediaOptions { Media = Media.Print });
        await ShootAsync(light, "print");
        await light.PdfAsync(
            new PagePdfOptions { Path = Path.Combine(BrowsedSite.Shots, "print.pdf"), Format = "Letter" });

        Assert.True(new FileInfo(Path.Combine(BrowsedSite.Shots, "print.pdf")).Length > 5_000);
    }

    private static ILocator Row(IPage page, string name) =>
        page.GetByRole(AriaRole.Row).Filter(new() { Has = page.GetByRole(AriaRole.Rowheader, new() { Name = name }) });

    private static async Task ShootAsync(IPage page, string name) =>
        await page.ScreenshotAsync(
            new PageScreenshotOptions { Path = Path.Combine(BrowsedSite.Shots, $"{name}.png"), FullPage = true });

    private async Task<IPage> PageAsync(BrowserNewContextOptions? options = null)
    {
        options ??= new BrowserNewContextOptions();
        options.Locale ??= "en-US";
        options.ViewportSize ??= new() { Width = 1280, Height = 900 };
        var context = await browsed.Browser.NewContextAsync(options);
        return await context.NewPageAsync();
    }

    private async Task<IPage> SignedInAsync(BrowserNewContextOptions? options = null)
    {
        var page = await PageAsync(options);
        await page.GotoAsync($"{address}demo/sign-in");
        await page.GetByRole(AriaRole.Button, new() { Name = "Nora Carolan" }).ClickAsync();
        return page;
    }
}
