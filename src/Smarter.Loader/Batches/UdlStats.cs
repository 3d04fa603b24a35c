using System.Text.Json.Nodes;
using Dapper;
using Smarter.Core;
using Smarter.Database;

namespace Smarter.Loader.Batches;

/// <summary>Writes <c>udl_stats</c>, the contract between loader and migrator (operations.md §1.4).
/// Times are local, as before.</summary>
internal sealed class UdlStats(Databases databases, TimeProvider clock)
{
    private const string InsertReceived = """
        INSERT INTO udl_stats (tenant, load_type, file_arrived, load_status, batch_guid)
        VALUES (@tenant, 'Unknown', @arrived, @status, @batch)
        ON CONFLICT (batch_guid) DO NOTHING
        """;

    private const string UpdateLoadType = """
        UPDATE udl_stats SET load_type = @loadType, load_start = coalesce(load_start, @now) WHERE batch_guid = @batch
        """;

    private const string MergeNotification = """
        UPDATE udl_stats
           SET notification = (coalesce(nullif(notification, ''), '{}')::jsonb || @json::jsonb)::text
         WHERE batch_guid = @batch
        """;

    private const string UpdateSnapshot = """
        UPDATE udl_stats SET batch_operation = 's', snapshot_criteria = @json WHERE batch_guid = @batch
        """;

    // Only a batch that is still the loader's: a repeated end must not pull back what the migrator has taken up.
    private const string UpdateEnd = """
        UPDATE udl_stats SET load_end = @now, load_status = @status, record_loaded_count = @loaded
         WHERE batch_guid = @batch AND load_status = 'udl.received'
        """;

    public Task RecordReceivedAsync(LoadFile file, CancellationToken cancellation) => ExecuteAsync(
        InsertReceived,
        new { tenant = file.Tenant, arrived = Local(file.ArrivedAt), status = LoadStatus.Received, batch = file.Guid },
        cancellation);

    public Task RecordLoadTypeAsync(LoadFile file, string loadType, CancellationToken cancellation) => ExecuteAsync(
        UpdateLoadType, new { loadType, now = Now(), batch = file.Guid }, cancellation);

    /// <summary>Marks the batch as a snapshot, which replaces the rows of production that fit.</summary>
    /// <param name="criteria">Columns of <c>student_reg</c> and their values.</param>
    public Task RecordSnapshotAsync(LoadFile file, JsonObject criteria, CancellationToken cancellation) =>
        ExecuteAsync(UpdateSnapshot, new { json = criteria.ToJsonString(), batch = file.Guid }, cancellation);

    /// <summary>Adds members to the notification that the submitter is sent at the end;
    /// a member of the same name is replaced.</summary>
    public Task AddToNotificationAsync(LoadFile file, JsonObject members, CancellationToken cancellation) =>
        ExecuteAsync(MergeNotification, new { json = members.ToJsonString(), batch = file.Guid }, cancellation);

    /// <param name="status"><see cref="LoadStatus.Ingested"/> or <see cref="LoadStatus.Failed"/>.</param>
    /// <param name="loaded">Rows in the batch; 0 for a failed one.</param>
    public Task RecordEndAsync(LoadFile file, string status, long loaded, CancellationToken cancellation) =>
        ExecuteAsync(UpdateEnd, new { now = Now(), status, loaded, batch = file.Guid }, cancellation);

    private async Task ExecuteAsync(string sql, object parameters, CancellationToken cancellation)
    {
        await using var connection = await databases.Stats.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(sql, parameters, cancellationToken: cancellation));
    }

    private DateTime Now() => clock.GetLocalNow().DateTime;

    private DateTime Local(DateTime utc) =>
        TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(utc, DateTimeKind.Utc), clock.LocalTimeZone);
}
