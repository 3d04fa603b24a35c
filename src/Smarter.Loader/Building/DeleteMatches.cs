using Dapper;
using Npgsql;
using Smarter.Core;
using Smarter.Database;
using Smarter.Loader.Batches;

namespace Smarter.Loader.Building;

/// <summary>Matches the delete rows of a file with the current outcomes of production (loader.md §5.6),
/// and with those that wait for their migration.</summary>
internal static class DeleteMatches
{
    private const string CountWaiting = """SELECT count(*) FROM "{1}".{0} WHERE rec_status = 'W'""";

    private const string MakeWanted = """
        CREATE TEMP TABLE wanted_outcome (
            student_id varchar(40) COLLATE "C", asmt_guid varchar(255) COLLATE "C", date_taken varchar(8) COLLATE "C")
        """;

    private const string CopyWantedOut = """
        COPY (SELECT DISTINCT student_id, asmt_guid, date_taken FROM "{1}".{0} WHERE rec_status = 'W')
        TO STDOUT (FORMAT binary)
        """;

    private const string CopyMatchesOut = """
        COPY (SELECT current.{2}, current.student_id, current.asmt_guid, current.date_taken
                FROM wanted_outcome wanted
                JOIN {0} current ON (current.student_id, current.asmt_guid, current.date_taken)
                                  = (wanted.student_id, wanted.asmt_guid, wanted.date_taken)
               WHERE current.rec_status = 'C')
        TO STDOUT (FORMAT binary)
        """;

    private const string MakeMatches = """
        CREATE TEMP TABLE matched_outcome (
            rec_id bigint, student_id varchar(40) COLLATE "C", asmt_guid varchar(255) COLLATE "C",
            date_taken varchar(8) COLLATE "C")
        ON COMMIT DROP;
        CREATE TEMP TABLE waiting_outcome (LIKE matched_outcome) ON COMMIT DROP;
        """;

    private const string AddWaiting = """
        INSERT INTO matched_outcome
        SELECT waiting.* FROM waiting_outcome waiting
         WHERE NOT EXISTS (
            SELECT FROM matched_outcome matched
             WHERE (matched.student_id, matched.asmt_guid, matched.date_taken)
                   = (waiting.student_id, waiting.asmt_guid, waiting.date_taken))
        """;

    private const string FindDeletedTwice = """
        SELECT matched.rec_id, max(fact.src_file_rec_num) AS row_number
          FROM "{1}".{0} fact
          JOIN matched_outcome matched USING (student_id, asmt_guid, date_taken)
         WHERE fact.rec_status = 'W'
         GROUP BY matched.rec_id HAVING count(*) > 1
        """;

    private const string FindUnmatched = """
        SELECT fact.{2} AS rec_id, fact.src_file_rec_num AS row_number
          FROM "{1}".{0} fact
          LEFT JOIN matched_outcome matched USING (student_id, asmt_guid, date_taken)
         WHERE fact.rec_status = 'W' AND matched.rec_id IS NULL
        """;

    private const string Match = """
        UPDATE "{1}".{0} fact SET {2} = matched.rec_id, rec_status = 'D'
          FROM matched_outcome matched
         WHERE fact.rec_status = 'W'
           AND (fact.student_id, fact.asmt_guid, fact.date_taken)
               = (matched.student_id, matched.asmt_guid, matched.date_taken)
        """;

    private const string MakeBad =
        "CREATE TEMP TABLE bad_delete (rec_id bigint, row_number bigint) ON COMMIT DROP";

    private const string CountBad = "SELECT count(*) AS rows, coalesce(min(row_number), 0) AS first FROM bad_delete";

    private const string RecordBadDeletes = """
        DELETE FROM err_list WHERE guid_batch = @batch AND record_sid IS NOT NULL;
        INSERT INTO err_list (record_sid, guid_batch, err_code, err_source, err_code_text, err_source_text,
                              input_file, src_file_rec_num)
        SELECT bad.rec_id, @batch, @code, @source, @text, @sourceText, @inputFile, bad.row_number
          FROM bad_delete bad;
        """;

    private sealed record BadDeletes(long Rows, long First);

