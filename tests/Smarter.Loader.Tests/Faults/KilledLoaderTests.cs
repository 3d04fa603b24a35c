using System.Diagnostics;
using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Loads;
using Smarter.Testing;

namespace Smarter.Loader.Tests.Faults;

/// <summary>A loader that is killed, or stopped, and started again ends each file as if nothing had been.</summary>
[Collection(FaultCases.Name)]
[Trait("Category", "Faults")]
public sealed class KilledLoaderTests(LandingKeys keys, LargeFile file) : IAsyncLifetime
{
    private const int Minutes = 60_000;

    /// <summary>When the loader is interrupted, in the order of a load, each as a question to a database.</summary>
    private static readonly (string Name, string Database, string Sql)[] Boundaries =
    [
        ("written down", "udl", "SELECT count(*) FROM load_file"),
        ("arrived", "udl", "SELECT count(*) FROM load_file WHERE stage <> 'arriving'"),
        ("decrypting", "staging", "SELECT count(*) FROM pg_namespace WHERE nspname ~ '^[0-9a-f]{8}-'"),
        ("copying", "staging", "SELECT count(*) FROM pg_stat_progress_copy WHERE datname = current_database()"),
        ("staged", "udl", "SELECT count(*) FROM load_file WHERE stage NOT IN ('arriving', 'arrived')"),
        ("building", "staging",
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%UNIQUE INDEX%'"),
        ("finishing", "udl", "SELECT count(*) FROM load_file WHERE stage IN ('finishing', 'ended')"),
        ("ended", "udl", "SELECT count(*) FROM load_file WHERE stage = 'ended'"),
    ];

    private readonly LoaderSite site = new(keys);
    private RunningProgram? loader;

    public async ValueTask InitializeAsync()
    {
        await site.InitializeAsync();
        await (await TestVirtualHost.NamedAsync("edudl")).DisposeAsync();
        Start();
    }

    public async ValueTask DisposeAsync()
    {
        if (loader is not null)
            await loader.DisposeAsync();
        await site.DisposeAsync();
    }

    [Fact(Timeout = 20 * Minutes)]
    [Trait("Case", "R01")]
    public async Task R01_A_loader_killed_at_each_boundary_finishes_the_file_when_it_is_started_again()
    {
        var slowest = TimeSpan.Zero;
        var rounds = Soak.Either(1, 5);
        for (var round = 0; round < rounds; round++)
        {
            foreach (var boundary in Boundaries)
            {
                var name = await site.DeliverAsync(await file.SealAsync());
                await ReachesAsync(name, boundary.Database, boundary.Sql);
                await loader!.KillAsync();

                var watch = Stopwatch.StartNew();
                Start();
                await EndsCleanlyAsync(name, boundary.Name);

                slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;
            }
        }

        Assert.InRange(slowest, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        Figures.Report("R01", $"loader killed at {Boundaries.Length} boundaries, {rounds}×",
            $"slowest restart {Figures.Seconds(slowest)}, lost 0, doubled 0, orphans 0", "≤ 30 s, 0, 0, 0");
    }

    [Fact(Timeout = 20 * Minutes)]
    [Trait("Case", "R02")]
    public async Task R02_A_loader_killed_in_the_middle_of_COPY_leaves_nothing_to_see_and_loads_the_file_anew()
    {
        var wanted = Soak.Either(10, 50);
        var offsets = new List<long>();
        for (var attempt = 0; offsets.Count < wanted && attempt < 2 * wanted; attempt++)
        {
            var rows = Random.Shared.Next(1, LargeFile.Rows * 9 / 10);
            var name = await site.DeliverAsync(await file.SealAsync());
            await ReachesAsync(name, "staging", $"""
                SELECT count(*) FROM pg_stat_progress_copy
                 WHERE datname = current_database() AND tuples_processed >= {rows}
                """);
            var copied = (await site.FromStagingAsync<long>("""
                SELECT coalesce(max(bytes_processed), 0) FROM pg_stat_progress_copy WHERE datname = current_database()
                """)).Single();
            await loader!.KillAsync();
            var stage = (await site.FromUdlAsync<string>($"SELECT stage FROM load_file WHERE file_name = '{name}'"));
            if (copied > 0 && stage is ["arrived"] && await FactsAreInvisibleAsync())
                offsets.Add(copied);

            Start();
            await EndsCleanlyAsync(name, "COPY");
        }

        Assert.Equal(wanted, offsets.Count);
        Figures.Report("R02", $"loader killed in COPY at {wanted} byte offsets",
            $"from {offsets.Min() / 1000} kB to {offsets.Max() / 1000} kB, seen early 0, lost 0, doubled 0", "0, 0, 0");
    }

    [Fact(Timeout = 20 * Minutes)]
    [Trait("Case", "R13")]
    public async Task R13_A_loader_that_is_stopped_ends_in_ten_seconds_and_finishes_later()
    {
        var slowest = TimeSpan.Zero;
        foreach (var boundary in Boundaries)
        {
            var name = await site.DeliverAsync(await file.SealAsync());
            await ReachesAsync(name, boundary.Database, boundary.Sql);

            var watch = Stopwatch.StartNew();
            Assert.Equal(0, await loader!.StopAsync(TimeSpan.FromSeconds(10)));
            slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;

            Assert.All(
                await site.FromUdlAsync<int>("SELECT attempts FROM load_file"), attempts => Assert.Equal(0, attempts));
            Start();
            await EndsCleanlyAsync(name, boundary.Name);
        }

        Figures.Report("R13", $"SIGTERM at {Boundaries.Length} boundaries",
            $"slowest stop {Figures.Seconds(slowest)}, then resumed {Boundaries.Length} of {Boundaries.Length}",
            "≤ 10 s, all");
    }

    private void Start() => loader = RunningProgram.Start("Smarter.Loader", site.Settings());

    /// <summary>Waits until the question is answered with more than 0, or the load has ended. Staging holds no batch of
    /// an earlier round.</summary>
    private async Task ReachesAsync(string name, string database, string sql)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var source = database == "udl" ? site.Database.Owner.Udl : site.Database.Owner.Staging("wy");
        await using var question = source.CreateCommand(database == "udl" ? OfNewest(sql, name) : sql);
        await using var end = site.Database.Owner.Udl.CreateCommand(
            $"SELECT count(*) FROM load_file WHERE file_name = '{name}' AND stage = 'ended'");
        while ((long)(await question.ExecuteScalarAsync(limit.Token))! == 0
            && (long)(await end.ExecuteScalarAsync(limit.Token))! == 0)
            await Task.Delay(1, limit.Token);
    }

    private static string OfNewest(string sql, string name) =>
        sql + (sql.Contains("WHERE", StringComparison.Ordinal) ? " AND" : " WHERE") + $" file_name = '{name}'";

    private async Task<bool> FactsAreInvisibleAsync() => (await site.FromStagingAsync<long>("""
        SELECT count(*) FROM pg_class JOIN pg_namespace schema ON schema.oid = relnamespace
         WHERE nspname ~ '^[0-9a-f]{8}-' AND relname = 'fact_asmt_outcome_vw'
        """)).Single() == 0;

    /// <summary>The file is loaded once, nothing else is left, and its batch is cleared away for the next round.</summary>
    private async Task EndsCleanlyAsync(string name, string boundary)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: interrupted at {boundary}");
        var load = await site.EndAsync(name, TimeSpan.FromSeconds(60));
        await file.IsLoadedAsync(site, load);
        Assert.Equal([$"{load.Id}"], await site.FromStagingAsync<string>(
            "SELECT nspname::text FROM pg_namespace WHERE nspname ~ '^[0-9a-f]{8}-'"));
        Assert.Equal(1, (await site.FromUdlAsync<long>(
            $"SELECT count(*) FROM load_file WHERE file_name = '{name}'")).Single());
        Assert.Empty(site.Files("work"));
        Assert.Empty(site.Files("arrivals"));
        Assert.Single(site.Files("history"), path => Path.GetFileName(path) == name);
        await site.FromStagingAsync<int>($"DROP SCHEMA \"{load.Id}\" CASCADE");
    }
}
