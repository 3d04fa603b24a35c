using System.Globalization;

namespace Smarter.Web.Submissions;

/// <summary>The last submission of a page of the list; the next page begins after it.</summary>
/// <param name="ArrivedAt">In UTC, as exact as PostgreSQL keeps it.</param>
internal sealed record PageEnd(DateTime ArrivedAt, Guid SubmissionId)
{
    public static PageEnd Of(Submission submission) => new(submission.ArrivedAt, submission.SubmissionId);

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <returns>Null for anything else: the list then begins at its first page.</returns>
    public static PageEnd? Parse(string? text) =>
        text?.Split('_') is [var ticks, var id]
        && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var arrived)
        && arrived <= DateTime.MaxValue.Ticks
        && Guid.TryParseExact(id, "N", out var submissionId)
            ? new PageEnd(new DateTime(arrived, DateTimeKind.Utc), submissionId)
            : null;

    /// <summary>For an address: ticks and id.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{ArrivedAt.Ticks}_{SubmissionId:N}");
}
