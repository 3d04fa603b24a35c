using Microsoft.Playwright;
using Smarter.Core;
using Smarter.Testing;
using Smarter.Web.Tests.Submissions;

namespace Smarter.Web.Tests;

/// <summary>A site with a handful of districts on a real port, and Debian's chromium to look at it.</summary>
public sealed class BrowsedSite : IAsyncLifetime
{
    private readonly ReportingSite site = new();
    private IAsyncDisposable listening = null!;
    private IPlaywright playwright = null!;

    /// <summary>Where screenshots are kept; git ignores it.</summary>
    public static string Shots { get; } = Path.Combine(RepositoryRoot(), ".run", "shots");

    public Uri Address { get; private set; } = null!;

    public IBrowser Browser { get; private set; } = null!;

    /// <summary>What the loader writes down of submissions.</summary>
    internal SubmittedFiles Submitted => site.Submitted;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Shots);
        await site.InitializeAsync();
        await FillWarehouseAsync();
        (listening, Address) = site.Listen();
        playwright = await Playwright.CreateAsync();
        Browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        playwright.Dispose();
        await listening.DisposeAsync();
        await site.DisposeAsync();
    }

    public static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Smarter.sln")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException(
                "Smarter.sln stands in no folder above the tests.");
        return folder.FullName;
    }

    private async Task FillWarehouseAsync()
    {
        async Task HasAsync(
            string district, string districtName, string school, string schoolName, int[] math, int[] ela)
        {
            var outcomes = new Outcomes
            {
                District = district,
                DistrictName = districtName,
                School = school,
                SchoolName = schoolName,
            };
            await site.Nc.HasOutcomesAsync(outcomes, math);
            await site.Nc.HasOutcomesAsync(outcomes with { Subject = "ELA" }, ela);
        }

        await HasAsync("ALDER", "Alder Unified", "ALDER-1", "Alder Elementary", [30, 62, 104, 72], [22, 58, 121, 66]);
        await HasAsync(
            "BIRCH", "Birch Valley School District", "BIRCH-1", "Birch Valley Middle", [210, 305, 398, 287],
            [160, 290, 421, 330]);
        await HasAsync("CEDAR", "Cedar Falls", "CEDAR-1", "Cedar Falls High", [0, 2, 5, 1], [1, 1, 4, 2]);
        await HasAsync(
            "DOGWOOD", "Dogwood County Schools", "DOGWOOD-1", "Dogwood High", [18, 25, 20, 9], [12, 20, 26, 14]);
        await HasAsync("ELM", "Elm Creek Independent School District", "ELM-1", "Elm Creek K-8", [3, 40, 51, 64], []);
        await site.Nc.HasOutcomesAsync(
            new() { District = "FIR", DistrictName = "Fir Hollow", Type = AssessmentType.InterimComprehensive });
        await site.Nc.HasOutcomesAsync(
            new()
            {
                District = "ALDER",
                DistrictName = "Alder Unified",
                School = "ALDER-1",
                SchoolName = "Alder Elementary",
                Year = 2015,
                Grade = "03",
            },
            0, 0, 20, 20);
    }
}
