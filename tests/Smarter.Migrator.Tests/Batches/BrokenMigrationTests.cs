using Smarter.Core;
using Smarter.Migrator.Batches;
using Smarter.Migrator.Conductor;

namespace Smarter.Migrator.Tests.Batches;

public sealed class BrokenMigrationTests(MigrationSite site) : IClassFixture<MigrationSite>, IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await site.EmptyAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Batches_migrate_in_the_order_of_their_arrival_even_when_the_clock_was_set_back_between()
    {
        var first = await site.AnnsBatchAsync(firstKey: 100);
        await first.IsReadyAsync(arrivedSecond: 2);
        var second = await site.AnnsBatchAsync(firstKey: 200);
        await second.IsReadyAsync(arrivedSecond: 1);

        var outcomes = await site.MigrateAsync();

        Assert.Equal([$"{first.Guid}", $"{second.Guid}"], outcomes.Select(outcome => outcome.BatchGuid));
        Assert.Equal(["104 I 20270501", "204 C"], await site.StatusesAsync("fact_asmt_outcome_vw"));
    }

    [Fact]
    public async Task After_a_failed_batch_the_next_one_goes_on()
    {
        var bad = await (await site.BatchAsync()).IsReadyAsync(arrivedSecond: 1, loadType: "Unknown");
        var good = await site.AnnsBatchAsync(firstKey: 100);
        await good.IsReadyAsync(arrivedSecond: 2);

        var outcomes = await site.MigrateAsync();

        Assert.Equal([LoadStatus.MigrationFailed, LoadStatus.Migrated], outcomes.Select(outcome => outcome.LoadStatus));
        Assert.Equal(LoadStatus.MigrationFailed, await site.StatusAsync(bad.Guid));
        Assert.Equal(LoadStatus.Migrated, await site.StatusAsync(good.Guid));
    }

    [Fact]
    public async Task A_batch_whose_status_was_lost_after_the_commit_is_finished_without_doubling()
    {
        var batch = await site.AnnsBatchAsync(firstKey: 100);
        await batch.IsReadyAsync();
        await site.MigrateAsync();
        await site.OnStatsAsync("UPDATE udl_stats SET load_status = 'migrate.in_process'");
        await StagedBatch.CreateAsync(site.Database, MigrationSite.Nc, batch.Guid);

        var outcome = Assert.Single(await site.MigrateAsync());

        Assert.Equal(LoadStatus.Migrated, outcome.LoadStatus);
        Assert.Empty(outcome.Tables);
        Assert.Equal(LoadStatus.Migrated, await site.StatusAsync(batch.Guid));
        Assert.Equal(["104 C"], await site.StatusesAsync("fact_asmt_outcome_vw"));
        Assert.False(await site.HasSchemaAsync(batch.Guid));
    }

    [Fact]
    public async Task A_batch_left_in_process_is_migrated_when_its_schema_exists()
    {
        var batch = await site.AnnsBatchAsync(firstKey: 100);
        await batch.IsReadyAsync(loadStatus: LoadStatus.Migrating);

        var outcome = Assert.Single(await site.MigrateAsync());

        Assert.Equal(LoadStatus.Migrated, outcome.LoadStatus);
        Assert.Equal(["104 C"], await site.StatusesAsync("fact_asmt_outcome_vw"));
    }

    [Fact]
    public async Task A_batch_left_in_process_without_its_schema_fails_with_a_reason()
    {
        var batch = await site.BatchAsync();
        await batch.IsReadyAsync(loadStatus: LoadStatus.Migrating);
        await site.EmptyStagingAsync();

        var outcomes = await site.MigrateAsync();

        Assert.Empty(outcomes);
        Assert.Equal(LoadStatus.MigrationFailed, await site.StatusAsync(batch.Guid));
        Assert.Contains("no schema in staging", await site.NotificationAsync(batch.Guid), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_that_a_crash_left_behind_after_the_migration_is_dropped_by_the_next_run()
    {
        var batch = await site.BatchAsync();
        await batch.IsReadyAsync(loadStatus: LoadStatus.Migrated);

        await site.MigrateAsync();

        Assert.False(await site.HasSchemaAsync(batch.Guid));
        Assert.Equal(LoadStatus.Migrated, await site.StatusAsync(batch.Guid));
    }

    [Theory]
    [InlineData("production")]
    [InlineData("staging")]
    public async Task A_connection_cut_in_the_middle_of_the_copy_changes_nothing_and_the_next_run_migrates_the_batch(
        string database)
    {
        var batch = await site.AnnsBatchAsync(firstKey: 100);
        await batch.IsReadyAsync();
        await using var brake = await Brake.SetAsync(site);
        var interrupted = site.MigrateAsync();
        await brake.IsReachedAsync();

        await brake.CutAsync(database);
        await brake.ReleaseAsync();

        Assert.Equal(LoadStatus.Ingested, Assert.Single(await interrupted).LoadStatus);
        Assert.Equal(LoadStatus.Ingested, await site.StatusAsync(batch.Guid));
        foreach (var table in StarTable.All)
            Assert.Equal(0, await site.CountAsync(table.Name));
        Assert.Equal(LoadStatus.Migrated, Assert.Single(await site.MigrateAsync()).LoadStatus);
        Assert.Equal(["104 C"], await site.StatusesAsync("fact_asmt_outcome_vw"));
    }

    [Fact]
    public async Task A_copy_may_take_longer_than_the_time_limit_of_a_statement()
    {
        await (await site.AnnsBatchAsync(firstKey: 100)).IsReadyAsync();
        await using var databases = site.ImpatientDatabases();
        await using var services = site.Services(databases: databases);
        await using var brake = await Brake.SetAsync(site);
        var slow = services.GetRequiredService<TenantMigration>().RunAsync(MigrationSite.Nc, CancellationToken.None);
        await brake.IsReachedAsync();

        await Task.Delay(TimeSpan.FromSeconds(2));
        await brake.ReleaseAsync();

        Assert.Equal(LoadStatus.Migrated, Assert.Single((await slow)!).LoadStatus);
    }

    [Fact]
    public async Task A_stop_rolls_the_current_batch_back_when_its_allowance_has_passed()
    {
        var batch = await site.AnnsBatchAsync(firstKey: 100);
        await batch.IsReadyAsync();
        await using var brake = await Brake.SetAsync(site);
        await using var services = site.Services(stopAllowance: "00:00:00.2");
        using var stop = new CancellationTokenSource();
        var interrupted = services.GetRequiredService<TenantMigration>().RunAsync(MigrationSite.Nc, stop.Token);
        await brake.IsReachedAsync();

        await stop.CancelAsync();

        Assert.Equal(LoadStatus.Ingested, Assert.Single((await interrupted)!).LoadStatus);
        await brake.ReleaseAsync();
        Assert.Equal(LoadStatus.Ingested, await site.StatusAsync(batch.Guid));
        Assert.Equal(0, await site.CountAsync("dim_student"));
    }

    [Fact]
    public async Task A_stop_lets_the_current_batch_finish_and_starts_no_other()
    {
        var current = await site.AnnsBatchAsync(firstKey: 100);
        await current.IsReadyAsync(arrivedSecond: 1);
        var next = await site.AnnsBatchAsync(firstKey: 200);
        await next.IsReadyAsync(arrivedSecond: 2);
        await using var brake = await Brake.SetAsync(site);
        using var stop = new CancellationTokenSource();
        var run = site.Migration.RunAsync(MigrationSite.Nc, stop.Token);
        await brake.IsReachedAsync();

        await stop.CancelAsync();
        await brake.ReleaseAsync();

        Assert.Equal($"{current.Guid}", Assert.Single((await run)!).BatchGuid);
        Assert.Equal(LoadStatus.Migrated, await site.StatusAsync(current.Guid));
        Assert.Equal(LoadStatus.Ingested, await site.StatusAsync(next.Guid));
    }

    [Fact]
    public async Task A_second_conductor_of_a_tenant_skips_it()
    {
        var batch = await site.AnnsBatchAsync(firstKey: 100);
        await batch.IsReadyAsync();
        await using var brake = await Brake.SetAsync(site);
        var first = site.MigrateAsync();
        await brake.IsReachedAsync();

        var second = await site.Migration.RunAsync(MigrationSite.Nc, CancellationToken.None);
        await brake.ReleaseAsync();

        Assert.Null(second);
        Assert.Equal(LoadStatus.Migrated, Assert.Single(await first).LoadStatus);
    }
}
