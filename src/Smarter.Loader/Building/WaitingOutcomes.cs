using Dapper;
using Npgsql;
using Smarter.Database;
using Smarter.Loader.Batches;

namespace Smarter.Loader.Building;

/// <summary>Looks for outcomes in the tenant's batches that arrived before a file and are not in production yet
/// (docs/adr/0023).</summary>
internal static class WaitingOutcomes
{
    private const string EarlierBatches = """
        SELECT earlier.batch_guid::text
          FROM udl_stats own
          JOIN udl_stats earlier ON earlier.tenant = own.tenant AND earlier.rec_id < own.rec_id
         WHERE own.batch_guid = @batch
           AND earlier.load_status IN ('udl.received', 'udl.ingested', 'migrate.in_process')
         ORDER BY earlier.rec_id
        """;

    private const string MakeFound = """
        CREATE TEMP TABLE found_outcome (
            turn int, is_current boolean, rec_id bigint, student_id varchar(40) COLLATE "C",
            asmt_guid varchar(255) COLLATE "C", date_taken varchar(8) COLLATE "C")
        """;

    private const string Find = """
        INSERT INTO found_outcome
        SELECT DISTINCT ON (student_id, asmt_guid, date_taken)
               @turn, fact.rec_status = 'C', fact.{2}, student_id, asmt_guid, date_taken
          FROM wanted_outcome JOIN "{1}".{0} fact USING (student_id, asmt_guid, date_taken)
         WHERE fact.rec_status IN ('C', 'D')
         ORDER BY student_id, asmt_guid, date_taken, fact.rec_status, fact.{2} DESC
        """;

    private const string CopyOut = """
        COPY (SELECT rec_id, student_id, asmt_guid, date_taken
                FROM (SELECT DISTINCT ON (student_id, asmt_guid, date_taken) *
                        FROM found_outcome
                       ORDER BY student_id, asmt_guid, date_taken, turn DESC) last
               WHERE is_current)
        TO STDOUT (FORMAT binary)
        """;

    /// <summary>Copies the wanted outcomes that the last waiting batch to name them inserts, with the key that they
    /// will have in production.</summary>
    /// <remarks>Reads on a connection of its own, a statement at a time, so that no lock outlives a look and the
    /// migrator can drop what it has migrated. A batch whose tables are gone is in production by then: the caller looks
    /// there afterwards. One whose tables are not there yet is passed over.</remarks>
    /// <param name="staging">In the transaction that builds the batch.</param>
    /// <param name="makeWanted">Makes the temporary table <c>wanted_outcome</c>.</param>
    /// <param name="copyWantedOut">A COPY of the outcomes to look for.</param>
    /// <param name="copyFoundIn">A COPY of key, student, assessment and date.</param>
    /// <param name="key">Primary key of <paramref name="table"/>.</param>
    public static async Task CopyAsync(
        NpgsqlConnection staging, Databases databases, LoadFile file, string table, string key, string makeWanted,
        string copyWantedOut, string copyFoundIn, CancellationToken cancellation)
    {
        var batches = await EarlierAsync(databases.Stats, file, cancellation);
        if (batches.Count == 0)
            return;

        await using var look = await databases.Staging(file.Tenant).OpenConnectionAsync(cancellation);
        await look.ExecuteAsync($"{makeWanted}; {MakeFound}");
        await CopyPipe.RunAsync(
            staging, copyWantedOut, look, "COPY wanted_outcome FROM STDIN (FORMAT binary)", cancellation);
        await look.ExecuteAsync("ANALYZE wanted_outcome", commandTimeout: 0);
        foreach (var (turn, batch) in batches.Index())
        {
            var find = Find.Replace("{0}", table, StringComparison.Ordinal)
                .Replace("{1}", batch.ToString("D"), StringComparison.Ordinal)
                .Replace("{2}", key, StringComparison.Ordinal);
            try
            {
                await look.ExecuteAsync(
                    new CommandDefinition(find, new { turn }, commandTimeout: 0, cancellationToken: cancellation));
            }
            catch (PostgresException gone) when (gone.SqlState == PostgresErrorCodes.UndefinedTable)
            {
                // migrated meanwhile, or not staged yet: the other batches may still know the outcome
            }
        }
        await CopyPipe.RunAsync(look, CopyOut, staging, copyFoundIn, cancellation);
        await look.ExecuteAsync("DROP TABLE wanted_outcome, found_outcome");
    }

    private static async Task<IReadOnlyList<Guid>> EarlierAsync(
        NpgsqlDataSource stats, LoadFile file, CancellationToken cancellation)
    {
        await using var connection = await stats.OpenConnectionAsync(cancellation);
        var batches = await connection.QueryAsync<string>(
            new CommandDefinition(EarlierBatches, new { batch = file.Guid }, cancellationToken: cancellation));
        return [.. batches.Select(Guid.Parse)];
    }
}