    /// <param name="code">1000 or 1001.</param>
    /// <param name="rows">How many deletes are bad.</param>
    /// <param name="first">The first of these rows.</param>
    public static FileRejectedException Refusal(ErrorCode code, long rows, long first) =>
        new(code, $"{CodeTable.Of(code).Meaning} Rows: {rows}, first {first}.");

    /// <param name="staging">In the transaction that builds the batch.</param>
    /// <returns>How many deletes the file asks for; each now has status D and the record id of the
    /// row that is current in production, or will be once the batches that arrived before are migrated.</returns>
    /// <exception cref="FileRejectedException">1000 or 1001; each bad delete stands in err_list.</exception>
    public static async Task<long> ResolveAsync(
        NpgsqlConnection staging, Databases databases, LoadFile file, string table, CancellationToken cancellation)
    {
        var key = table == "fact_block_asmt_outcome" ? "asmt_outcome_rec_id" : "asmt_outcome_vw_rec_id";
        string Sql(string sql) => sql.Replace("{0}", table, StringComparison.Ordinal)
            .Replace("{1}", file.Guid, StringComparison.Ordinal)
            .Replace("{2}", key, StringComparison.Ordinal);

        var waiting = await staging.ExecuteScalarAsync<long>(Sql(CountWaiting), commandTimeout: 0);
        if (waiting == 0)
            return 0;

        await staging.ExecuteAsync(MakeMatches);
        await WaitingOutcomes.CopyAsync(
            staging, databases, file, table, key, MakeWanted, Sql(CopyWantedOut),
            "COPY waiting_outcome FROM STDIN (FORMAT binary)", cancellation);
        await using var source = await databases.Production(file.Tenant).OpenConnectionAsync(cancellation);
        await using var transaction = await source.BeginTransactionAsync(cancellation);
        await source.ExecuteAsync($"{MakeWanted} ON COMMIT DROP");
        await CopyPipe.RunAsync(
            staging, Sql(CopyWantedOut), source, "COPY wanted_outcome FROM STDIN (FORMAT binary)", cancellation);
        await source.ExecuteAsync("ANALYZE wanted_outcome", commandTimeout: 0);
        await CopyPipe.RunAsync(
            source, Sql(CopyMatchesOut), staging, "COPY matched_outcome FROM STDIN (FORMAT binary)", cancellation);
        await staging.ExecuteAsync(AddWaiting, commandTimeout: 0);

        await RefuseAsync(
            ErrorCode.DeletedTwice, 2, "DELETE_FACT_ASMT_OUTCOME_RECORD_MORE_THAN_ONCE", Sql(FindDeletedTwice));
        await RefuseAsync(
            ErrorCode.DeleteRecordNotFound, 1, "MISMATCHED_FACT_ASMT_OUTCOME_RECORD", Sql(FindUnmatched));
        await staging.ExecuteAsync(
            new CommandDefinition(Sql(Match), commandTimeout: 0, cancellationToken: cancellation));
        return waiting;

        async Task RefuseAsync(ErrorCode code, long sourceCode, string sourceText, string find)
        {
            await using var connection = await databases.Udl.OpenConnectionAsync(cancellation);
            await using var recording = await connection.BeginTransactionAsync(cancellation);
            await connection.ExecuteAsync(MakeBad);
            await CopyPipe.RunAsync(staging, $"COPY ({find}) TO STDOUT (FORMAT binary)",
                connection, "COPY bad_delete FROM STDIN (FORMAT binary)", cancellation);
            var bad = await connection.QuerySingleAsync<BadDeletes>(
                new CommandDefinition(CountBad, commandTimeout: 0, cancellationToken: cancellation));
            if (bad.Rows == 0)
                return;
            await connection.ExecuteAsync(new CommandDefinition(RecordBadDeletes, new
            {
                batch = file.Guid,
                code = (long)code,
                source = sourceCode,
                text = CodeTable.Of(code).Meaning,
                sourceText,
                inputFile = file.FileName,
            }, commandTimeout: 0, cancellationToken: cancellation));
            await recording.CommitAsync(cancellation);
            throw Refusal(code, bad.Rows, bad.First);
        }
    }
}
