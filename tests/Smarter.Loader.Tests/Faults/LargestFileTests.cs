using System.Diagnostics;
using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Loads;
using Smarter.SampleData.Landing;

namespace Smarter.Loader.Tests.Faults;

/// <summary>The largest file shows its progress all the time, and loses no row.</summary>
[Collection(FaultCases.Name)]
[Trait("Category", "Faults")]
public sealed class LargestFileTests(LandingKeys keys)
{
    private sealed record Progress(string Stage, DateTime UpdatedAt, long RowsRead);

    [Fact(Timeout = 1_800_000)]
    [Trait("Case", "R11")]
    public async Task R11_The_largest_file_tells_its_progress_every_two_seconds_and_loads_every_row()
    {
        var rows = Soak.Either(100_000L, 10_000_000L);
        await using var site = new LoaderSite(keys);
        await site.InitializeAsync();
        await site.StartAsync();
        var folder = Directory.CreateTempSubdirectory("large-");
        try
        {
            var made = LandingFiles.GenerateOne(
                new LandingOptions { Students = rows, StateCode = "WY" }, folder.FullName);
            var drop = Directory.CreateDirectory(Path.Combine(site.Landing, "arrivals", "wy", "demo", "file_drop"));
            await keys.PackAsync([made.JsonPath, made.CsvPath], Path.Combine(drop.FullName, "large.tar.gz.gpg"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        var watch = Stopwatch.StartNew();
        var ending = site.EndAsync("large.tar.gz.gpg", TimeSpan.FromMinutes(20));
        var longest = await LongestSilenceAsync(site, ending);
        var load = await ending;

        Assert.Equal(
            ("ingested", (long?)rows, (long?)rows, (long?)0),
            (load.Outcome, load.RowsReceived, load.RowsLoaded, load.RowsRejected));
        Assert.Equal(rows, await site.CountInBatchAsync(load, "fact_asmt_outcome_vw"));
        Assert.InRange(longest, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Figures.Report("R11", $"file of {rows:N0} rows in {Figures.Seconds(watch.Elapsed)}",
            $"progress every {Figures.Seconds(longest)} at most, lost 0, doubled 0", "≤ 2 s, 0, 0");
    }

    /// <returns>The longest time between two updates of what the site shows while rows are read.</returns>
    private static async Task<TimeSpan> LongestSilenceAsync(LoaderSite site, Task ending)
    {
        var longest = TimeSpan.Zero;
        Progress? before = null;
        while (!ending.IsCompleted)
        {
            var now = (await site.FromStatsAsync<Progress>(
                "SELECT stage, updated_at, rows_read FROM submission")).SingleOrDefault();
            if (before is { Stage: "reading" } && now is { Stage: "reading" } && now.UpdatedAt - before.UpdatedAt > longest)
                longest = now.UpdatedAt - before.UpdatedAt;
            before = now;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        return longest;
    }
}
