using Dapper;
using Npgsql;
using Smarter.Core;

namespace Smarter.Loader.Batches;

/// <summary>Writes the errors of whole files to <c>err_list</c>;
/// row errors are copied there while the rows are checked.</summary>
internal static class ErrList
{
    private const string Replace = """
        DELETE FROM err_list WHERE guid_batch = @batch AND src_file_rec_num IS NULL AND record_sid IS NULL;
        INSERT INTO err_list (guid_batch, err_code, err_code_text, input_file, column_name)
        SELECT @batch, @code, @text, @inputFile, @column
         WHERE NOT EXISTS (SELECT FROM err_list WHERE guid_batch = @batch AND err_code = @code);
        """;

    /// <summary>Records the fault of a file, once however often the step is repeated,
    /// and not beside the rows that it is the fault of (1000, 1001).</summary>
    public static async Task ReplaceFileErrorAsync(
        NpgsqlDataSource udl, LoadFile file, FileRejectedException fault, CancellationToken cancellation)
    {
        await using var connection = await udl.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(Replace, new
        {
            batch = file.Guid,
            code = (long)fault.Code,
            text = fault.Reason,
            inputFile = file.FileName,
            column = fault.Place,
        }, cancellationToken: cancellation));
    }
}
