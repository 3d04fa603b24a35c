namespace Smarter.Web.Submissions;

/// <summary>Errors or notes of a receipt, as a table.</summary>
/// <param name="Causes">The most frequent first.</param>
internal sealed record CauseTable(string Caption, IReadOnlyList<SubmissionReceipt.Cause> Causes);
