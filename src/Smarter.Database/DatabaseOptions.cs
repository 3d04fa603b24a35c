namespace Smarter.Database;

/// <summary>Where the databases are. A process names only those that it uses;
/// asking for another one fails and names its key.</summary>
public sealed class DatabaseOptions
{
    public const string Section = "Database";

    /// <summary>Npgsql connection string of the loader database <c>udl2</c>;
    /// null when this process does not use it.</summary>
    public string? Udl { get; init; }

    /// <summary>Npgsql connection string of the statistics database <c>edware_stats</c>; null when not used.</summary>
    public string? Stats { get; init; }

    /// <summary>The tenants by name. At least one.</summary>
    public Dictionary<string, TenantDatabaseOptions> Tenants { get; init; } = [];
}

/// <summary>One tenant's databases.</summary>
public sealed class TenantDatabaseOptions
{
    /// <summary>Two upper-case letters; every row of the tenant's files carries it.</summary>
    public required string StateCode { get; init; }

    /// <summary>Npgsql connection string of production (schema <c>edware_prod</c>);
    /// null when this process does not use it.</summary>
    public string? Production { get; init; }

    /// <summary>Npgsql connection string of staging, where each batch has its own schema; null when not used.</summary>
    public string? Staging { get; init; }
}
