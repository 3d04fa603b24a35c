using Smarter.Core;
using Smarter.Migrator.Tests.Batches;
using Smarter.Testing;

namespace Smarter.Migrator.Tests.Conductor;

public sealed class RunCommandTests(MigrationSite site) : IClassFixture<MigrationSite>, IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await site.EmptyAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_run_without_a_bus_migrates_every_tenant_and_prints_the_rows_of_each_table()
    {
        var batch = await (await site.AnnsBatchAsync(firstKey: 100)).IsReadyAsync();
        var other = await (await site.AnnsBatchAsync(firstKey: 100, tenant: "ca")).IsReadyAsync();

        var run = await RunAsync("run");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains($"nc {batch.Guid} migrate.ingested", run.Output, StringComparison.Ordinal);
        Assert.Contains($"ca {other.Guid} migrate.ingested", run.Output, StringComparison.Ordinal);
        Assert.Matches("fact_asmt_outcome_vw +1 inserted +0 superseded +0 deleted", run.Output);
    }

    [Fact]
    public async Task A_run_of_one_tenant_leaves_the_others_alone()
    {
        var batch = await (await site.AnnsBatchAsync(firstKey: 100)).IsReadyAsync();
        var other = await (await site.AnnsBatchAsync(firstKey: 100, tenant: "ca")).IsReadyAsync();

        var run = await RunAsync("run", "--tenant", "ca");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(LoadStatus.Ingested, await site.StatusAsync(batch.Guid));
        Assert.Equal(LoadStatus.Migrated, await site.StatusAsync(other.Guid));
    }

    [Fact]
    public async Task A_failed_batch_makes_the_run_end_with_1()
    {
        var batch = await (await site.BatchAsync()).IsReadyAsync(loadType: "Unknown");

        var run = await RunAsync("run");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"nc {batch.Guid} migrate.failed", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run", "--all")]
    [InlineData("run", "--tenant", "nowhere")]
    public async Task A_wrong_argument_ends_with_64(params string[] arguments)
    {
        var run = await RunAsync(arguments);

        Assert.Equal(64, run.ExitCode);
        Assert.NotEmpty(run.Error);
    }

    [Fact]
    public async Task A_wrong_setting_ends_the_run_with_78_and_names_the_key()
    {
        var run = await ProcessRun.ToEndAsync("Smarter.Migrator", ["run"], Settings()
            .Append(KeyValuePair.Create("Migrate:Conductor:StopAllowance", (string?)"01:00:00")));

        Assert.Equal(78, run.ExitCode);
        Assert.Contains("Migrate:Conductor:StopAllowance", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_database_setting_ends_the_run_with_78_and_names_the_key()
    {
        var run = await ProcessRun.ToEndAsync("Smarter.Migrator", ["run"],
            Settings().Where(setting => setting.Key != "Database:Stats"));

        Assert.Equal(78, run.ExitCode);
        Assert.Contains("Database:Stats", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_setting_ends_the_process_with_78_and_names_the_key()
    {
        var run = await ProcessRun.ToEndAsync("Smarter.Migrator", [], Settings()
            .Append(KeyValuePair.Create("Migrate:Conductor:PollInterval", (string?)"00:00:00"))
            .Append(KeyValuePair.Create("Bus:Port", (string?)"1")));

        Assert.Equal(78, run.ExitCode);
        Assert.Contains("Migrate:Conductor:PollInterval", run.Error, StringComparison.Ordinal);
    }

    private Task<ProcessRun> RunAsync(params string[] arguments) =>
        ProcessRun.ToEndAsync("Smarter.Migrator", arguments, Settings());

    private IEnumerable<KeyValuePair<string, string?>> Settings() => site.Database.SettingsFor(DatabaseRole.Migrator);
}
