using Dapper;
using Smarter.Database;

namespace Smarter.Loader.Arrival;

/// <summary>A batch with the same bytes.</summary>
/// <param name="HasEnded">Whether its load is over; until then nobody knows whether it was loaded.</param>
internal sealed record SameFile(Guid Id, bool HasEnded);

/// <summary>Finds the batch that bytes came with before. One that failed, in the load or in the migration, brought
/// nothing and does not count: its file may be sent again.</summary>
internal sealed class SameFiles(Databases databases)
{
    private const string Find = """
        SELECT guid_batch AS id, stage = 'ended' AS has_ended FROM load_file
         WHERE tenant = @tenant AND md5 = @md5 AND (outcome IS NULL OR outcome = 'ingested') AND NOT may_repeat
         ORDER BY arrival_number
        """;

    private const string FindFailed = """
        SELECT batch_guid FROM udl_stats
         WHERE batch_guid = ANY (@batches) AND load_status IN ('udl.failed', 'migrate.failed')
        """;

    /// <returns>The tenant's first batch with these bytes that was loaded or is being loaded; null when there is none.
    /// </returns>
    /// <param name="md5">Lower-case hex.</param>
    public async Task<SameFile?> FindAsync(string tenant, string md5, CancellationToken cancellation)
    {
        await using var udl = await databases.Udl.OpenConnectionAsync(cancellation);
        var same = (await udl.QueryAsync<SameFile>(
            new CommandDefinition(Find, new { tenant, md5 }, cancellationToken: cancellation))).AsList();
        if (same.Count == 0)
            return null;
        await using var stats = await databases.Stats.OpenConnectionAsync(cancellation);
        var failed = (await stats.QueryAsync<string>(new CommandDefinition(
            FindFailed, new { batches = same.ConvertAll(file => file.Id.ToString()) },
            cancellationToken: cancellation))).ToHashSet(StringComparer.Ordinal);
        return same.Find(file => !failed.Contains(file.Id.ToString()));
    }
}
