using Dapper;
using Npgsql;
using Smarter.Database;

namespace Smarter.Migrator.Batches;

/// <summary>
/// Replaces one registration system's rows of one year by those of a batch, on two open connections with a transaction
/// each (operations.md §1.8). The caller commits or rolls back. Rows of other systems and years are not touched.
/// </summary>
/// <param name="staging">Opened by <see cref="CopyConnection"/>, as is <paramref name="production"/>.</param>
/// <param name="schema">The batch's guid, which names its schema.</param>
internal sealed class SnapshotCopy(NpgsqlConnection staging, NpgsqlConnection production, Guid schema)
{
    private const string Table = "student_reg";

    private const string Columns = """
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum)
          FROM pg_attribute
         WHERE attrelid = 'student_reg'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
        """;

    private const string OfSnapshot = "reg_system_id = @RegSystemId AND academic_year = @AcademicYear";

    private const string DeleteReplaced = $"DELETE FROM {Table} WHERE {OfSnapshot}";

    private sealed record Rows(long Count, long OfSnapshot, decimal Checksum);

    /// <summary>Deletes, inserts and verifies.</summary>
    /// <exception cref="BatchRefusedException">The batch has no row or one of another system or year,
    /// or production differs from staging afterwards.</exception>
    public async Task<TableRows> RunAsync(SnapshotCriteria criteria, CancellationToken cancellation)
    {
        CommandDefinition Command(string sql) => new(sql, criteria, cancellationToken: cancellation);

        var columns = await production.ExecuteScalarAsync<string>(Command(Columns));
        var from = $"\"{schema:D}\".{Table}";
        var staged = await staging.QuerySingleAsync<Rows>(Command(Summary(from, columns!)));
        if (staged.Count == 0)
            throw new BatchRefusedException($"{Table}: the snapshot has no rows.");
        if (staged.OfSnapshot != staged.Count)
            throw new BatchRefusedException(
                $"{Table}: {staged.Count - staged.OfSnapshot} of {staged.Count} staged rows "
                + "belong to another system or year than the snapshot.");

        var deleted = await production.ExecuteAsync(Command(DeleteReplaced));
        await CopyPipe.RunAsync(
            staging, $"COPY (SELECT {columns} FROM {from}) TO STDOUT (FORMAT binary)",
            production, $"COPY {Table} ({columns}) FROM STDIN (FORMAT binary)", cancellation);

        var written = await production.QuerySingleAsync<Rows>(
            Command($"{Summary(Table, columns!)} WHERE {OfSnapshot}"));
        if (written.Count != staged.Count)
            throw new BatchRefusedException(
                $"{Table}: {staged.Count} rows are staged, but {written.Count} reached production.");
        if (written.Checksum != staged.Checksum)
            throw new BatchRefusedException(
                $"{Table}: the checksum is {staged.Checksum} in staging, but {written.Checksum} in production.");
        return new TableRows(Table, written.Count, deleted, Superseded: 0, written.Checksum);
    }

    /// <summary>Counts the rows of a table and adds up a hash over all their columns.</summary>
    private static string Summary(string table, string columns) => $"""
        SELECT count(*) AS count, count(*) FILTER (WHERE {OfSnapshot}) AS of_snapshot,
               coalesce(sum(hash_record_extended(ROW({columns}), 0)), 0) AS checksum
          FROM {table}
        """;
}
