using Dapper;
using Npgsql;
using Smarter.Database;

namespace Smarter.Migrator.Batches;

/// <summary>
/// Carries the rows of one batch from its schema in staging into production, table by table, on two open connections
/// with a transaction each (operations.md §1.7). The caller commits or rolls back.
/// </summary>
/// <param name="staging">Opened by <see cref="CopyConnection"/>, as is <paramref name="production"/>.</param>
/// <param name="schema">The batch's guid, which names its schema and stands in <c>batch_guid</c> of each of its
/// rows.</param>
/// <param name="today">The run's date as <c>yyyymmdd</c>, the <c>to_date</c> of superseded rows.</param>
internal sealed class BatchCopy(NpgsqlConnection staging, NpgsqlConnection production, Guid schema, string today)
{
    private const string Columns = """
        SELECT attname::text
          FROM pg_attribute
         WHERE attrelid = @Table::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
         ORDER BY attnum
        """;

    /// <remarks>
    /// The planner takes rows that were inserted in this transaction
    /// for a handful and would look up each one's dimensions by index;
    /// from a tenth of the students on (about 150 bytes each) one pass over the dimension is faster.
    /// </remarks>
    private const string ChooseJoin = """
        SELECT set_config('enable_nestloop', (@Inserts * 10 < pg_relation_size('dim_student') / 150)::text, true)
        """;

    private readonly string batchGuid = schema.ToString("D");

    /// <summary>Deletes, supersedes, inserts and verifies the rows of one table.</summary>
    /// <exception cref="BatchRefusedException">A row to delete is not current,
    /// or production differs from staging afterwards.</exception>
    public async Task<TableRows> RunAsync(StarTable table, CancellationToken cancellation)
    {
        var staged = await StagedAsync(table, cancellation);
        var deleted = await DeleteAsync(table, staged.Deletes, cancellation);
        var superseded = await SupersedeAsync(table, staged.Inserts, cancellation);
        if (staged.Inserts > 0)
        {
            await InsertAsync(table, cancellation);
            await VerifyAsync(table, staged, cancellation);
        }
        return new TableRows(table.Name, staged.Inserts, deleted, superseded, staged.Checksum);
    }

    private async Task<StagedRows> StagedAsync(StarTable table, CancellationToken cancellation)
    {
        var sql = $"""
            SELECT count(*) FILTER (WHERE rec_status = 'C') AS inserts,
                   count(*) FILTER (WHERE rec_status = 'D') AS deletes,
                   coalesce(min({table.Key}) FILTER (WHERE rec_status = 'C'), 0) AS first_key,
                   coalesce(max({table.Key}) FILTER (WHERE rec_status = 'C'), 0) AS last_key,
                   coalesce(sum({Hash(table)}) FILTER (WHERE rec_status = 'C'), 0) AS checksum
              FROM {Staged(table)} t
             WHERE batch_guid = @batchGuid
            """;
        return await staging.QuerySingleAsync<StagedRows>(Command(sql, new { batchGuid }, cancellation));
    }

    /// <remarks>The row to delete is the outcome that is current now: since the loader matched it,
    /// a batch that arrived before may have brought a newer version of it (docs/adr/0023).</remarks>
    private async Task<long> DeleteAsync(StarTable table, long expected, CancellationToken cancellation)
    {
        if (expected == 0)
            return 0;

        await CopyKeysAsync(table, table.NaturalKey, "deleted_row", "D", cancellation);
        var deleted = await production.ExecuteAsync(Command($"""
            UPDATE {table.Name} t
               SET rec_status = 'D'
              FROM deleted_row d
             WHERE {SameKey(table, "d")} AND t.rec_status = 'C'
            """, null, cancellation));
        return deleted == expected
            ? deleted
            : throw new BatchRefusedException(
                $"{table.Name}: {expected - deleted} of {expected} rows to delete are not current, "
                + "they were already deleted.");
    }

    private async Task<long> SupersedeAsync(StarTable table, long inserts, CancellationToken cancellation)
    {
        if (inserts == 0 || !await HasCurrentRowsAsync(table, cancellation))
            return 0;

        await CopyKeysAsync(table, table.NaturalKey, "superseding_row", "C", cancellation);
        return await production.ExecuteAsync(Command($"""
            UPDATE {table.Name} t
               SET rec_status = 'I', to_date = @today
              FROM superseding_row s
             WHERE {SameKey(table, "s")} AND t.rec_status = 'C'
            """, new { today }, cancellation));
    }

    private Task<bool> HasCurrentRowsAsync(StarTable table, CancellationToken cancellation) =>
        production.ExecuteScalarAsync<bool>(Command(
            $"SELECT EXISTS (SELECT FROM {table.Name} WHERE rec_status = 'C')", null, cancellation));

