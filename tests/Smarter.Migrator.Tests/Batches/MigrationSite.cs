using Dapper;
using Microsoft.Extensions.Options;
using Smarter.Database;
using Smarter.Migrator.Batches;
using Smarter.Migrator.Conductor;
using Smarter.Testing;

namespace Smarter.Migrator.Tests.Batches;

/// <summary>Two tenants' databases, and the migrator's code connected to them as <c>smarter_migrator</c>.</summary>
public sealed class MigrationSite : IAsyncLifetime
{
    /// <summary>The tenant of most tests.</summary>
    public const string Nc = "nc";

    private const string EmptyStaging = """
        DO $$
        DECLARE
            batch text;
        BEGIN
            FOR batch IN SELECT nspname FROM pg_namespace WHERE nspname ~ '^[0-9a-f]{8}-' LOOP
                EXECUTE format('DROP SCHEMA %I CASCADE', batch);
            END LOOP;
        END $$;
        """;

    private ServiceProvider? services;

    public TestDatabase Database { get; private set; } = null!;

    internal TenantMigration Migration => services!.GetRequiredService<TenantMigration>();

    public async ValueTask InitializeAsync()
    {
        Database = await TestDatabase.CreateAsync((Nc, "NC"), ("ca", "CA"));
        services = Services();
    }

