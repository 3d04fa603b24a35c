using Dapper;
using Npgsql;

namespace Smarter.Migrator.Tests.Batches;

/// <summary>A lock that makes the migration of <see cref="MigrationSite.Nc"/> wait where it begins to insert into
/// <c>fact_asmt_outcome_vw</c>, the fifth of six tables.</summary>
internal sealed class Brake : IAsyncDisposable
{
    private const string Waiting = """
        SELECT EXISTS (SELECT FROM pg_stat_activity
                        WHERE datname = current_database() AND usename = 'smarter_migrator'
                          AND wait_event_type = 'Lock' AND query LIKE 'COPY fact_asmt_outcome_vw%')
        """;

    private const string Cut = """
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
         WHERE datname = current_database() AND usename = 'smarter_migrator' AND query LIKE 'COPY%'
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly MigrationSite site;
    private readonly NpgsqlConnection connection;
    private readonly NpgsqlTransaction transaction;

    private Brake(MigrationSite site, NpgsqlConnection connection, NpgsqlTransaction transaction) =>
        (this.site, this.connection, this.transaction) = (site, connection, transaction);

    public static async Task<Brake> SetAsync(MigrationSite site)
    {
        var connection = await site.Database.Owner.Production(MigrationSite.Nc).OpenConnectionAsync();
        var transaction = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync("LOCK TABLE fact_asmt_outcome_vw IN SHARE MODE");
        return new Brake(site, connection, transaction);
    }

    /// <summary>Waits until a migration stands at the lock.</summary>
    public async Task IsReachedAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!await site.ScalarAsync<bool>(Waiting))
            await Task.Delay(20, limit.Token);
    }

    /// <summary>Ends the connection that the migrator is copying from or to.</summary>
    /// <param name="database"><c>production</c> or <c>staging</c>.</param>
    public async Task CutAsync(string database)
    {
        var source = database == "staging"
            ? site.Database.Owner.Staging(MigrationSite.Nc)
            : site.Database.Owner.Production(MigrationSite.Nc);
        await using var owner = await source.OpenConnectionAsync();
        Assert.Equal(1, await owner.ExecuteScalarAsync<long>(Cut));
    }

    public ValueTask ReleaseAsync() => transaction.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }
}
