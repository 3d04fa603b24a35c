using Smarter.Loader.Tests.Landing;

namespace Smarter.Loader.Tests.Loads;

/// <summary>The landing files that another system wrote, where they are at hand:
/// in the folder <c>SMARTER_LANDING_DATA</c>, else in <c>shared/data/landing</c> beside the clone.
/// They are not part of the repository.</summary>
public sealed class RealFileTests(LoaderSite site) : IClassFixture<LoaderSite>
{
    [Fact(Timeout = 120_000)]
    public async Task Every_row_of_the_real_files_loads()
    {
        await site.StartAsync();
        foreach (var folder in Folders())
        {
            var members = new[] { "*.json", "*.csv" }.Select(pattern => Directory.GetFiles(folder, pattern).Single())
                .Select(path => LandingTar.Member(Path.GetFileName(path), File.ReadAllText(path)));
            var rows = (await File.ReadAllTextAsync(Directory.GetFiles(folder, "*.csv").Single()))
                .Split('\r', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Length - 1;

            var load = await site.EndAsync(await site.DeliverAsync(
                await site.Keys.SealAsync(await LandingTar.PackAsync(members), LandingKeys.Carolina), tenant: "nc"));

            Assert.Equal(("ingested", (long?)rows, (long?)0), (load.Outcome, load.RowsReceived, load.RowsRejected));
        }
    }

    private static string[] Folders()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Smarter.sln")))
            at = at.Parent;
        var data = Environment.GetEnvironmentVariable("SMARTER_LANDING_DATA")
            ?? Path.Combine(at?.Parent?.FullName ?? "/", "shared", "data", "landing");
        return Directory.Exists(data) ? Directory.GetDirectories(data) : [];
    }
}
