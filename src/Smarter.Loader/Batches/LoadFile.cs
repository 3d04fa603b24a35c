using Dapper;
using Smarter.Core;
using Smarter.Core.Messages;
using Smarter.Database;

namespace Smarter.Loader.Batches;

/// <summary>How far the load of a file has come; stored in <c>load_file.stage</c>.</summary>
internal static class LoadStage
{
    /// <summary>Claimed; the file may still lie in arrivals.</summary>
    public const string Arriving = "arriving";

    /// <summary>In the work zone, to be staged.</summary>
    public const string Arrived = "arrived";

    /// <summary>Its rows are committed in the batch schema, to be built.</summary>
    public const string Staged = "staged";

    /// <summary>Its outcome is known; receipts and cleanup are to do.</summary>
    public const string Finishing = "finishing";

    public const string Ended = "ended";

    /// <returns>The order that works on a file in <paramref name="stage"/>; null when there is none.</returns>
    public static object? OrderFor(string stage, Guid batch) => stage switch
    {
        Arrived => new StageBatch(batch),
        Staged => new BuildBatch(batch),
        Finishing => new FinishBatch(batch),
        _ => null,
    };
}

/// <summary>What became of a file; stored in <c>load_file.outcome</c>.</summary>
internal static class LoadOutcome
{
    public const string Ingested = "ingested";
    public const string Failed = "failed";

    /// <summary>The same bytes were loaded before; see <see cref="LoadFile.DuplicateOf"/>.</summary>
    public const string Duplicate = "duplicate";
}

/// <summary>One delivered file: a row of <c>udl2.load_file</c>.</summary>
/// <param name="Id">The batch guid; also the name of the batch schema.</param>
/// <param name="Submitter">Folder below the tenant's in arrivals; empty when the file lay in the tenant's own.</param>
/// <param name="WorkFolder">Name of its folder in work and history: time of arrival (UTC) and batch guid.</param>
/// <param name="Md5">32 lower-case hex digits.</param>
/// <param name="ArrivedAt">UTC.</param>
/// <param name="Outcome">Null until <see cref="LoadStage.Finishing"/>.</param>
/// <param name="FaultCode">An <see cref="ErrorCode"/>; null unless the outcome is failed.</param>
/// <param name="RowsReceived">Loaded, rejected and superseded together, once the file has ended (docs/adr/0017);
/// null for a duplicate, and for a file whose fault was met before its last row was counted.</param>
/// <param name="LoadType">One of <see cref="Core.LoadType"/>; null until its JSON was read.</param>
internal sealed record LoadFile(
    Guid Id, string Tenant, string Submitter, string FileName, string SourcePath, string WorkFolder, string Md5,
    long SizeBytes, DateTime ArrivedAt, string Stage, string? Outcome, int? FaultCode, string? FaultText,
    Guid? DuplicateOf, long? RowsReceived, long? RowsLoaded, long? RowsRejected, long? RowsSuperseded,
    string? LoadType = null)
{
    /// <summary>The batch schema's name,
    /// and the value of every <c>batch_guid</c> and <c>guid_batch</c> column.</summary>
    public string Guid => Id.ToString();
}

/// <summary>Reads and moves on the rows of <c>udl2.load_file</c>:
/// the loader's own memory, which outlives every crash.</summary>
internal sealed class LoadFiles(Databases databases, TimeProvider clock)
{
    private const string Columns = """
        guid_batch AS id, tenant, submitter, file_name, source_path, work_folder, md5::text, size_bytes,
        arrived_at::timestamptz AT TIME ZONE 'UTC' AS arrived_at, stage, outcome, fault_code, fault_text, duplicate_of,
        rows_received, rows_loaded, rows_rejected, rows_superseded, load_type
        """;

    private const string Find = $"SELECT {Columns} FROM load_file WHERE guid_batch = @id";

    private const string Insert = """
        INSERT INTO load_file (guid_batch, tenant, submitter, file_name, source_path, work_folder, md5, size_bytes,
                               arrived_at, stage, outcome, fault_code, fault_text, duplicate_of)
        VALUES (@Id, @Tenant, @Submitter, @FileName, @SourcePath, @WorkFolder, @Md5, @SizeBytes,
                @ArrivedAt::timestamp AT TIME ZONE 'UTC', @Stage, @Outcome, @FaultCode, @FaultText, @DuplicateOf)
        ON CONFLICT (source_path) WHERE stage = 'arriving' DO NOTHING
        """;

