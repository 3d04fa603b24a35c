using Smarter.Core;
using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Loads;
using Smarter.Testing;

namespace Smarter.Loader.Tests.Faults;

/// <summary>A loader that is killed, or stopped, and started again ends each file as if nothing had been.</summary>
[Trait("Category", "Faults")]
public sealed class KilledLoaderTests(LandingKeys keys, LargeFile file) : IClassFixture<LargeFile>, IAsyncLifetime
{
    /// <summary>Everything of a batch but ids, dates and the batch's own name, in an order of its own.</summary>
    private const string Digest = """
        SELECT md5(string_agg(line, '' ORDER BY line))
          FROM (SELECT md5((to_jsonb(fact) - array['asmt_outcome_vw_rec_id', 'asmt_rec_id', 'student_rec_id',
                                                   'inst_hier_rec_id', 'from_date', 'batch_guid'])::text
                           || student.first_name || student.last_name || school.school_name) AS line
                  FROM "{0}".fact_asmt_outcome_vw fact
                  JOIN "{0}".dim_student student
                    ON (student.student_rec_id, student.student_id) = (fact.student_rec_id, fact.student_id)
                  JOIN "{0}".dim_inst_hier school
                    ON (school.inst_hier_rec_id, school.school_id) = (fact.inst_hier_rec_id, fact.school_id)) lines
        """;

    private static string? digestOfCleanRun;

    private readonly LoaderSite site = new(keys);
    private TestVirtualHost virtualHost = null!;

    public async ValueTask InitializeAsync()
    {
        await site.InitializeAsync();
        virtualHost = await TestVirtualHost.NamedAsync("edudl");
    }

    public async ValueTask DisposeAsync()
    {
        await virtualHost.DisposeAsync();
        await site.DisposeAsync();
    }

    [Theory(Timeout = 180_000)]
    [InlineData("arriving", 0)]
    [InlineData("arrived", 0)]
    [InlineData("arrived", 300)]
    [InlineData("arrived", 900)]
    [InlineData("arrived", 1600)]
    [InlineData("staged", 0)]
    [InlineData("staged", 300)]
    [InlineData("finishing", 0)]
    public async Task A_loader_that_is_killed_finishes_the_file_when_it_is_started_again(
        string stage, int millisecondsLater)
    {
        await using (var killed = RunningProgram.Start("Smarter.Loader", site.Settings()))
        {
            await site.DeliverAsync(file.Bytes);
            await ReachesAsync(stage);
            await Task.Delay(millisecondsLater);
            await killed.KillAsync();
        }

        await using var again = RunningProgram.Start("Smarter.Loader", site.Settings());

        await EndsCleanlyAsync();
    }

    [Fact(Timeout = 120_000)]
    public async Task A_loader_whose_orders_the_broker_has_lost_finds_them_in_the_database()
    {
        await using (var killed = RunningProgram.Start("Smarter.Loader", site.Settings()))
        {
            await site.DeliverAsync(file.Bytes);
            await ReachesAsync("arrived");
            await killed.KillAsync();
        }
        foreach (var queue in new[] { "stage-batch", "build-batch", "finish-batch" })
            await virtualHost.PurgeAsync(queue);

        await using var again = RunningProgram.Start("Smarter.Loader", site.Settings());

        await EndsCleanlyAsync();
    }

    [Fact(Timeout = 120_000)]
    public async Task A_loader_that_is_stopped_in_the_middle_ends_in_ten_seconds_and_finishes_later()
    {
        await using (var stopped = RunningProgram.Start("Smarter.Loader", site.Settings()))
        {
            await site.DeliverAsync(file.Bytes);
            await ReachesAsync("arrived");

            Assert.Equal(0, await stopped.StopAsync(TimeSpan.FromSeconds(10)));
        }

        await using var again = RunningProgram.Start("Smarter.Loader", site.Settings());

        await EndsCleanlyAsync();
    }

    private static readonly string[] Stages = ["arriving", "arrived", "staged", "finishing", "ended"];

    /// <summary>Waits until the load is in the stage or behind it.</summary>
    private async Task ReachesAsync(string stage)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await site.FromUdlAsync<string>("SELECT stage FROM load_file")) is not [var at]
            || Array.IndexOf(Stages, at) < Array.IndexOf(Stages, stage))
            await Task.Delay(2, limit.Token);
    }

    private async Task EndsCleanlyAsync()
    {
        var load = await site.EndAsync("1.tar.gz.gpg");
        Assert.Equal(
            ("ingested", (long?)LargeFile.Rows, (long?)LargeFile.Rows, (long?)0),
            (load.Outcome, load.RowsReceived, load.RowsLoaded, load.RowsRejected));
        Assert.Equal(await DigestOfCleanRunAsync(), await DigestAsync(site, load));
        Assert.Equal([LoadStatus.Ingested], await site.FromStatsAsync<string>("SELECT load_status FROM udl_stats"));
        Assert.Equal([$"{load.Id}"], await site.FromStagingAsync<string>(
            "SELECT nspname::text FROM pg_namespace WHERE nspname ~ '^[0-9a-f]{8}-'"));
        Assert.Empty(await site.ErrorsAsync(load));
        Assert.Empty(site.Files("work"));
        Assert.Empty(site.Files("arrivals"));
        Assert.Single(site.Files("history"));
        Assert.Equal(2, site.Files("departures").Length); // one receipt, as JSON and as CSV
    }

    private async Task<string> DigestOfCleanRunAsync()
    {
        if (digestOfCleanRun is null)
        {
            var clean = new LoaderSite(keys);
            await clean.InitializeAsync();
            try
            {
                await clean.StartAsync();
                digestOfCleanRun = await DigestAsync(clean, await clean.EndAsync(await clean.DeliverAsync(file.Bytes)));
            }
            finally
            {
                await clean.DisposeAsync();
            }
        }
        return digestOfCleanRun;
    }

    private static async Task<string> DigestAsync(LoaderSite site, EndedLoad load) =>
        (await site.FromStagingAsync<string>(Digest.Replace("{0}", $"{load.Id}", StringComparison.Ordinal))).Single();
}
