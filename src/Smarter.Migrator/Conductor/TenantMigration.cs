using System.Diagnostics;
using Microsoft.Extensions.Options;
using Npgsql;
using Smarter.Core;
using Smarter.Database;
using Smarter.Migrator.Batches;

namespace Smarter.Migrator.Conductor;

/// <summary>Migrates every batch of one tenant that waits, in the order of arrival; one conductor at a time.</summary>
internal sealed class TenantMigration(
    Databases databases, UdlStats udlStats, BatchSchemas schemas, MigrateBatch migrateBatch,
    IOptions<ConductorOptions> options, ILogger<TenantMigration> log)
{
    /// <param name="stopping">Ends the run after the current batch; one that takes too long is rolled back and waits
    /// again.</param>
    /// <returns>One outcome per batch in the order of migration;
    /// null when another conductor serves the tenant.</returns>
    /// <exception cref="InvalidOperationException">The tenant is not configured.</exception>
    /// <exception cref="NpgsqlException">A database does not answer;
    /// the batches that are not migrated still wait.</exception>
    public async Task<IReadOnlyList<BatchOutcome>?> RunAsync(string tenant, CancellationToken stopping)
    {
        await using var tenantLock = await TenantLock.TryTakeAsync(databases, tenant, stopping);
        if (tenantLock is null)
        {
            log.LogDebug("Another conductor serves {Tenant}", tenant);
            return null;
        }

        using var cutOff = new CancellationTokenSource();
        await using var stop = stopping.Register(() => cutOff.CancelAfter(options.Value.StopAllowance));
        await ClearUpAsync(tenant, cutOff.Token);
        var outcomes = new List<BatchOutcome>();
        while (!stopping.IsCancellationRequested && await udlStats.NextAsync(tenant, cutOff.Token) is { } batch)
        {
            outcomes.Add(await MigrateAsync(batch, cutOff.Token));
            if (outcomes[^1].LoadStatus == LoadStatus.Ingested)
                break;
        }
        return outcomes;
    }

    /// <summary>Settles what an earlier conductor left: it held the lock, and it is gone.</summary>
    private async Task ClearUpAsync(string tenant, CancellationToken cancellation)
    {
        var existing = await schemas.ListAsync(tenant, cancellation);
        foreach (var batchGuid in await udlStats.InProcessAsync(tenant, cancellation))
        {
            if (existing.Contains(batchGuid) || await migrateBatch.IsInProductionAsync(tenant, batchGuid, cancellation))
                await udlStats.SetAsync(batchGuid, LoadStatus.Ingested, cancellation);
            else
                await udlStats.SetFailedAsync(
                    batchGuid, "The migration broke off and the batch has no schema in staging any more.",
                    cancellation);
        }
        foreach (var batchGuid in await udlStats.MigratedAsync([.. existing], cancellation))
            await schemas.DropAsync(tenant, Guid.Parse(batchGuid), cancellation);
    }

    private async Task<BatchOutcome> MigrateAsync(IngestedBatch batch, CancellationToken cancellation)
    {
        using var scope = log.BeginScope(new Dictionary<string, object> { ["BatchId"] = batch.BatchGuid });
        var watch = Stopwatch.StartNew();
        try
        {
            var tables = await migrateBatch.RunAsync(batch, cancellation);
            log.LogInformation(
                "{Tenant}: migrated in {Took}: {Inserted} rows inserted, {Deleted} deleted, {Superseded} superseded",
                batch.Tenant, watch.Elapsed, tables.Sum(table => table.Inserted), tables.Sum(table => table.Deleted),
                tables.Sum(table => table.Superseded));
            return new BatchOutcome(batch.BatchGuid, LoadStatus.Migrated, tables, watch.Elapsed, null);
        }
        catch (Exception trouble) // whatever it is, the tenant's other batches go on
        {
            return await SettleAsync(batch, trouble, watch.Elapsed);
        }
    }

    /// <summary>
    /// A batch that cannot be migrated is <c>migrate.failed</c> and keeps its schema.
    /// One that was only interrupted (by the stop of this process or a lost database) waits again;
    /// should production have it already, the next attempt finds out.
    /// </summary>
    private async Task<BatchOutcome> SettleAsync(IngestedBatch batch, Exception trouble, TimeSpan took)
    {
        var interrupted = trouble is OperationCanceledException
            || (trouble is NpgsqlException lost and (not PostgresException or PostgresException { IsTransient: true }));
        var reason = Reason(trouble);
        log.LogError(trouble, "{Tenant}: the batch is not migrated: {Reason}", batch.Tenant, reason);
        try
        {
            await (interrupted
                ? udlStats.SetAsync(batch.BatchGuid, LoadStatus.Ingested, CancellationToken.None)
                : udlStats.SetFailedAsync(batch.BatchGuid, reason, CancellationToken.None));
        }
        catch (NpgsqlException statsTrouble)
        {
            // It stays migrate.in_process, from which the tenant's next run takes it back.
            log.LogError(statsTrouble, "{Tenant}: the batch's status could not be written", batch.Tenant);
        }
        return new BatchOutcome(
            batch.BatchGuid, interrupted ? LoadStatus.Ingested : LoadStatus.MigrationFailed, [], took, reason);
    }

    /// <remarks>PostgreSQL's own message is left out where it may quote a value.</remarks>
    private static string Reason(Exception trouble) => trouble switch
    {
        BatchRefusedException refused => refused.Message,
        PostgresException { SqlState: ['2', ..] } data =>
            $"Production refused the rows: error {data.SqlState}, table {data.TableName}, "
            + $"constraint {data.ConstraintName}.",
        PostgresException database => $"Error {database.SqlState}: {database.MessageText}",
        OperationCanceledException => "The migrator was stopped.",
        NpgsqlException => "The connection to a database was lost.",
        _ => $"Unexpected error {trouble.GetType().Name}; see the migrator's log.",
    };
}
