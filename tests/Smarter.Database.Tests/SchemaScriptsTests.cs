using Dapper;
using Npgsql;
using Smarter.Testing;

namespace Smarter.Database.Tests;

public sealed class SchemaScriptsTests(TestInstallation installation) : IClassFixture<TestInstallation>
{
    private Databases Owner => installation.Database.Owner;

    [Fact]
    public async Task A_second_run_applies_nothing()
    {
        var applied = await SchemaScripts.ApplyAllAsync(Owner, CancellationToken.None);

        Assert.Empty(applied);
    }

    [Fact]
    public async Task Every_database_of_the_installation_gets_its_scripts()
    {
        var names = new List<string>();
        foreach (var database in new[] { Owner.Stats, Owner.Udl, Owner.Staging("nc"), Owner.Production("nc") })
        {
            await using var connection = await database.OpenConnectionAsync();
            names.AddRange(await connection.QueryAsync<string>(
                "SELECT DISTINCT split_part(name, '/', 1) FROM schema_script"));
        }

        Assert.Equal(["production", "staging", "star", "star", "stats", "udl2"], names.Order());
    }

    [Fact]
    public async Task Two_runners_at_once_apply_each_script_once()
    {
        await using var connection = await Owner.Production("nc").OpenConnectionAsync();
        await connection.ExecuteAsync("CREATE SCHEMA twice");

        var runs = await Task.WhenAll(
            SchemaScripts.ApplyAsync(Owner.Production("nc"), "twice", ["star"], CancellationToken.None),
            SchemaScripts.ApplyAsync(Owner.Production("nc"), "twice", ["star"], CancellationToken.None));

        Assert.Equal(["twice: star/0001_star_tables.sql"], runs.SelectMany(applied => applied));
    }

    [Fact]
    public async Task A_script_that_changed_after_it_ran_is_refused_and_nothing_more_runs()
    {
        await SchemaScripts.ApplyAsync(Owner.Production("nc"), "changed", ["star"], CancellationToken.None);
        await using var connection = await Owner.Production("nc").OpenConnectionAsync();
        await connection.ExecuteAsync("UPDATE changed.schema_script SET sha256 = repeat('0', 64)");

        var refused = await Assert.ThrowsAsync<SchemaScriptChangedException>(() => SchemaScripts.ApplyAsync(
            Owner.Production("nc"), "changed", ["star", "production"], CancellationToken.None));

        Assert.Contains("star/0001_star_tables.sql", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM changed.schema_script"));
    }

    [Fact]
    public async Task After_a_refused_script_the_next_runner_does_not_wait()
    {
        await SchemaScripts.ApplyAsync(Owner.Production("nc"), "refused", ["star"], CancellationToken.None);
        await using var connection = await Owner.Production("nc").OpenConnectionAsync();
        await connection.ExecuteAsync("UPDATE refused.schema_script SET sha256 = repeat('0', 64)");
        await Assert.ThrowsAsync<SchemaScriptChangedException>(() => SchemaScripts.ApplyAsync(
            Owner.Production("nc"), "refused", ["star"], CancellationToken.None));
        await using var other = NpgsqlDataSource.Create(
            installation.Database.OptionsFor(DatabaseRole.Owner).Tenants["nc"].Production!);

        var applied = await SchemaScripts.ApplyAsync(other, "after", ["star"], CancellationToken.None)
            .WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Single(applied);
    }

    [Fact]
    public async Task Record_ids_are_reserved_in_blocks_that_do_not_meet()
    {
        await using var connection = await installation.Database.As(DatabaseRole.Loader).Udl.OpenConnectionAsync();

        var first = await connection.ExecuteScalarAsync<long>("SELECT reserve_record_sids('nc', 1000)");
        var second = await connection.ExecuteScalarAsync<long>("SELECT reserve_record_sids('nc', 1)");

        Assert.Equal(first + 1000, second);
    }
}
