using Microsoft.Extensions.Options;
using Npgsql;
using Smarter.Core;

namespace Smarter.Database;

/// <summary>The data sources of one process: one pool per database and tenant, opened on first use.</summary>
public sealed class Databases : IAsyncDisposable
{
    /// <summary>Schema of production, kept from the warehouse that states know (loader.md §1.1).</summary>
    public const string ProductionSchema = "edware_prod";

    /// <summary>Schema of the staging database that holds the empty
    /// star tables each batch schema is made from.</summary>
    public const string StarTemplateSchema = "star";

    public const string UdlSchema = "udl2";
    public const string StatsSchema = "edware_stats";

    // A program that is killed leaves statements that run, and their locks: PostgreSQL looks for it every 2 s.
    private const string EndWithClient = "-c client_connection_check_interval=2000";

    private readonly DatabaseOptions options;
    private readonly Dictionary<string, Lazy<NpgsqlDataSource>> sources = new(StringComparer.Ordinal);

    static Databases() => Dapper.DefaultTypeMap.MatchNamesWithUnderscores = true;

    public Databases(IOptions<DatabaseOptions> options)
    {
        this.options = options.Value;
        Tenants = this.options.Tenants
            .Select(tenant => new Tenant(tenant.Key, tenant.Value.StateCode))
            .OrderBy(tenant => tenant.Name, StringComparer.Ordinal)
            .ToArray();

        Add("Database:Udl", this.options.Udl, UdlSchema);
        Add("Database:Stats", this.options.Stats, StatsSchema);
        foreach (var (name, tenant) in this.options.Tenants)
        {
            Add(ProductionKey(name), tenant.Production, ProductionSchema);
            Add(StagingKey(name), tenant.Staging, StarTemplateSchema);
        }
    }

    /// <summary>Every configured tenant, ordered by name.</summary>
    public IReadOnlyList<Tenant> Tenants { get; }

    /// <summary>The loader database, search path <c>udl2</c>.</summary>
    /// <exception cref="InvalidOperationException">This process has no such setting;
    /// the message names the key.</exception>
    public NpgsqlDataSource Udl => Get("Database:Udl");

    /// <summary>The statistics database, search path <c>edware_stats</c>.</summary>
    /// <exception cref="InvalidOperationException">This process has no such setting;
    /// the message names the key.</exception>
    public NpgsqlDataSource Stats => Get("Database:Stats");

    /// <summary>The tenant's production database, search path <c>edware_prod</c>.</summary>
    /// <exception cref="InvalidOperationException">The tenant or the setting is unknown;
    /// the message names the key.</exception>
    public NpgsqlDataSource Production(string tenant) => Get(ProductionKey(tenant));

    /// <summary>The tenant's staging database, search path <c>star</c>;
    /// batch schemas are always named in full.</summary>
    /// <exception cref="InvalidOperationException">The tenant or the setting is unknown;
    /// the message names the key.</exception>
    public NpgsqlDataSource Staging(string tenant) => Get(StagingKey(tenant));

    /// <summary>Every database that this process has a connection string for, by the key of its setting.</summary>
    public IEnumerable<KeyValuePair<string, NpgsqlDataSource>> All =>
        sources.Select(source => KeyValuePair.Create(source.Key, source.Value.Value));

    /// <returns>The tenant of this name, or null.</returns>
    public Tenant? FindTenant(string name) => Tenants.FirstOrDefault(tenant => tenant.Name == name);

    /// <returns>The tenant that holds the state's data (the code in any case), or null.</returns>
    public Tenant? FindTenantOfState(string stateCode) =>
        Tenants.FirstOrDefault(tenant => tenant.StateCode.Equals(stateCode, StringComparison.OrdinalIgnoreCase));

    public async ValueTask DisposeAsync()
    {
        foreach (var source in sources.Values.Where(source => source.IsValueCreated))
            await source.Value.DisposeAsync();
    }

    private static string ProductionKey(string tenant) => $"Database:Tenants:{tenant}:Production";

    private static string StagingKey(string tenant) => $"Database:Tenants:{tenant}:Staging";

    private void Add(string key, string? connectionString, string schema)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
            return;
        sources.Add(key, new Lazy<NpgsqlDataSource>(() =>
        {
            var settings = new NpgsqlDataSourceBuilder(connectionString);
            settings.ConnectionStringBuilder.SearchPath ??= schema;
            settings.ConnectionStringBuilder.Options ??= EndWithClient;
            return settings.Build();
        }));
    }

    private NpgsqlDataSource Get(string key) =>
        sources.TryGetValue(key, out var source)
            ? source.Value
            : throw new InvalidOperationException($"The setting {key} is missing.");
}
