using System.Globalization;
using Smarter.Web.Texts;

namespace Smarter.Web.Submissions;

/// <summary>A submission's state, times and sizes in the words of the request's language.</summary>
internal static class SubmissionWords
{
    private const int SecondsOfMinute = 60;
    private const int SecondsOfHour = 3600;

    /// <summary>What the file's state is, such as <c>Rows are being read</c> or <c>Loaded</c>.</summary>
    public static string StateOf(this TextBundle texts, Submission submission) =>
        (submission.Stage, submission.Outcome) switch
        {
            ("waiting", _) => texts["sub.state.waiting"],
            ("reading", _) => texts["sub.state.reading"],
            ("building", _) => texts["sub.state.building"],
            ("finishing", _) => texts["sub.state.finishing"],
            (_, "ingested") => texts["sub.state.ingested"],
            (_, "duplicate") => texts["sub.state.duplicate"],
            (_, "accepted") => texts["sub.state.accepted"],
            _ when submission.IsCheck => texts["sub.state.checkFailed"],
            _ => texts["sub.state.failed"],
        };

    /// <summary>What the state means for the submitter; null where the state says it all.</summary>
    public static string? MeaningOf(this TextBundle texts, Submission submission) => submission.Outcome switch
    {
        _ when submission.IsUnderWay => null,
        "ingested" => texts["sub.means.ingested"],
        "duplicate" => texts["sub.means.duplicate"],
        "failed" when !submission.IsCheck => texts["sub.means.failed"],
        "failed" => texts["sub.means.checkFailed"],
        "accepted" => texts["sub.means.accepted"],
        _ => null,
    };

    /// <summary>Who sent the file, or asked for its check.</summary>
    public static string SubmitterOf(this TextBundle texts, Submission submission) =>
        submission.Submitter.Length > 0 ? submission.Submitter : texts["sub.noSubmitter"];

    /// <summary>The filter as an entry of the list's menu.</summary>
    public static string NameOf(this TextBundle texts, SubmissionFilter filter) => filter switch
    {
        SubmissionFilter.All => texts["sub.filter.all"],
        SubmissionFilter.UnderWay => texts["sub.filter.underWay"],
        SubmissionFilter.Ingested => texts["sub.state.ingested"],
        SubmissionFilter.Failed => texts["sub.filter.failed"],
        SubmissionFilter.Duplicate => texts["sub.state.duplicate"],
        SubmissionFilter.Accepted => texts["sub.state.accepted"],
        _ => throw new ArgumentOutOfRangeException(nameof(filter)),
    };

    /// <summary>How many files are under way, as a sentence.</summary>
    public static string UnderWay(this TextBundle texts, long count) => count switch
    {
        0 => texts["sub.underWay.none"],
        1 => texts["sub.underWay.one"],
        _ => texts["sub.underWay", ("n", texts.Number(count))],
    };

    /// <summary>Rounded to what a person can use: seconds, minutes, or hours and minutes.</summary>
    public static string TimeLeft(this TextBundle texts, long seconds) => seconds switch
    {
        < SecondsOfMinute => texts["sub.left.seconds", ("s", seconds)],
        < SecondsOfHour => texts["sub.left.minutes", ("m", (seconds + 59) / SecondsOfMinute)],
        _ => texts["sub.left.hours",
            ("h", seconds / SecondsOfHour), ("m", seconds % SecondsOfHour / SecondsOfMinute)],
    };

    /// <summary>Date and time in UTC, to the minute.</summary>
    public static string Time(this TextBundle texts, DateTime utc) =>
        utc.ToString("g", texts.Language.Culture) + " UTC";

    /// <summary>Bytes in the largest unit that keeps the number at 1 or more.</summary>
    public static string Size(this TextBundle texts, long bytes)
    {
        string[] units = ["B", "KB", "MB", "GB", "TB"];
        var size = (double)bytes;
        var unit = 0;
        for (; size >= 1024 && unit < units.Length - 1; unit++)
            size /= 1024;
        return size.ToString(unit == 0 || size >= 10 ? "N0" : "N1", texts.Language.Culture) + " " + units[unit];
    }

    /// <summary>The first rows of a cause, such as <c>3, 17, 204</c>.</summary>
    public static string FirstRows(SubmissionReceipt.Cause cause) =>
        string.Join(", ", (cause.FirstRows ?? []).Select(row => row.ToString(CultureInfo.InvariantCulture)));
}
