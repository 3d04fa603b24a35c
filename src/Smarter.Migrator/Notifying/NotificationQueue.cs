using Dapper;
using Microsoft.Extensions.Options;
using Smarter.Database;

namespace Smarter.Migrator.Notifying;

/// <summary>The batches in <c>udl_stats</c> that have ended and whose submitters are still to be told.</summary>
/// <remarks>
/// A claim is written down before anything is sent and lapses by itself: a sender that is killed leaves a notification
/// that is due again, so that it is sent twice at worst and never lost. Claims need no connection to stay open and
/// lock no row while a receiver is waited for.
/// </remarks>
internal sealed class NotificationQueue(Databases databases, IOptions<NotificationOptions> options)
{
    // The conditions on the row repeat those of udl_stats_notification_idx. The subquery stands behind "=", where it
    // runs once: as a joined table PostgreSQL may run it again and claim a second row.
    private const string Claim = """
        UPDATE udl_stats
           SET notification_attempts = CASE WHEN notification_due IS NULL THEN 1 ELSE notification_attempts + 1 END,
               notification_due = clock_timestamp() + @lease::interval
         WHERE rec_id = (
               SELECT rec_id
                 FROM udl_stats
                WHERE load_status IN ('udl.failed', 'migrate.failed', 'migrate.ingested')
                  AND (notification_status IS NULL OR notification_status = '' OR notification_due IS NOT NULL)
                  AND (notification_due IS NULL OR notification_due <= clock_timestamp())
                  AND tenant <> ALL(@busyTenants)
                ORDER BY file_arrived, rec_id
                LIMIT 1
                  FOR UPDATE SKIP LOCKED)
        RETURNING tenant::text, batch_guid::text, load_status::text, notification_attempts AS attempt,
                  notification, notification_status
        """;

    // Not when the batch has moved on, or another sender has taken over after the claim lapsed.
    private const string Record = """
        UPDATE udl_stats
           SET notification_status = @status,
               notification_due = clock_timestamp() + @pause::interval
         WHERE batch_guid = @batchGuid AND load_status = @loadStatus AND notification_attempts = @attempt
        """;

    /// <summary>Enough for the two senders, which work side by side, and for writing the result down.</summary>
    private TimeSpan Lease => options.Value.Timeout * 2 + TimeSpan.FromSeconds(5);

    /// <param name="busyTenants">Tenants whose turn it is not.</param>
    /// <returns>Of those that are due the one whose file arrived first, now claimed;
    /// null when there is none.</returns>
    /// <exception cref="Npgsql.NpgsqlException">The database does not answer.</exception>
    public async Task<Notification?> ClaimAsync(string[] busyTenants, CancellationToken cancellation)
    {
        await using var connection = await databases.Stats.OpenConnectionAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            new CommandDefinition(Claim, new { busyTenants, lease = Lease }, cancellationToken: cancellation));
        return row is null
            ? null
            : Notification.From(
                row.Tenant, row.BatchGuid, row.LoadStatus, row.Attempt, row.Notification, row.NotificationStatus);
    }

    /// <summary>Writes down what a claimed notification came to. It is due again after
    /// <see cref="NotificationOptions.RetryInterval"/> when it is pending, else settled.</summary>
    /// <exception cref="Npgsql.NpgsqlException">The database does not answer; the claim lapses.</exception>
    public async Task RecordAsync(Notification claimed, NotificationStatus status, CancellationToken cancellation)
    {
        await using var connection = await databases.Stats.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            Record,
            new
            {
                claimed.BatchGuid,
                claimed.LoadStatus,
                claimed.Attempt,
                status = status.ToJson(),
                pause = status.IsPending ? options.Value.RetryInterval : (TimeSpan?)null,
            },
            cancellationToken: cancellation));
    }

    private sealed record Row(
        string Tenant, string BatchGuid, string LoadStatus, int Attempt, string? Notification,
        string? NotificationStatus);
}
