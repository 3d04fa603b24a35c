using System.ComponentModel.DataAnnotations;

namespace Smarter.Migrator.Conductor;

/// <summary>When the conductor looks for batches, and how many tenants it serves.</summary>
public sealed class ConductorOptions
{
    public const string Section = "Migrate:Conductor";

    /// <summary>Time between two looks into <c>udl_stats</c>. 100 ms to 1 hour; default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long an order may stay unanswered before it is sent again, and how long a tenant rests after a database
    /// failed. 100 ms to 1 hour; default 30 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan ResendAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many tenants migrate side by side in this process. 1 to 64; default 4.</summary>
    [Range(1, 64)]
    public int TenantsAtOnce { get; init; } = 4;

    /// <summary>How long the current batch may go on after the process was asked to stop, before it is rolled back; up
    /// to 25 s, because the host ends 30 s after the request. Default 20 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:25")]
    public TimeSpan StopAllowance { get; init; } = TimeSpan.FromSeconds(20);
}