    /// <summary>The migrator's services on these databases, on 1 May 2027.</summary>
    /// <param name="databases">Null for the usual ones; the caller disposes others.</param>
    internal ServiceProvider Services(string stopAllowance = "00:00:20", Databases? databases = null) =>
        new ServiceCollection()
        .AddLogging()
        .AddSingleton<TimeProvider>(new MayFirst())
        .AddSingleton(databases ?? Database.As(DatabaseRole.Migrator))
        .AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection([new("Migrate:Conductor:StopAllowance", stopAllowance)])
            .Build())
        .AddConductor()
        .BuildServiceProvider();

    /// <summary>The migrator's databases with a time limit of one second for each statement.</summary>
    internal Databases ImpatientDatabases()
    {
        const string oneSecond = ";Command Timeout=1";
        var usual = Database.OptionsFor(DatabaseRole.Migrator);
        var nc = usual.Tenants[Nc];
        return new Databases(Options.Create(new DatabaseOptions
        {
            Stats = usual.Stats,
            Tenants =
            {
                [Nc] = new TenantDatabaseOptions
                {
                    StateCode = nc.StateCode,
                    Production = nc.Production + oneSecond,
                    Staging = nc.Staging + oneSecond,
                },
            },
        }));
    }

    /// <summary>Takes every batch and every row away.</summary>
    public async Task EmptyAsync()
    {
        await OnStatsAsync("DELETE FROM udl_stats");
        foreach (var tenant in Database.Owner.Tenants)
        {
            await EmptyStagingAsync(tenant.Name);
            await OnProductionAsync($"""
                TRUNCATE {string.Join(", ", StarTable.All.Select(table => table.Name))}, student_reg, migrated_batch
                """, tenant.Name);
        }
    }

    /// <summary>Takes every batch's schema away.</summary>
    public async Task EmptyStagingAsync(string tenant = Nc)
    {
        await using var staging = await Database.Owner.Staging(tenant).OpenConnectionAsync();
        await staging.ExecuteAsync(EmptyStaging);
    }

    internal Task<StagedBatch> BatchAsync(Guid? guid = null, string tenant = Nc) =>
        StagedBatch.CreateAsync(Database, tenant, guid);

    /// <summary>A batch with one outcome of the student ann: keys from <paramref name="firstKey"/> + 1 (assessment) to
    /// <paramref name="firstKey"/> + 4 (outcome).</summary>
    internal async Task<StagedBatch> AnnsBatchAsync(int firstKey, string tenant = Nc)
    {
        var batch = await BatchAsync(tenant: tenant);
        await batch.HasAssessmentAsync(firstKey + 1);
        await batch.HasSchoolAsync(firstKey + 2);
        await batch.HasStudentAsync(firstKey + 3, "ann");
        await batch.HasOutcomeAsync(
            firstKey + 4, "ann", studentKey: firstKey + 3, asmtKey: firstKey + 1, schoolKey: firstKey + 2);
        return batch;
    }

    /// <summary>Migrates what waits for <see cref="Nc"/>.</summary>
    internal async Task<IReadOnlyList<BatchOutcome>> MigrateAsync() =>
        await Migration.RunAsync(Nc, CancellationToken.None)
        ?? throw new InvalidOperationException("The tenant is locked.");

    /// <returns>The number of rows of a table, all tenants' batches together.</returns>
    public Task<long> CountAsync(string table) => ScalarAsync<long>($"SELECT count(*) FROM {table}");

    /// <returns>The rows as <c>key status</c>, ordered by key.</returns>
    public async Task<string[]> StatusesAsync(string table)
    {
        var key = StarTable.All.Single(star => star.Name == table).Key;
        await using var connection = await Database.Owner.Production(Nc).OpenConnectionAsync();
        return [.. await connection.QueryAsync<string>(
            $"SELECT {key} || ' ' || rec_status || coalesce(' ' || to_date, '') FROM {table} ORDER BY {key}")];
    }

    public async Task<T> ScalarAsync<T>(string sql, string tenant = Nc)
    {
        await using var connection = await Database.Owner.Production(tenant).OpenConnectionAsync();
        return (await connection.ExecuteScalarAsync<T>(sql))!;
    }

    public async Task OnProductionAsync(string sql, string tenant = Nc)
    {
        await using var connection = await Database.Owner.Production(tenant).OpenConnectionAsync();
        await connection.ExecuteAsync(sql);
    }

    public async Task OnStatsAsync(string sql)
    {
        await using var connection = await Database.Owner.Stats.OpenConnectionAsync();
        await connection.ExecuteAsync(sql);
    }

    /// <summary>Lets production change each row that a table is given, until disposal.</summary>
    /// <param name="body">PL/pgSQL statements of a BEFORE INSERT trigger.</param>
    public async Task<IAsyncDisposable> HasInsertTriggerAsync(string body, string table = "fact_asmt_outcome_vw")
    {
        await OnProductionAsync($"""
            CREATE FUNCTION tamper() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$;
            CREATE TRIGGER tamper BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION tamper();
            """);
        return new Trigger(this);
    }

    /// <returns>The batch's <c>load_status</c>.</returns>
    public Task<string> StatusAsync(Guid batch) => FromStatsAsync("load_status", batch);

    /// <summary>Waits until the batch has this <c>load_status</c>, 30 s at most.</summary>
    public async Task HasStatusAsync(string loadStatus, Guid batch)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await StatusAsync(batch) != loadStatus)
            await Task.Delay(50, limit.Token);
    }

    /// <returns>The batch's <c>notification</c>, JSON text.</returns>
    public Task<string> NotificationAsync(Guid batch) => FromStatsAsync("notification", batch);

    public async Task<bool> HasSchemaAsync(Guid batch, string tenant = Nc)
    {
        await using var connection = await Database.Owner.Staging(tenant).OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = @name)", new { name = $"{batch}" });
    }

    public async ValueTask DisposeAsync()
    {
        if (services is not null)
            await services.DisposeAsync();
        await Database.DisposeAsync();
    }

    private async Task<string> FromStatsAsync(string column, Guid batch)
    {
        await using var connection = await Database.Owner.Stats.OpenConnectionAsync();
        return (await connection.ExecuteScalarAsync<string>(
            $"SELECT {column} FROM udl_stats WHERE batch_guid = @batch", new { batch = $"{batch}" }))!;
    }

    private sealed class Trigger(MigrationSite site) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await site.OnProductionAsync("DROP FUNCTION tamper CASCADE");
    }

    private sealed class MayFirst : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2027, 5, 1, 8, 0, 0, TimeSpan.Zero);
    }
}
