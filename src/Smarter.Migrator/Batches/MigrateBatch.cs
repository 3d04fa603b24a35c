using System.Data;
using System.Globalization;
using Dapper;
using Npgsql;
using Smarter.Core;
using Smarter.Database;

namespace Smarter.Migrator.Batches;

/// <summary>Brings one batch to production in one transaction,
/// then drops its schema in staging (operations.md §1.6).</summary>
internal sealed class MigrateBatch(
    Databases databases, UdlStats udlStats, BatchSchemas schemas, TimeProvider time, ILogger<MigrateBatch> log)
{
    /// <summary>Number of inserted rows from which the table's planner statistics are refreshed.</summary>
    private const long ManyRows = 10_000;

    /// <remarks>Waits for a transaction of the same batch that a lost connection may have left behind; afterwards its
    /// commit is visible.</remarks>
    private const string LockBatch = """
        SET LOCAL work_mem = '64MB';
        SELECT pg_advisory_xact_lock(hashtextextended('smarter.batch ' || @batchGuid, 0));
        """;

    private const string IsThere = "SELECT EXISTS (SELECT FROM migrated_batch WHERE batch_guid = @batchGuid)";

    private const string Remember = """
        INSERT INTO migrated_batch (
            batch_guid, load_type, migrated_at, rows_inserted, rows_deleted, rows_superseded, checksum)
        VALUES (@BatchGuid, @LoadType, @MigratedAt, @Inserted, @Deleted, @Superseded, @Checksum)
        """;

    /// <summary>Takes the batch from <c>udl.ingested</c> to <c>migrate.ingested</c>. Safe to repeat: a batch that
    /// already is in production only gets its status and loses its schema.</summary>
    /// <returns>One entry per table in the order of migration; empty when the batch was in production before.</returns>
    /// <exception cref="BatchRefusedException">Nothing is changed;
    /// status and schema are the caller's to settle.</exception>
    /// <exception cref="NpgsqlException">A database failed;
    /// production either has the whole batch or nothing of it.</exception>
    public async Task<IReadOnlyList<TableRows>> RunAsync(IngestedBatch batch, CancellationToken cancellation)
    {
        var schema = batch.Schema();
        await udlStats.SetAsync(batch.BatchGuid, LoadStatus.Migrating, cancellation);

        await using var production = await databases.Production(batch.Tenant).OpenForCopyAsync(cancellation);
        await using var transaction = await production.BeginTransactionAsync(cancellation);
        await production.ExecuteAsync(new CommandDefinition(
            LockBatch, new { batchGuid = batch.BatchGuid }, transaction, cancellationToken: cancellation));
        var isThere = await IsInAsync(production, batch.BatchGuid, cancellation);
        var tables = isThere ? [] : await CopyAsync(batch, schema, production, cancellation);

        await using (var migrated = await udlStats.BeginMigratedAsync(batch.BatchGuid, cancellation))
        {
            await transaction.CommitAsync(CancellationToken.None);
            await migrated.CommitAsync(CancellationToken.None);
        }
        await schemas.DropAsync(batch.Tenant, schema, CancellationToken.None);
        await AnalyzeAsync(production, tables, cancellation);
        return tables;
    }

    /// <returns>Whether production has the whole batch.</returns>
    public async Task<bool> IsInProductionAsync(string tenant, string batchGuid, CancellationToken cancellation)
    {
        await using var production = await databases.Production(tenant).OpenConnectionAsync(cancellation);
        return await IsInAsync(production, batchGuid, cancellation);
    }

    private static Task<bool> IsInAsync(
        NpgsqlConnection production, string batchGuid, CancellationToken cancellation) =>
        production.ExecuteScalarAsync<bool>(
            new CommandDefinition(IsThere, new { batchGuid }, cancellationToken: cancellation));

    private async Task<IReadOnlyList<TableRows>> CopyAsync(
        IngestedBatch batch, Guid schema, NpgsqlConnection production, CancellationToken cancellation)
    {
        var criteria = Criteria(batch);
        if (!(await schemas.ListAsync(batch.Tenant, cancellation)).Contains(batch.BatchGuid))
            throw new BatchRefusedException("The batch has no schema in staging.");

        await using var staging = await databases.Staging(batch.Tenant).OpenForCopyAsync(cancellation);
        await using var snapshot = await staging.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var tables = criteria is null
            ? await CopyStarAsync(staging, production, schema, cancellation)
            : [await new SnapshotCopy(staging, production, schema).RunAsync(criteria, cancellation)];

        await production.ExecuteAsync(new CommandDefinition(Remember, new
        {
            batch.BatchGuid,
            batch.LoadType,
            MigratedAt = time.GetUtcNow(),
            Inserted = tables.Sum(table => table.Inserted),
            Deleted = tables.Sum(table => table.Deleted),
            Superseded = tables.Sum(table => table.Superseded),
            Checksum = tables.Sum(table => table.Checksum),
        }, cancellationToken: cancellation));
        return tables;
    }

    /// <returns>What the batch replaces; null when it is no snapshot and goes row by row.</returns>
    /// <exception cref="BatchRefusedException">A load type that is not migrated in this way.</exception>
    private static SnapshotCriteria? Criteria(IngestedBatch batch) => batch switch
    {
        { LoadType: LoadType.Assessment, BatchOperation: null or "" } => null,
        { LoadType: LoadType.StudentRegistration, BatchOperation: "s" } =>
            SnapshotCriteria.Parse(batch.SnapshotCriteria),
        _ => throw new BatchRefusedException(
            $"load_type {batch.LoadType} with batch_operation {batch.BatchOperation ?? "null"} cannot be migrated."),
    };

    private async Task<IReadOnlyList<TableRows>> CopyStarAsync(
        NpgsqlConnection staging, NpgsqlConnection production, Guid schema, CancellationToken cancellation)
    {
        var today = time.GetLocalNow().ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        var shadows = new StaleShadows(staging, production, schema);
        foreach (var dimension in StarTable.Dimensions)
        {
            var revived = await shadows.ReviveAsync(dimension, cancellation);
            if (revived > 0)
                log.LogInformation("{Table}: {Revived} rows were overtaken since the build", dimension.Name, revived);
        }
        var copy = new BatchCopy(staging, production, schema, today);
        var tables = new List<TableRows>();
        foreach (var table in StarTable.All)
            tables.Add(await copy.RunAsync(table, cancellation));
        return tables;
    }

    private async Task AnalyzeAsync(
        NpgsqlConnection production, IEnumerable<TableRows> tables, CancellationToken cancellation)
    {
        try
        {
            foreach (var table in tables.Where(table => table.Inserted >= ManyRows))
                await production.ExecuteAsync(new CommandDefinition(
                    "SELECT analyze_star_table(@Table)", new { table.Table }, cancellationToken: cancellation));
        }
        catch (Exception trouble) when (trouble is NpgsqlException or OperationCanceledException)
        {
            log.LogWarning(trouble, "The batch is in production, but its planner statistics are not fresh");
        }
    }
}
