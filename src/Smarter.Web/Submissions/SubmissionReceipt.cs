using System.Text.Json;

namespace Smarter.Web.Submissions;

/// <summary>The receipt as the loader wrote it, as far as the page shows it. A member that an older loader did not write
/// is null.</summary>
/// <param name="Fault">Why nothing was loaded; null when the file had no fault of its own.</param>
/// <param name="DuplicateOf">The submission that brought the same bytes first, or null.</param>
/// <param name="Rows">Data rows; <c>received = loaded + rejected + superseded</c> unless the whole file failed.</param>
/// <param name="Errors">By cause, the most frequent first.</param>
/// <param name="Notes">Notes and warnings, of the same shape.</param>
internal sealed record SubmissionReceipt(
    string? Md5, SubmissionReceipt.FileFault? Fault, Guid? DuplicateOf, SubmissionReceipt.RowCounts? Rows,
    IReadOnlyList<SubmissionReceipt.Cause>? Errors, IReadOnlyList<SubmissionReceipt.Cause>? Notes)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    /// <exception cref="JsonException">It is no receipt.</exception>
    public static SubmissionReceipt Parse(string json) =>
        JsonSerializer.Deserialize<SubmissionReceipt>(json, Json) ?? throw new JsonException("The receipt is null.");

    /// <param name="Mend">What the submitter can do about it.</param>
    internal sealed record FileFault(int Code, string? Name, string Reason, string? Mend);

    internal sealed record RowCounts(long Received, long Loaded, long Rejected, long Superseded);

    /// <param name="Column">Null when the cause concerns the whole row.</param>
    /// <param name="Rows">How many rows have it.</param>
    /// <param name="FirstRows">At most ten of them, counted from 1 at the first row below the header.</param>
    internal sealed record Cause(
        int Code, string? Name, string Reason, string? Mend, string? Column, long Rows,
        IReadOnlyList<long>? FirstRows);
}
