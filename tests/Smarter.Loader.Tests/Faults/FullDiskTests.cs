using System.Diagnostics;
using Dapper;
using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Loads;

namespace Smarter.Loader.Tests.Faults;

/// <summary>A full disk parks the batch with its cause, and nothing else; with space it goes on by itself.</summary>
[Collection(FaultCases.Name)]
[Trait("Category", "Faults")]
[Trait("Case", "R04")]
public sealed class FullDiskTests(LandingKeys keys, LargeFile file)
{
    private const string Expected = "cause named, others flow, resumed alone";

    [Fact(Timeout = 120_000)]
    public async Task R04_A_full_staging_disk_parks_the_batch_until_there_is_space()
    {
        await using var disk = await SmallDisk.MountAsync(megabytes: 512, owner: "postgres");
        await using var site = new LoaderSite(keys);
        await site.InitializeAsync();
        var space = $"test_{Path.GetFileName(disk.Path).Replace('-', '_')}".ToLowerInvariant();
        await site.FromUdlAsync<int>($"CREATE TABLESPACE {space} LOCATION '{disk.Path}'");
        try
        {
            await site.FromStagingAsync<int>($"GRANT CREATE ON TABLESPACE {space} TO smarter_staging, smarter_loader");
            var database = (await site.FromStagingAsync<string>("SELECT current_database()::text")).Single();
            await site.FromStagingAsync<int>($"ALTER DATABASE \"{database}\" SET default_tablespace = '{space}'");
            disk.Fill();
            await site.StartAsync();

            var name = await site.DeliverAsync(await file.SealAsync());
            var parked = await DelayAsync(site, disk, name);
            var other = await site.EndAsync(await site.DeliverAsync(
                await keys.SealAsync(await LandingTar.PackAsync(LandingJson.File(), LandingCsv.File(
                    LandingCsv.Row("carol", ("StateAbbreviation", "NC")))), LandingKeys.Carolina), "nc"));
            Assert.Equal(("arrived", true), (parked.Stage, parked.DelayedBy.Contains("PostgreSQL is full")));
            Assert.Equal("ingested", other.Outcome);
            Assert.True(await site.Loader.IsReadyAsync());

            var watch = Stopwatch.StartNew();
            disk.Free();
            var load = await site.EndAsync(name);
            await file.IsLoadedAsync(site, load);
            Figures.Report("R04", "staging disk full",
                $"cause named, others flow, resumed in {Figures.Seconds(watch.Elapsed)}", Expected);
        }
        finally
        {
            await site.DisposeAsync(); // its databases hold tables there
            await using var server = new Npgsql.NpgsqlConnection(ServerAddress());
            await server.ExecuteAsync($"DROP TABLESPACE {space}");
        }
    }

    [Fact(Timeout = 120_000)]
    public async Task R04_A_full_work_zone_parks_the_batch_until_there_is_space()
    {
        await using var disk = await SmallDisk.MountAsync(megabytes: 16);
        await using var site = new LoaderSite(keys)
        {
            Folder = Directory.CreateDirectory(Path.Combine(disk.Path, "landing")).FullName,
        };
        await site.InitializeAsync();
        var csv = LandingCsv.File(LandingCsv.Row("ann"));
        var (json, member) = (LandingJson.File(), LandingTar.Member("x.csv", csv));
        var jsonFirst = await site.DeliverAsync(await keys.SealAsync(await LandingTar.PackAsync(json, csv)));
        var csvFirst = await site.DeliverAsync(await keys.SealAsync(
            await LandingTar.PackAsync(member, LandingTar.Member("x.json", json))));
        foreach (var zone in new[] { "work/wy", "history/wy", "departures/wy/demo/reports" })
            Directory.CreateDirectory(Path.Combine(site.Landing, zone));
        disk.Fill();
        await site.StartAsync();

        var parked = new[] { await DelayAsync(site, disk, jsonFirst), await DelayAsync(site, disk, csvFirst) };
        Assert.Equal(["finishing", "arrived"], parked.Select(load => load.Stage)); // at its receipts; at its plain CSV
        Assert.All(parked, load => Assert.Contains("landing zone is full", load.DelayedBy, StringComparison.Ordinal));
        Assert.True(await site.Loader.IsReadyAsync());

        var watch = Stopwatch.StartNew();
        disk.Free();
        foreach (var name in new[] { jsonFirst, csvFirst })
        {
            var load = await site.EndAsync(name);
            Assert.Equal(("ingested", (long?)1), (load.Outcome, load.RowsLoaded));
            Assert.Equal(1, await site.CountInBatchAsync(load, "fact_asmt_outcome_vw"));
        }
        Assert.Empty(site.Files("work"));
        Figures.Report("R04", "work zone full",
            $"cause named, service answers, resumed in {Figures.Seconds(watch.Elapsed)}", Expected);
    }

    [Fact(Timeout = 120_000)]
    public async Task R04_A_full_log_disk_holds_no_load_up()
    {
        await using var disk = await SmallDisk.MountAsync(megabytes: 1);
        await using var site = new LoaderSite(keys);
        await site.InitializeAsync();
        await site.StartAsync(("Log:Directory", disk.Path), ("Log:Level", "Information"));
        await site.LoadAsync(LandingCsv.File(LandingCsv.Row("ann")));
        disk.Fill();
        var before = LogBytes(disk);

        Assert.Equal("ingested", (await site.LoadAsync(LandingCsv.File(LandingCsv.Row("bob")))).Outcome);
        Assert.True(await site.Loader.IsReadyAsync());

        disk.Free();
        Assert.Equal("ingested", (await site.LoadAsync(LandingCsv.File(LandingCsv.Row("carol")))).Outcome);
        var watch = Stopwatch.StartNew();
        while (LogBytes(disk) <= before)
        {
            Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        Figures.Report("R04", "log disk full", "loads go on, the log too once there is space", "service answers");
    }

    private static long LogBytes(SmallDisk disk) =>
        Directory.GetFiles(disk.Path, "loader-*.json").Sum(log => new FileInfo(log).Length);

    private sealed record ParkedLoad(string Stage, string DelayedBy);

    /// <summary>Waits until the load is parked; what the loader itself gives free meanwhile is filled again.</summary>
    private static async Task<ParkedLoad> DelayAsync(LoaderSite site, SmallDisk disk, string name)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            disk.Fill();
            if (await site.FromUdlAsync<ParkedLoad>($"""
                SELECT stage, delayed_by FROM load_file WHERE file_name = '{name}' AND delayed_by IS NOT NULL
                """) is [var parked])
                return parked;
            await Task.Delay(20, limit.Token);
        }
    }

    private static string ServerAddress() => Smarter.Testing.LibpqConnectionString.Parse(
        Environment.GetEnvironmentVariable(Smarter.Testing.TestDatabase.ServerVariable)!).ConnectionString;
}
