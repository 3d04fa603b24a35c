using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Smarter.Database;
using Smarter.Loader.Arrival;
using Smarter.Loader.Batches;

namespace Smarter.Loader.Finishing;

/// <summary>What the submitter is told of a file; the JSON receipt, member by member.</summary>
/// <param name="Fault">Why nothing was loaded; null when something was, and for a duplicate.</param>
/// <param name="DuplicateOf">The batch that holds these bytes; then the counts are that batch's. Else null.</param>
/// <param name="Errors">Row errors by kind and column, the most frequent first.</param>
internal sealed record Receipt(
    Guid BatchGuid, string Tenant, string FileName, string Md5, DateTime ArrivedAt, DateTime EndedAt, string? Outcome,
    ReceiptFault? Fault, Guid? DuplicateOf, ReceiptRows Rows, IReadOnlyList<ReceiptError> Errors);

internal sealed record ReceiptFault(int Code, string Reason);

/// <summary><c>received = loaded + rejected + superseded</c> unless the whole file was rejected.</summary>
internal sealed record ReceiptRows(long Received, long Loaded, long Rejected, long Superseded);

/// <param name="Rows">How many rows have this error.</param>
/// <param name="FirstRows">The first ten of them, from 1.</param>
internal sealed record ReceiptError(long Code, string Reason, string? Column, long Rows, long[] FirstRows);

/// <summary>Writes the receipts of a load, a JSON and a CSV file,
/// to the submitter's departures folder (decisions.md §2.12).</summary>
internal sealed class Receipts(Databases databases, LoadFiles files, Zones zones, TimeProvider clock)
{
    private const string GroupErrors = """
        SELECT err_code AS code, err_code_text AS reason, column_name AS column, count(*) AS rows,
               array_to_string((array_agg(src_file_rec_num ORDER BY src_file_rec_num))[1:10], ',') AS first_rows
          FROM err_list WHERE guid_batch = @batch AND src_file_rec_num IS NOT NULL
         GROUP BY err_code, err_code_text, column_name
         ORDER BY count(*) DESC, err_code, column_name
        """;

    private const string ListErrors = """
        SELECT src_file_rec_num AS row, column_name AS column, err_code AS code, err_code_text AS reason
          FROM err_list WHERE guid_batch = @batch
         ORDER BY src_file_rec_num NULLS FIRST, err_list_sid
        """;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private sealed record ErrorGroup(long Code, string Reason, string? Column, long Rows, string FirstRows);

    private sealed record ErrorLine(long? Row, string? Column, long Code, string Reason);

    /// <summary>Writes both receipts; an earlier attempt's are replaced. A reader never sees half a file.</summary>
    public async Task WriteAsync(LoadFile file, CancellationToken cancellation)
    {
        var answered = file.DuplicateOf is { } first ? await files.FindAsync(first, cancellation) ?? file : file;
        var folder = zones.Reports(file);
        Directory.CreateDirectory(folder);
        var name = Path.Combine(folder, $"{Shortened(file.FileName)}.{file.Id}.receipt");

        await using var connection = await databases.Udl.OpenConnectionAsync(cancellation);
        var errors = await connection.QueryAsync<ErrorGroup>(
            new CommandDefinition(GroupErrors, new { batch = answered.Guid }, cancellationToken: cancellation));
        var receipt = new Receipt(
            file.Id, file.Tenant, file.FileName, file.Md5, file.ArrivedAt, clock.GetUtcNow().UtcDateTime, file.Outcome,
            file.FaultCode is { } code ? new ReceiptFault(code, file.FaultText!) : null, file.DuplicateOf,
            new ReceiptRows(answered.RowsReceived ?? 0, answered.RowsLoaded ?? 0,
                answered.RowsRejected ?? 0, answered.RowsSuperseded ?? 0),
            [.. errors.Select(error =>
                new ReceiptError(error.Code, error.Reason, error.Column, error.Rows, RowNumbers(error.FirstRows)))]);
        await File.WriteAllTextAsync(
            name + ".json.partial", JsonSerializer.Serialize(receipt, Json) + "\n", cancellation);
        File.Move(name + ".json.partial", name + ".json", overwrite: true);

        await using (var csv = new StreamWriter(name + ".csv.partial", append: false, new UTF8Encoding(false)))
        {
            await csv.WriteLineAsync("file,row,column,code,reason");
            if (file.Outcome == LoadOutcome.Duplicate)
                await csv.WriteLineAsync(
                    $"{Quoted(file.FileName)},,,,"
                    + Quoted($"These bytes were loaded before as batch {file.DuplicateOf}."));
            await foreach (var error in connection
                .QueryUnbufferedAsync<ErrorLine>(ListErrors, new { batch = answered.Guid })
                .WithCancellation(cancellation))
                await csv.WriteLineAsync(
                    $"{Quoted(file.FileName)},{error.Row},{error.Column},{error.Code},{Quoted(error.Reason)}");
        }
        File.Move(name + ".csv.partial", name + ".csv", overwrite: true);
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

    /// <summary>Quotes a cell, and keeps a spreadsheet from taking it for a formula.</summary>
    private static string Quoted(string text)
    {
        var safe = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + text : text;
        return $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
