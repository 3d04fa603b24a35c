using System.Text.Encodings.Web;
using System.Text.Json;
using Smarter.Core;

namespace Smarter.Loader.Finishing;

/// <summary>What a submitter is told of a file; the JSON receipt, member by member.</summary>
/// <param name="BatchGuid">Of a check the submission's id; null for a file that was validated offline.</param>
/// <param name="Tenant">Null when a file was validated offline for no tenant in particular.</param>
/// <param name="Md5">32 lower-case hex digits, of the file as delivered.</param>
/// <param name="ArrivedAt">UTC, as is <paramref name="EndedAt"/>.</param>
/// <param name="Outcome"><c>ingested</c>, <c>failed</c> or <c>duplicate</c>; of a check <c>accepted</c> or
/// <c>failed</c>.</param>
/// <param name="Fault">Why nothing is loaded; null when something is, and for a duplicate.</param>
/// <param name="DuplicateOf">The batch that holds these bytes; counts, errors and notes are then that batch's.
/// Else null.</param>
/// <param name="Errors">What rejected rows, by cause, the most frequent first.</param>
/// <param name="Notes">What rejected nothing and is worth knowing, in the same shape and order.</param>
internal sealed record Receipt(
    Guid? BatchGuid, string? Tenant, string FileName, string Md5, DateTime ArrivedAt, DateTime EndedAt, string Outcome,
    ReceiptFault? Fault, Guid? DuplicateOf, ReceiptRows Rows,
    IReadOnlyList<ReceiptCause> Errors, IReadOnlyList<ReceiptCause> Notes)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <returns>Indented, without a line end behind it.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, Json);
}

internal sealed record ReceiptFault(int Code, string Name, string Reason, string Mend)
{
    public static ReceiptFault From(ErrorCode code, string reason) =>
        new((int)code, code.ToString(), reason, CodeTable.Of(code).Mend);
}

/// <summary><c>received = loaded + rejected + superseded</c>. All are 0 for a file whose fault was met before its last
/// row was counted.</summary>
internal sealed record ReceiptRows(long Received, long Loaded, long Rejected, long Superseded);

/// <summary>One code in one column, with the rows that have it.</summary>
/// <param name="Column">CSV header; null when the whole row is meant.</param>
/// <param name="Rows">How many rows have it.</param>
/// <param name="FirstRows">The first ten of them, from 1, ascending.</param>
internal sealed record ReceiptCause(
    int Code, string Name, string Reason, string Mend, string? Column, long Rows, long[] FirstRows)
{
    public static ReceiptCause From(ErrorCode code, string reason, string? column, long rows, long[] firstRows)
    {
        var entry = CodeTable.Of(code);
        return new((int)code, entry.Name, reason, entry.Mend, column, rows, firstRows);
    }

    /// <returns>Errors and notes apart, each with the most frequent first.</returns>
    public static (IReadOnlyList<ReceiptCause> Errors, IReadOnlyList<ReceiptCause> Notes) Split(
        IEnumerable<ReceiptCause> causes)
    {
        var kinds = causes
            .OrderByDescending(cause => cause.Rows)
            .ThenBy(cause => cause.Code)
            .ThenBy(cause => cause.Column, StringComparer.Ordinal)
            .ToLookup(cause => CodeTable.Of((ErrorCode)cause.Code).Rejects == Rejects.Note);
        return ([.. kinds[false]], [.. kinds[true]]);
    }
}
