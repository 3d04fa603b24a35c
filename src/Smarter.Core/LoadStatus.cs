namespace Smarter.Core;

/// <summary>The values of <c>udl_stats.load_status</c> (operations.md §1.4).</summary>
public static class LoadStatus
{
    /// <summary>The loader has accepted the file.</summary>
    public const string Received = "udl.received";

    /// <summary>The batch stands in staging and waits for the migrator.</summary>
    public const string Ingested = "udl.ingested";

    /// <summary>The loader rejected the file; nothing of it is kept in staging.</summary>
    public const string Failed = "udl.failed";

    /// <summary>A conductor is copying the batch to production.</summary>
    public const string Migrating = "migrate.in_process";

    /// <summary>The batch is in production.</summary>
    public const string Migrated = "migrate.ingested";

    /// <summary>The copy to production was rolled back; the batch schema is kept for a retry.</summary>
    public const string MigrationFailed = "migrate.failed";
}
