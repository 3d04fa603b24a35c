namespace Smarter.Web.Submissions;

/// <summary>A row of table <c>submission</c> as the pages show it.</summary>
/// <param name="Submitter">Folder below the tenant's in arrivals, may be empty; of a check, the uid of who asked.</param>
/// <param name="IsCheck">Whether nothing of the file is ever loaded.</param>
/// <param name="ArrivedAt">In UTC, as are the other times.</param>
/// <param name="Stage"><c>waiting</c>, <c>reading</c>, <c>building</c>, <c>finishing</c> or <c>ended</c>.</param>
/// <param name="Percent">0 to 100, of the load's own work.</param>
/// <param name="RowsPerSecond">Null until there is a rate.</param>
/// <param name="SecondsLeft">Null when nobody can say.</param>
/// <param name="DelayedBy">What the load waits for, in the loader's words; null when nothing holds it up.</param>
/// <param name="EndedAt">Null while it is under way.</param>
/// <param name="Outcome">One of <see cref="SubmissionFilter"/>'s outcomes; null until it is known.</param>
/// <param name="Received">This and the next three count data rows of the receipt; null without a receipt.</param>
internal sealed record Submission(
    Guid SubmissionId, string Tenant, string Submitter, string FileName, bool IsCheck, long SizeBytes,
    DateTime ArrivedAt, string Stage, int Percent, long RowsRead, long? RowsPerSecond, long? SecondsLeft,
    string? DelayedBy, DateTime UpdatedAt, DateTime? EndedAt, string? Outcome,
    long? Received, long? Loaded, long? Rejected, long? Superseded)
{
    public bool IsUnderWay => Stage != "ended";
}
