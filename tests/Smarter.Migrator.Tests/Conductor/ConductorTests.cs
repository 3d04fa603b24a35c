using MassTransit;
using Smarter.Core;
using Smarter.Core.Messages;
using Smarter.Migrator.Tests.Batches;
using Smarter.Testing;

namespace Smarter.Migrator.Tests.Conductor;

public sealed class ConductorTests(MigrationSite site) : IClassFixture<MigrationSite>, IAsyncLifetime
{
    private TestVirtualHost virtualHost = null!;

    public async ValueTask InitializeAsync()
    {
        await site.EmptyAsync();
        virtualHost = await TestVirtualHost.CreateAsync();
    }

    public ValueTask DisposeAsync() => virtualHost.DisposeAsync();

    [Fact]
    public async Task A_batch_that_waits_in_udl_stats_reaches_production_through_the_bus()
    {
        var batch = await site.AnnsBatchAsync(firstKey: 100);
        await batch.IsReadyAsync();

        await using var migrator = await StartAsync();

        await site.HasStatusAsync(LoadStatus.Migrated, batch.Guid);
        Assert.Equal(["104 C"], await site.StatusesAsync("fact_asmt_outcome_vw"));
    }

    [Fact]
    public async Task An_order_over_the_bus_migrates_the_tenant()
    {
        await using var migrator = await StartAsync(("Migrate:Conductor:PollInterval", "01:00:00"));
        await Task.Delay(500); // past the poll's first look
        var batch = await site.AnnsBatchAsync(firstKey: 100);
        await batch.IsReadyAsync();

        var bus = migrator.Services.GetRequiredService<IBus>();
        var endpoint = await bus.GetSendEndpoint(new Uri("queue:migrate-tenant"));
        await endpoint.Send(new MigrateTenant(MigrationSite.Nc));

        await site.HasStatusAsync(LoadStatus.Migrated, batch.Guid);
    }

    [Fact]
    public async Task Two_conductors_migrate_each_batch_of_a_tenant_once_and_in_order()
    {
        var batches = new List<StagedBatch>();
        foreach (var second in Enumerable.Range(1, 5))
            batches.Add(await (await site.AnnsBatchAsync(firstKey: 100 * second)).IsReadyAsync(arrivedSecond: second));

        await using var one = await StartAsync();
        await using var other = await StartAsync();

        foreach (var batch in batches)
            await site.HasStatusAsync(LoadStatus.Migrated, batch.Guid);
        Assert.Equal(
            ["104 I", "204 I", "304 I", "404 I", "504 C"],
            (await site.StatusesAsync("fact_asmt_outcome_vw")).Select(row => row[..5]));
        Assert.Equal(5, await site.CountAsync("migrated_batch"));
    }

    [Fact]
    public async Task A_tenant_does_not_wait_for_another_one()
    {
        await (await site.AnnsBatchAsync(firstKey: 100)).IsReadyAsync();
        var other = await (await site.AnnsBatchAsync(firstKey: 100, tenant: "ca")).IsReadyAsync();
        await using var brake = await Brake.SetAsync(site);

        await using var migrator = await StartAsync();
        await brake.IsReachedAsync();

        await site.HasStatusAsync(LoadStatus.Migrated, other.Guid);
        await brake.ReleaseAsync();
    }

    [Fact]
    public async Task A_tenant_whose_migration_was_interrupted_is_tried_again()
    {
        var batch = await (await site.AnnsBatchAsync(firstKey: 100)).IsReadyAsync();
        await using var brake = await Brake.SetAsync(site);
        await using var migrator = await StartAsync(("Migrate:Conductor:ResendAfter", "00:00:00.3"));
        await brake.IsReachedAsync();

        await brake.CutAsync("production");
        await brake.ReleaseAsync();

        await site.HasStatusAsync(LoadStatus.Migrated, batch.Guid);
    }

    [Fact]
    public async Task The_process_is_ready_while_its_databases_and_the_bus_answer()
    {
        await using var migrator = await StartAsync();
        using var client = migrator.Client();

        Assert.Equal(200, (int)(await client.GetAsync("/healthz")).StatusCode);
        await client.IsAnsweredAsync("/readyz", 200);
    }

    [Theory]
    [InlineData("Bus:Port", "1")]
    [InlineData("Database:Stats", "Host=127.0.0.1;Port=1;Database=edware_stats;Timeout=1")]
    public async Task The_process_lives_but_is_not_ready_without_the_bus_or_a_database(string key, string unreachable)
    {
        await using var migrator = await StartAsync((key, unreachable));
        using var client = migrator.Client();

        Assert.Equal(200, (int)(await client.GetAsync("/healthz")).StatusCode);
        await client.IsAnsweredAsync("/readyz", 503);
    }

    private Task<MigratorProcess> StartAsync(params (string Key, string? Value)[] changed) =>
        MigratorProcess.StartAsync(
            virtualHost.Name,
            MigratorProcess.Settings(site.Database, virtualHost)
                .Concat(changed.Select(setting => KeyValuePair.Create(setting.Key, setting.Value))));
}