    private const string MoveOn = "UPDATE load_file SET stage = @to WHERE guid_batch = @id AND stage = @from";

    private const string RecordType = "UPDATE load_file SET load_type = @loadType WHERE guid_batch = @id";

    private const string RecordCounts = """
        UPDATE load_file
           SET rows_received = @received, rows_rejected = @rejected, rows_superseded = 0,
               rows_loaded = @received - @rejected, stage = 'staged'
         WHERE guid_batch = @id AND stage = 'arrived'
        """;

    private const string RecordReceived =
        "UPDATE load_file SET rows_received = @received WHERE guid_batch = @id AND stage = 'arrived'";

    private const string RecordSuccess = """
        UPDATE load_file
           SET stage = 'finishing', outcome = 'ingested', rows_superseded = @superseded,
               rows_loaded = rows_received - rows_rejected - @superseded
         WHERE guid_batch = @id AND stage = 'staged'
        """;

    private const string RecordFault = """
        UPDATE load_file
           SET stage = 'finishing', outcome = 'failed', fault_code = @code, fault_text = @text,
               rows_loaded = 0, rows_rejected = rows_received,
               rows_superseded = CASE WHEN rows_received IS NOT NULL THEN 0 END
         WHERE guid_batch = @id AND stage IN ('arriving', 'arrived', 'staged')
        """;

    private const string RecordEnd = "UPDATE load_file SET stage = 'ended', ended_at = @endedAt WHERE guid_batch = @id";

    /// <returns>The file, or null when there is none of this id.</returns>
    public async Task<LoadFile?> FindAsync(Guid id, CancellationToken cancellation)
    {
        await using var connection = await databases.Udl.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<LoadFile>(Command(Find, new { id }, cancellation));
    }

    /// <returns>False when another watcher has claimed the path already.</returns>
    public Task<bool> RegisterAsync(LoadFile file, CancellationToken cancellation) =>
        ExecuteAsync(Insert, file, cancellation);

    /// <returns>False when the file is not in the stage <paramref name="from"/> any more:
    /// somebody else has moved it on.</returns>
    public Task<bool> MoveOnAsync(Guid id, string from, string to, CancellationToken cancellation) =>
        ExecuteAsync(MoveOn, new { id, from, to }, cancellation);

    /// <summary>Its JSON is read.</summary>
    /// <param name="loadType">One of <see cref="LoadType"/>.</param>
    public Task<bool> RecordLoadTypeAsync(Guid id, string loadType, CancellationToken cancellation) =>
        ExecuteAsync(RecordType, new { id, loadType }, cancellation);

    /// <summary>Its rows are staged.</summary>
    /// <param name="received">Data rows of the file.</param>
    /// <param name="rejected">Of these, how many stand in err_list as rejected.</param>
    public Task<bool> RecordStagedAsync(Guid id, long received, long rejected, CancellationToken cancellation) =>
        ExecuteAsync(RecordCounts, new { id, received, rejected }, cancellation);

    /// <summary>Its rows are counted; it is about to be rejected for what they are.</summary>
    /// <param name="received">Data rows of the file.</param>
    public Task RecordReceivedAsync(Guid id, long received, CancellationToken cancellation) =>
        ExecuteAsync(RecordReceived, new { id, received }, cancellation);

    /// <summary>Its star schema is built.</summary>
    /// <param name="superseded">Rows that a later row of the same file replaced.</param>
    public Task<bool> RecordBuiltAsync(Guid id, long superseded, CancellationToken cancellation) =>
        ExecuteAsync(RecordSuccess, new { id, superseded }, cancellation);

    /// <summary>The whole file is rejected, and with it each of its rows, as far as they were counted.</summary>
    public Task<bool> RecordRejectedAsync(Guid id, FileRejectedException fault, CancellationToken cancellation) =>
        ExecuteAsync(RecordFault, new { id, code = (int)fault.Code, text = fault.Reason }, cancellation);

    public Task<bool> RecordEndedAsync(Guid id, CancellationToken cancellation) =>
        ExecuteAsync(RecordEnd, new { id, endedAt = clock.GetUtcNow() }, cancellation);

    private async Task<bool> ExecuteAsync(string sql, object parameters, CancellationToken cancellation)
    {
        await using var connection = await databases.Udl.OpenConnectionAsync(cancellation);
        return await connection.ExecuteAsync(Command(sql, parameters, cancellation)) > 0;
    }

    private static CommandDefinition Command(string sql, object? parameters, CancellationToken cancellation) =>
        new(sql, parameters, cancellationToken: cancellation);
}