    private async Task InsertAsync(StarTable table, CancellationToken cancellation)
    {
        var columns = (await production.QueryAsync<string>(
            Command(Columns, new { Table = table.Name }, cancellation))).AsList();
        await CopyAsync(table, columns, table.Name, "C", cancellation);
    }

    /// <remarks>The inserted rows are found by the range of their keys,
    /// so that the size of production does not matter.</remarks>
    private async Task VerifyAsync(StarTable table, StagedRows staged, CancellationToken cancellation)
    {
        var joins = string.Join('\n', table.References.Select(dim =>
            $"LEFT JOIN {dim.Name} ON {dim.Name}.{dim.Key} = t.{dim.Key}"));
        var unmatched = table.References.Select(dim => $"count(*) FILTER (WHERE {dim.Name}.{dim.Key} IS NULL)");
        var sql = $"""
            SELECT count(*) AS rows, coalesce(sum({Hash(table)}), 0) AS checksum,
                   ARRAY[{string.Join(", ", unmatched)}]::bigint[] AS missing
              FROM {table.Name} t
              {joins}
             WHERE t.{table.Key} BETWEEN @FirstKey AND @LastKey AND t.batch_guid = @batchGuid AND t.rec_status = 'C'
            """;
        await production.ExecuteAsync(Command(ChooseJoin, new { staged.Inserts }, cancellation));
        var (rows, checksum, missing) = await WrittenAsync(
            Command(sql, new { staged.FirstKey, staged.LastKey, batchGuid }, cancellation), cancellation);

        if (rows != staged.Inserts)
            throw new BatchRefusedException(
                $"{table.Name}: {staged.Inserts} rows are staged, but {rows} reached production.");
        if (checksum != staged.Checksum)
            throw new BatchRefusedException(
                $"{table.Name}: the checksum is {staged.Checksum} in staging, but {checksum} in production.");
        foreach (var (dim, lost) in table.References.Zip(missing).Where(pair => pair.Second > 0))
            throw new BatchRefusedException($"{table.Name}: {lost} rows point to no row of {dim.Name} in production.");
    }

    private async Task<(long Rows, decimal Checksum, long[] Missing)> WrittenAsync(
        CommandDefinition command, CancellationToken cancellation)
    {
        await using var reader = await production.ExecuteReaderAsync(command);
        await reader.ReadAsync(cancellation);
        return (reader.GetInt64(0), reader.GetDecimal(1), reader.GetFieldValue<long[]>(2));
    }

    private async Task CopyKeysAsync(
        StarTable table, IReadOnlyList<string> columns, string into, string recStatus, CancellationToken cancellation)
    {
        await production.ExecuteAsync(Command($"""
            DROP TABLE IF EXISTS pg_temp.{into};
            CREATE TEMPORARY TABLE {into} ON COMMIT DROP AS
                SELECT {string.Join(", ", columns)} FROM {table.Name} WITH NO DATA;
            """, null, cancellation));
        await CopyAsync(table, columns, into, recStatus, cancellation);
        await production.ExecuteAsync(Command($"ANALYZE {into}", null, cancellation));
    }

    /// <summary>Pipes the batch's rows of one status through this process, a buffer at a time.</summary>
    /// <param name="recStatus"><c>C</c> or <c>D</c>; COPY takes no parameters, so that it stands in the
    /// statement.</param>
    private async Task CopyAsync(
        StarTable table, IReadOnlyList<string> columns, string into, string recStatus, CancellationToken cancellation)
    {
        var list = string.Join(", ", columns.Select(column => $"\"{column}\""));
        var batchRows = $"""
            COPY (SELECT {list} FROM {Staged(table)} WHERE batch_guid = '{batchGuid}' AND rec_status = '{recStatus}')
              TO STDOUT (FORMAT binary)
            """;
        await CopyPipe.RunAsync(
            staging, batchRows, production, $"COPY {into} ({list}) FROM STDIN (FORMAT binary)", cancellation);
    }

    private string Staged(StarTable table) => $"\"{batchGuid}\".{table.Name}";

    private static string SameKey(StarTable table, string other) =>
        string.Join(" AND ", table.NaturalKey.Select(column => $"t.{column} = {other}.{column}"));

    private static string Hash(StarTable table)
    {
        var columns = new[] { table.Key }
            .Concat(table.NaturalKey)
            .Concat(table.Measures)
            .Concat(table.References.Select(dim => dim.Key));
        return $"hash_record_extended(ROW({string.Join(", ", columns.Select(column => $"t.{column}"))}), 0)";
    }

    private static CommandDefinition Command(string sql, object? parameters, CancellationToken cancellation) =>
        new(sql, parameters, cancellationToken: cancellation);

    private sealed record StagedRows(long Inserts, long Deletes, long FirstKey, long LastKey, decimal Checksum);
}
