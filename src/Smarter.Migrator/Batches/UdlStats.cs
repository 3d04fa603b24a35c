using Dapper;
using Npgsql;
using Smarter.Core;
using Smarter.Database;

namespace Smarter.Migrator.Batches;

/// <summary>The state of each batch, in table <c>udl_stats</c>:
/// what is to be done, and what came of it (operations.md §1.4).</summary>
/// <remarks>Each write is committed at once, but for <see cref="BeginMigratedAsync"/>.</remarks>
internal sealed class UdlStats(Databases databases)
{
    private const string Waiting = """
        SELECT DISTINCT tenant::text
          FROM udl_stats
         WHERE load_status IN ('udl.ingested', 'migrate.in_process') AND tenant = ANY(@tenants)
         ORDER BY 1
        """;

    private const string Next = """
        SELECT batch_guid::text, tenant::text, load_type::text, batch_operation::text, snapshot_criteria::text
          FROM udl_stats
         WHERE load_status = 'udl.ingested' AND tenant = @tenant
         ORDER BY rec_id
         LIMIT 1
        """;

    private const string InProcess =
        "SELECT batch_guid::text FROM udl_stats WHERE load_status = 'migrate.in_process' AND tenant = @tenant";

    private const string Migrated = """
        SELECT batch_guid::text
          FROM udl_stats
         WHERE load_status = 'migrate.ingested' AND batch_guid = ANY(@batchGuids)
        """;

    // What a submitter was told of an earlier attempt does not hold any more.
    private const string Set = """
        UPDATE udl_stats
           SET load_status = @loadStatus, notification_status = NULL, notification_due = NULL
         WHERE batch_guid = @batchGuid
        """;

    private const string SetFailed = """
        UPDATE udl_stats
           SET load_status = 'migrate.failed',
               notification = (coalesce(nullif(notification, ''), '{}')::jsonb
                   || jsonb_build_object('error_desc', @reason::text))::text
         WHERE batch_guid = @batchGuid
        """;

    /// <returns>Those of <paramref name="tenants"/> that have a batch
    /// to migrate or one whose migration broke off, by name.</returns>
    public async Task<IReadOnlyList<string>> WaitingTenantsAsync(string[] tenants, CancellationToken cancellation) =>
        await ListAsync(Waiting, new { tenants }, cancellation);

    /// <returns>The tenant's batch that arrived first of those that wait, or null.</returns>
    public async Task<IngestedBatch?> NextAsync(string tenant, CancellationToken cancellation)
    {
        await using var connection = await databases.Stats.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<IngestedBatch>(
            new CommandDefinition(Next, new { tenant }, cancellationToken: cancellation));
    }

    /// <returns>The guids of the tenant's batches that are <c>migrate.in_process</c>.</returns>
    public async Task<IReadOnlyList<string>> InProcessAsync(string tenant, CancellationToken cancellation) =>
        await ListAsync(InProcess, new { tenant }, cancellation);

    /// <returns>Those of <paramref name="batchGuids"/> that are <c>migrate.ingested</c>.</returns>
    public async Task<IReadOnlyList<string>> MigratedAsync(string[] batchGuids, CancellationToken cancellation) =>
        await ListAsync(Migrated, new { batchGuids }, cancellation);

    /// <exception cref="InvalidOperationException">There is no such batch.</exception>
    public async Task SetAsync(string batchGuid, string loadStatus, CancellationToken cancellation)
    {
        await using var connection = await databases.Stats.OpenConnectionAsync(cancellation);
        RequireOne(batchGuid, await connection.ExecuteAsync(
            new CommandDefinition(Set, new { batchGuid, loadStatus }, cancellationToken: cancellation)));
    }

    /// <summary>Sets <c>migrate.failed</c> and adds the reason to the notification as <c>error_desc</c>.</summary>
    /// <exception cref="InvalidOperationException">There is no such batch.</exception>
    public async Task SetFailedAsync(string batchGuid, string reason, CancellationToken cancellation)
    {
        await using var connection = await databases.Stats.OpenConnectionAsync(cancellation);
        RequireOne(batchGuid, await connection.ExecuteAsync(
            new CommandDefinition(SetFailed, new { batchGuid, reason }, cancellationToken: cancellation)));
    }

    /// <summary>Writes <c>migrate.ingested</c> and leaves the commit to the caller,
    /// who commits production in between.</summary>
    /// <remarks>A crash between the two commits leaves <c>migrate.in_process</c>,
    /// never an ingested batch without rows.</remarks>
    /// <exception cref="InvalidOperationException">There is no such batch.</exception>
    public async Task<MigratedMark> BeginMigratedAsync(string batchGuid, CancellationToken cancellation)
    {
        var connection = await databases.Stats.OpenConnectionAsync(cancellation);
        try
        {
            var transaction = await connection.BeginTransactionAsync(cancellation);
            RequireOne(batchGuid, await connection.ExecuteAsync(new CommandDefinition(
                Set, new { batchGuid, loadStatus = LoadStatus.Migrated }, transaction,
                cancellationToken: cancellation)));
            return new MigratedMark(connection, transaction);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task<IReadOnlyList<string>> ListAsync(string sql, object parameters, CancellationToken cancellation)
    {
        await using var connection = await databases.Stats.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<string>(
            new CommandDefinition(sql, parameters, cancellationToken: cancellation))).AsList();
    }

    private static void RequireOne(string batchGuid, int rows)
    {
        if (rows != 1)
            throw new InvalidOperationException($"udl_stats has {rows} rows of batch {batchGuid} instead of one.");
    }
}

/// <summary>A written, not yet committed <c>migrate.ingested</c>; disposal without commit takes it back.</summary>
internal sealed class MigratedMark(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
{
    public Task CommitAsync(CancellationToken cancellation) => transaction.CommitAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }
}
