using System.Diagnostics;
using Npgsql;
using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Loads;

namespace Smarter.Loader.Tests.Faults;

/// <summary>A PostgreSQL that dies in a commit costs no row and doubles none.</summary>
[Collection(FaultCases.Name)]
[Trait("Category", "Faults")]
public sealed class PowerCutTests(LandingKeys keys, LargeFile file)
{
    private const string FindCommit = """
        SELECT DISTINCT query_start FROM pg_stat_activity
         WHERE datname = current_database() AND state = 'active' AND query = 'COMMIT'
        """;

    [Fact(Timeout = 900_000)]
    [Trait("Case", "R03")]
    public async Task R03_PostgreSQL_killed_in_a_commit_leaves_all_of_a_batch_or_nothing()
    {
        await using var cluster = await OwnCluster.StartAsync();
        await using var site = new LoaderSite(keys) { Server = cluster.Address };
        await site.InitializeAsync();
        await SlowCommitsAsync(site);
        await site.StartAsync(("Log:Level", "Fatal"));
        var rounds = Soak.Either(1, 5);
        var slowest = TimeSpan.Zero;

        // The batch schema, the facts, the students, the built star: each commit of a load in staging once.
        foreach (var commit in Enumerable.Repeat(Enumerable.Range(1, 4), rounds).SelectMany(commits => commits))
        {
            var name = await site.DeliverAsync(await file.SealAsync());
            await ReachesCommitAsync(site, commit);
            await cluster.KillAsync();
            await cluster.RestartAsync();
            foreach (var (_, database) in site.Database.Owner.All)
                database.Clear(); // the test's own connections are dead, too

            var watch = Stopwatch.StartNew();
            var load = await site.EndAsync(name, TimeSpan.FromSeconds(60));

            slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;
            await file.IsLoadedAsync(site, load);
            await site.FromStagingAsync<int>($"DROP SCHEMA \"{load.Id}\" CASCADE");
        }

        Assert.Empty(await site.FromStagingAsync<string>(
            "SELECT nspname::text FROM pg_namespace WHERE nspname ~ '^[0-9a-f]{8}-'"));
        Figures.Report("R03", $"PostgreSQL killed in {4 * rounds} commits",
            $"lost 0, doubled 0, half a batch 0, ended {Figures.Seconds(slowest)} after", "0, 0, 0");
    }

    /// <summary>A commit waits a tenth of a second for others, so that the kill meets it.</summary>
    private static async Task SlowCommitsAsync(LoaderSite site)
    {
        var name = (await site.FromStagingAsync<string>("SELECT current_database()::text")).Single();
        await site.FromStagingAsync<int>($"""
            ALTER DATABASE "{name}" SET commit_delay = 100000;
            ALTER DATABASE "{name}" SET commit_siblings = 0;
            """);
    }

    /// <summary>Waits until the load is in its commit of this number in staging; it is not over yet then.</summary>
    private static async Task ReachesCommitAsync(LoaderSite site, int number)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var connection = await site.Database.Owner.Staging("wy").OpenConnectionAsync(limit.Token);
        await using var question = new NpgsqlCommand(FindCommit, connection);
        var seen = new HashSet<DateTime>();
        while (seen.Count < number)
        {
            await using (var commits = await question.ExecuteReaderAsync(limit.Token))
            {
                while (await commits.ReadAsync(limit.Token))
                    seen.Add(commits.GetDateTime(0));
            }
            if (seen.Count < number)
                await Task.Delay(5, limit.Token);
        }
    }
}
