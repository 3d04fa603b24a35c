using System.Security.Cryptography;
using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;
using Smarter.Database;

namespace Smarter.Testing;

/// <summary>The roles that the programs connect as, and the owner who applies schema scripts.</summary>
public enum DatabaseRole
{
    /// <summary>The superuser of <c>SMARTER_TEST_DB</c>: for given and then, never for when.</summary>
    Owner,
    Loader,
    Migrator,
    Web,
    Extract,
}

/// <summary>
/// A fresh installation on the server named by <c>SMARTER_TEST_DB</c>: the databases udl2, edware_stats and, per
/// tenant, production and staging, all with a random suffix, all at the newest schema. Disposing drops them.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    /// <summary>Name of the environment variable with the libpq connection string of a superuser.</summary>
    public const string ServerVariable = "SMARTER_TEST_DB";

    /// <summary>One password for every program's role and every test process,
    /// so that test processes may share a server.</summary>
    private const string RolePassword = "smarter-test-role";

    /// <remarks>Roles belong to the whole server, and granting one twice at once fails: installations that start
    /// together wait for each other.</remarks>
    private const string WaitForOthers = "SELECT pg_advisory_lock(hashtext('smarter.test_roles'))";

    private const string GiveRolesAPassword = $"""
        ALTER ROLE smarter_loader LOGIN PASSWORD '{RolePassword}';
        ALTER ROLE smarter_migrator LOGIN PASSWORD '{RolePassword}';
        ALTER ROLE smarter_web LOGIN PASSWORD '{RolePassword}';
        ALTER ROLE smarter_extract LOGIN PASSWORD '{RolePassword}';
        """;

    private readonly NpgsqlConnectionStringBuilder server;
    private readonly string suffix = RandomNumberGenerator.GetHexString(10, lowercase: true);
    private readonly IReadOnlyList<(string Tenant, string StateCode)> tenants;
    private readonly Dictionary<DatabaseRole, Databases> databases = [];

    private TestDatabase(NpgsqlConnectionStringBuilder server, IReadOnlyList<(string, string)> tenants)
    {
        this.server = server;
        this.tenants = tenants;
    }

    /// <summary>Makes the databases of one tenant and brings them to the newest schema.</summary>
    public static Task<TestDatabase> CreateAsync(string tenant, string stateCode) => CreateAsync((tenant, stateCode));

    /// <summary>Makes the databases of these tenants and brings them to the newest schema.</summary>
    /// <exception cref="InvalidOperationException"><c>SMARTER_TEST_DB</c> is not set;
    /// the message says how to start a server.</exception>
    public static Task<TestDatabase> CreateAsync(params (string Tenant, string StateCode)[] tenants) =>
        CreateOnAsync(null, tenants);

    /// <summary>The same on a server of the test's own.</summary>
    /// <param name="libpqServer">libpq connection string of a superuser; null for <c>SMARTER_TEST_DB</c>.</param>
    /// <exception cref="InvalidOperationException"><c>SMARTER_TEST_DB</c> is needed and not set.</exception>
    public static async Task<TestDatabase> CreateOnAsync(
        string? libpqServer, params (string Tenant, string StateCode)[] tenants)
    {
        var server = (libpqServer ?? Environment.GetEnvironmentVariable(ServerVariable)) is { Length: > 0 } libpq
            ? LibpqConnectionString.Parse(libpq)
            : throw new InvalidOperationException($"{ServerVariable} is not set: run ./smarter test");
        var test = new TestDatabase(server, tenants);
        await using var waiting = new NpgsqlConnection(test.ServerConnectionString);
        await waiting.OpenAsync();
        await waiting.ExecuteAsync(WaitForOthers);
        try
        {
            foreach (var name in test.Names)
                await test.OnServerAsync($"""CREATE DATABASE "{name}" """);
            await SchemaScripts.ApplyAllAsync(test.As(DatabaseRole.Owner), CancellationToken.None);
            await test.OnServerAsync(GiveRolesAPassword);
            return test;
        }
        catch
        {
            await test.DisposeAsync();
            throw;
        }
    }

    /// <summary>Everything as <see cref="DatabaseRole.Owner"/>, to prepare and to look.</summary>
    public Databases Owner => As(DatabaseRole.Owner);

    /// <summary>The same databases as a program's role reaches them;
    /// opened on first use, disposed with this object.</summary>
    /// <remarks>Asking for a database that the role may not connect to fails when a connection is opened.</remarks>
    public Databases As(DatabaseRole role)
    {
        lock (databases)
        {
            if (!databases.TryGetValue(role, out var found))
                databases.Add(role, found = new Databases(Options.Create(OptionsFor(role))));
            return found;
        }
    }

    /// <summary>The section <c>Database</c> of a process that connects as <paramref name="role"/>.</summary>
    public DatabaseOptions OptionsFor(DatabaseRole role) => new()
    {
        Udl = ConnectionString(role, UdlName),
        Stats = ConnectionString(role, StatsName),
        Tenants = tenants.ToDictionary(tenant => tenant.Tenant, tenant => new TenantDatabaseOptions
        {
            StateCode = tenant.StateCode,
            Production = ConnectionString(role, ProductionName(tenant.Tenant)),
            Staging = ConnectionString(role, StagingName(tenant.Tenant)),
        }),
    };

    /// <summary>The same section as keys and values, for <c>WebApplicationFactory</c> and for environment variables
    /// (<c>:</c> then becomes <c>__</c>).</summary>
    public IReadOnlyDictionary<string, string?> SettingsFor(DatabaseRole role)
    {
        var options = OptionsFor(role);
        var settings =
            new Dictionary<string, string?> { ["Database:Udl"] = options.Udl, ["Database:Stats"] = options.Stats };
        foreach (var (name, tenant) in options.Tenants)
        {
            settings[$"Database:Tenants:{name}:StateCode"] = tenant.StateCode;
            settings[$"Database:Tenants:{name}:Production"] = tenant.Production;
            settings[$"Database:Tenants:{name}:Staging"] = tenant.Staging;
        }
        return settings;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var opened in databases.Values)
            await opened.DisposeAsync();
        foreach (var name in Names)
            await OnServerAsync($"""DROP DATABASE IF EXISTS "{name}" WITH (FORCE)""");
    }

    /// <summary>Without a pool: closing a connection ends its session and with it the lock that it holds.</summary>
    private string ServerConnectionString =>
        new NpgsqlConnectionStringBuilder(server.ConnectionString) { Pooling = false }.ConnectionString;

    private string UdlName => $"test_{suffix}_udl2";

    private string StatsName => $"test_{suffix}_stats";

    private string ProductionName(string tenant) => $"test_{suffix}_{tenant}_production";

    private string StagingName(string tenant) => $"test_{suffix}_{tenant}_staging";

    private IEnumerable<string> Names =>
        new[] { UdlName, StatsName }.Concat(
            tenants.SelectMany(tenant => new[] { ProductionName(tenant.Tenant), StagingName(tenant.Tenant) }));

    private string ConnectionString(DatabaseRole role, string database)
    {
        var connection = new NpgsqlConnectionStringBuilder(server.ConnectionString)
        {
            Database = database,
            MaxPoolSize = 20,
            IncludeErrorDetail = true,
        };
        if (role != DatabaseRole.Owner)
        {
            connection.Username = $"smarter_{role.ToString().ToLowerInvariant()}";
            connection.Password = RolePassword;
        }
        return connection.ConnectionString;
    }

    private async Task OnServerAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ServerConnectionString);
        await connection.ExecuteAsync(sql);
    }
}
