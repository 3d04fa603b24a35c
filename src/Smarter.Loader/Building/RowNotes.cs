using Dapper;
using Npgsql;
using Smarter.Core;
using Smarter.Database;
using Smarter.Loader.Batches;

namespace Smarter.Loader.Building;

/// <summary>
/// What a build finds to say about rows: the table <c>row_note</c> of the batch schema, filled in the build's own
/// transaction, so that an attempt that is killed after its commit loses nothing; the table also says that the batch
/// is built. The notes go from server to server: every row of the largest file may have one.
/// </summary>
internal static class RowNotes
{
    private const string Create = """CREATE TABLE "{0}".row_note (code bigint NOT NULL, row_number bigint NOT NULL)""";

    private const string CountSuperseded = """SELECT count(*) FROM "{0}".row_note WHERE code = @code""";

    private const string CopyOut = """COPY "{0}".row_note (code, row_number) TO STDOUT (FORMAT binary)""";

    private const string MakeNoted = """
        CREATE TEMP TABLE noted (code bigint NOT NULL, row_number bigint NOT NULL) ON COMMIT DROP
        """;

    private const string Replace = """
        DELETE FROM err_list WHERE guid_batch = @batch AND err_code = ANY (@codes);
        INSERT INTO err_list (guid_batch, err_code, err_code_text, input_file, src_file_rec_num)
        SELECT @batch, noted.code, meaning.text, @inputFile, noted.row_number
          FROM noted JOIN unnest(@codes::bigint[], @texts::text[]) AS meaning (code, text) USING (code)
         ORDER BY noted.row_number;
        """;

    /// <returns>Whether the batch has its notes, and so its build is done.</returns>
    public static Task<bool> AreKeptAsync(NpgsqlConnection staging, LoadFile file) =>
        staging.ExecuteScalarAsync<bool>($"""SELECT to_regclass('"{file.Id}".row_note') IS NOT NULL""");

    /// <summary>Makes the table that the statements of a build write to: code and row number.</summary>
    /// <param name="staging">In the transaction that builds the batch, as the owner of its schema.</param>
    public static Task CreateAsync(NpgsqlConnection staging, LoadFile file, CancellationToken cancellation) =>
        staging.ExecuteAsync(new CommandDefinition(Of(file, Create), cancellationToken: cancellation));

    /// <summary>Copies the notes to <c>err_list</c>, ordered by row; an earlier attempt's are replaced.</summary>
    /// <param name="codes">All that the build gives.</param>
    /// <returns>How many rows are superseded (5120).</returns>
    public static async Task<long> RecordAsync(
        NpgsqlConnection staging, NpgsqlDataSource udl, LoadFile file, IReadOnlyList<ErrorCode> codes,
        CancellationToken cancellation)
    {
        await using var connection = await udl.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(MakeNoted);
        await CopyPipe.RunAsync(
            staging, Of(file, CopyOut), connection, "COPY noted FROM STDIN (FORMAT binary)", cancellation);
        await connection.ExecuteAsync(new CommandDefinition(Replace, new
        {
            batch = file.Guid,
            codes = codes.Select(code => (long)code).ToArray(),
            texts = codes.Select(Checking.RowError.Message).ToArray(),
            inputFile = file.FileName,
        }, commandTimeout: 0, cancellationToken: cancellation));
        await transaction.CommitAsync(cancellation);
        return await staging.ExecuteScalarAsync<long>(new CommandDefinition(
            Of(file, CountSuperseded), new { code = (long)ErrorCode.SupersededInFile },
            cancellationToken: cancellation));
    }

    private static string Of(LoadFile file, string sql) => sql.Replace("{0}", file.Guid, StringComparison.Ordinal);
}
