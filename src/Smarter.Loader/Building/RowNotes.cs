using Dapper;
using Npgsql;
using Smarter.Core;
using Smarter.Loader.Batches;

namespace Smarter.Loader.Building;

/// <summary>Something about one row of a file that rejects nothing.</summary>
/// <param name="Code">An <see cref="ErrorCode"/> of a note.</param>
internal sealed record RowNote(long Code, long RowNumber);

/// <summary>
/// What a build finds to say about rows. It is kept in the batch schema, in the build's own transaction,
/// so that an attempt that is killed after its commit loses nothing; the table also says that the batch is built.
/// </summary>
internal static class RowNotes
{
    private const string Keep = """
        CREATE TABLE "{0}".row_note AS
        SELECT code, row_number FROM unnest(@codes::bigint[], @rows::bigint[]) AS note (code, row_number)
        """;

    private const string Read = """SELECT code, row_number FROM "{0}".row_note ORDER BY row_number""";

    private const string Replace = """
        DELETE FROM err_list WHERE guid_batch = @batch AND err_code = @code;
        INSERT INTO err_list (guid_batch, err_code, err_code_text, input_file, src_file_rec_num)
        SELECT @batch, @code, @text, @inputFile, unnest(@rows::bigint[]);
        """;

    /// <returns>Whether the notes of the batch are kept, and so its build is done.</returns>
    public static Task<bool> AreKeptAsync(NpgsqlConnection staging, LoadFile file) =>
        staging.ExecuteScalarAsync<bool>($"""SELECT to_regclass('"{file.Id}".row_note') IS NOT NULL""");

    /// <summary>Keeps the notes; the last statement of a build.</summary>
    public static Task KeepAsync(
        NpgsqlConnection staging, LoadFile file, List<RowNote> notes, CancellationToken cancellation) =>
        staging.ExecuteAsync(new CommandDefinition(
            Keep.Replace("{0}", file.Guid, StringComparison.Ordinal),
            new { codes = notes.ConvertAll(note => note.Code), rows = notes.ConvertAll(note => note.RowNumber) },
            cancellationToken: cancellation));

    /// <summary>Copies the kept notes to <c>err_list</c>; an earlier attempt's are replaced.</summary>
    /// <param name="codes">All that the build gives.</param>
    /// <returns>The notes, ordered by row.</returns>
    public static async Task<IReadOnlyList<RowNote>> RecordAsync(
        NpgsqlConnection staging, NpgsqlDataSource udl, LoadFile file, IEnumerable<ErrorCode> codes,
        CancellationToken cancellation)
    {
        var notes = (await staging.QueryAsync<RowNote>(new CommandDefinition(
            Read.Replace("{0}", file.Guid, StringComparison.Ordinal), cancellationToken: cancellation))).AsList();
        await using var connection = await udl.OpenConnectionAsync(cancellation);
        foreach (var code in codes)
        {
            await connection.ExecuteAsync(new CommandDefinition(Replace, new
            {
                batch = file.Guid,
                code = (long)code,
                text = Checking.RowError.Message(code),
                inputFile = file.FileName,
                rows = notes.Where(note => note.Code == (long)code).Select(note => note.RowNumber).ToArray(),
            }, cancellationToken: cancellation));
        }
        return notes;
    }
}
