using System.Globalization;
using System.Text;
using Dapper;
using Npgsql;
using Smarter.Core;
using Smarter.Database;
using Smarter.Loader.Arrival;
using Smarter.Loader.Batches;

namespace Smarter.Loader.Finishing;

/// <summary>Writes the receipts of a load, a JSON and a CSV file,
/// to the submitter's departures folder (decisions.md §2.12).</summary>
/// <remarks>Memory is flat however many rows have errors: PostgreSQL groups them, and the CSV is written line by line.
/// </remarks>
internal sealed class Receipts(Databases databases, LoadFiles files, Zones zones, TimeProvider clock)
{
    private const string GroupErrors = """
        SELECT err_code AS code, err_code_text AS reason, column_name AS column, count(*) AS rows,
               string_agg(src_file_rec_num::text, ',' ORDER BY src_file_rec_num) FILTER (WHERE position <= 10)
                   AS first_rows
          FROM (SELECT err_code, err_code_text, column_name, src_file_rec_num,
                       row_number() OVER (PARTITION BY err_code, err_code_text, column_name
                                              ORDER BY src_file_rec_num) AS position
                  FROM err_list WHERE guid_batch = @batch AND src_file_rec_num IS NOT NULL) numbered
         GROUP BY err_code, err_code_text, column_name
        """;

    private const string ListErrors = """
        SELECT src_file_rec_num AS row, column_name AS column, err_code AS code, err_code_text AS reason
          FROM err_list WHERE guid_batch = @batch
         ORDER BY src_file_rec_num NULLS FIRST, err_list_sid
        """;

    private sealed record ErrorGroup(long Code, string Reason, string? Column, long Rows, string FirstRows);

    private sealed record ErrorLine(long? Row, string? Column, long Code, string Reason);

    /// <summary>Writes both receipts; an earlier attempt's are replaced. A reader never sees half a file.</summary>
    /// <returns>The JSON receipt as written.</returns>
    public async Task<string> WriteAsync(LoadFile file, CancellationToken cancellation)
    {
        var answered = file.DuplicateOf is { } first ? await files.FindAsync(first, cancellation) ?? file : file;
        var folder = zones.Reports(file);
        Directory.CreateDirectory(folder);
        var name = Path.Combine(folder, $"{Shortened(file.FileName)}.{file.Id}.receipt");

        await using var connection = await databases.Udl.OpenConnectionAsync(cancellation);
        var receipt = (await ReceiptAsync(connection, file, answered, cancellation)).ToJson();
        await File.WriteAllTextAsync(name + ".json.partial", receipt + "\n", cancellation);
        File.Move(name + ".json.partial", name + ".json", overwrite: true);

        await WriteCsvAsync(connection, file, answered, name + ".csv.partial", cancellation);
        File.Move(name + ".csv.partial", name + ".csv", overwrite: true);
        return receipt;
    }

    private async Task<Receipt> ReceiptAsync(
        NpgsqlConnection connection, LoadFile file, LoadFile answered, CancellationToken cancellation)
    {
        var groups = await connection.QueryAsync<ErrorGroup>(new CommandDefinition(
            GroupErrors, new { batch = answered.Guid }, commandTimeout: 0, cancellationToken: cancellation));
        var (errors, notes) = ReceiptCause.Split(groups.Select(group => ReceiptCause.From(
            (ErrorCode)group.Code, group.Reason, group.Column, group.Rows, RowNumbers(group.FirstRows))));
        return new Receipt(
            file.Id, file.Tenant, file.FileName, file.Md5, DateTime.SpecifyKind(file.ArrivedAt, DateTimeKind.Utc),
            clock.GetUtcNow().UtcDateTime, file.Outcome!,
            file.FaultCode is { } code ? ReceiptFault.From((ErrorCode)code, file.FaultText!) : null, file.DuplicateOf,
            new ReceiptRows(answered.RowsReceived ?? 0, answered.RowsLoaded ?? 0,
                answered.RowsRejected ?? 0, answered.RowsSuperseded ?? 0),
            errors, notes);
    }

    private static async Task WriteCsvAsync(
        NpgsqlConnection connection, LoadFile file, LoadFile answered, string path, CancellationToken cancellation)
    {
        await using var csv = new StreamWriter(path, append: false, new UTF8Encoding(false));
        await csv.WriteLineAsync("file,row,column,code,reason,mend");
        if (file.Outcome == LoadOutcome.Duplicate)
            await csv.WriteLineAsync(
                $"{Quoted(file.FileName)},,,,"
                + $"{Quoted($"These bytes were loaded before as batch {file.DuplicateOf}.")},\"\"");
        await foreach (var error in connection
            .QueryUnbufferedAsync<ErrorLine>(ListErrors, new { batch = answered.Guid }, commandTimeout: 0)
            .WithCancellation(cancellation))
            await csv.WriteLineAsync(
                $"{Quoted(file.FileName)},{error.Row},{ColumnCell(error.Column)},{error.Code},{Quoted(error.Reason)},"
                + Quoted(CodeTable.Of((ErrorCode)error.Code).Mend));
    }

    /// <summary>A file's name takes at most 255 bytes; the batch guid behind it keeps a cut one unique.</summary>
    private static string Shortened(string fileName)
    {
        const int most = 180;
        var name = fileName;
        while (Encoding.UTF8.GetByteCount(name) > most)
            name = name[..^1];
        return name;
    }

    private static long[] RowNumbers(string list) =>
        Array.ConvertAll(list.Split(','), number => long.Parse(number, CultureInfo.InvariantCulture));

    /// <summary>A header stands as it is; what else a file is at fault for, such as the name of a member, is quoted.
    /// </summary>
    private static string ColumnCell(string? column) =>
        column is null || column.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_')
            ? column ?? ""
            : Quoted(column);

    /// <summary>Quotes a cell, and keeps a spreadsheet from taking it for a formula.</summary>
    private static string Quoted(string text)
    {
        var safe = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + text : text;
        return $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
