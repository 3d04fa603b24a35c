using System.ComponentModel.DataAnnotations;

namespace Smarter.Loader.Arrival;

/// <summary>How the arrivals folders are watched.</summary>
public sealed class ArrivalOptions
{
    public const string Section = "Arrival";

    /// <summary>Pause between two looks. 100 ms to 1 hour; default 10 s (loader.md §7.1).</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan ScanInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a file without a fitting <c>.done</c> may lie unchanged before it is rejected.
    /// 1 s to 7 days; default 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan RejectAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often loads that lie still are looked for, beside once at start; and how long a load rests that
    /// something holds up. 1 s to 1 hour; default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ResumeInterval { get; init; } = TimeSpan.FromSeconds(30);
}
