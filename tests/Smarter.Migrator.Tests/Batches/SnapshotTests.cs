using Dapper;
using Smarter.Core;

namespace Smarter.Migrator.Tests.Batches;

/// <summary>Batches of student registration: each replaces its system's rows of its year, and nothing else.</summary>
public sealed class SnapshotTests(MigrationSite site) : IClassFixture<MigrationSite>, IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await site.EmptyAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_snapshot_replaces_the_rows_of_its_system_and_year_and_no_other()
    {
        await HasMigratedAsync(1, year: 2026);
        await HasMigratedAsync(11, year: 2025);
        await HasMigratedAsync(21, system: "other");
        var later = await site.BatchAsync();
        await later.HasRegistrationAsync(31, "bob");
        await later.IsSnapshotAsync();

        var outcome = Assert.Single(await site.MigrateAsync());

        Assert.Equal((LoadStatus.Migrated, null), (outcome.LoadStatus, outcome.Reason));
        var table = Assert.Single(outcome.Tables);
        Assert.Equal(("student_reg", 1L, 2L, 0L), (table.Table, table.Inserted, table.Deleted, table.Superseded));
        Assert.Equal(
            ["11 ann trs 2025", "12 bob trs 2025", "21 ann other 2026", "22 bob other 2026", "31 bob trs 2026"],
            await RegistrationsAsync());
        Assert.Equal(LoadStatus.Migrated, await site.StatusAsync(later.Guid));
        Assert.False(await site.HasSchemaAsync(later.Guid));
        Assert.Equal("studentregistration 1 2 0", await site.ScalarAsync<string>($"""
            SELECT concat_ws(' ', load_type, rows_inserted, rows_deleted, rows_superseded)
              FROM migrated_batch WHERE batch_guid = '{later.Guid}'
            """));
    }

    [Fact]
    public async Task Two_snapshots_that_wait_go_in_the_order_of_their_arrival()
    {
        var first = await site.BatchAsync();
        await first.HasRegistrationAsync(1, "ann");
        await first.IsSnapshotAsync(arrivedSecond: 1);
        var second = await site.BatchAsync();
        await second.HasRegistrationAsync(11, "bob");
        await second.IsSnapshotAsync(arrivedSecond: 2);

        Assert.Equal(2, (await site.MigrateAsync()).Count);

        Assert.Equal(["11 bob trs 2026"], await RegistrationsAsync());
    }

    [Fact]
    public async Task A_repeated_migration_changes_nothing()
    {
        var batch = await HasMigratedAsync(1);
        var later = await site.BatchAsync();
        await later.HasRegistrationAsync(11, "cid");
        await later.IsSnapshotAsync(arrivedSecond: 2);
        await site.MigrateAsync();
        await site.OnStatsAsync($"UPDATE udl_stats SET load_status = 'udl.ingested' WHERE batch_guid = '{batch.Guid}'");

        var outcome = Assert.Single(await site.MigrateAsync());

        Assert.Equal(LoadStatus.Migrated, outcome.LoadStatus);
        Assert.Empty(outcome.Tables);
        Assert.Equal(["11 cid trs 2026"], await RegistrationsAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"reg_system_id": "trs"}""")]
    [InlineData("""{"reg_system_id": null, "academic_year": 2026}""")]
    [InlineData("""{"reg_system_id": "trs", "academic_year": 2026, "state_code": "NC"}""")]
    public async Task Without_the_whole_criteria_nothing_is_replaced(string? criteria)
    {
        await HasMigratedAsync(1);
        var batch = await site.BatchAsync();
        await batch.HasRegistrationAsync(11, "cid");
        await batch.IsSnapshotAsync(criteria: criteria);

        var outcome = Assert.Single(await site.MigrateAsync());

        Assert.Equal(LoadStatus.MigrationFailed, outcome.LoadStatus);
        Assert.StartsWith("snapshot_criteria must be", outcome.Reason, StringComparison.Ordinal);
        await IsAsBeforeAsync(batch);
    }

    [Fact]
    public async Task A_snapshot_with_a_row_of_another_year_is_refused()
    {
        await HasMigratedAsync(1);
        var batch = await site.BatchAsync();
        await batch.HasRegistrationAsync(11, "ann");
        await batch.HasRegistrationAsync(12, "bob", year: 2025);
        await batch.IsSnapshotAsync();

        var outcome = Assert.Single(await site.MigrateAsync());

        Assert.Equal(
            "student_reg: 1 of 2 staged rows belong to another system or year than the snapshot.", outcome.Reason);
        await IsAsBeforeAsync(batch);
    }

    [Fact]
    public async Task A_snapshot_without_rows_is_refused()
    {
        await HasMigratedAsync(1);
        var batch = await (await site.BatchAsync()).IsSnapshotAsync();

        var outcome = Assert.Single(await site.MigrateAsync());

        Assert.Equal("student_reg: the snapshot has no rows.", outcome.Reason);
        await IsAsBeforeAsync(batch);
    }

    [Theory]
    [InlineData("NEW.first_name := 'x'; RETURN NEW;", "student_reg: the checksum is ")]
    [InlineData("RETURN NULL;", "student_reg: 1 rows are staged, but 0 reached production.")]
    public async Task A_row_that_production_changes_or_drops_on_the_way_in_fails_the_batch(string body, string reason)
    {
        await HasMigratedAsync(1);
        await using var trigger = await site.HasInsertTriggerAsync(body, "student_reg");
        var batch = await site.BatchAsync();
        await batch.HasRegistrationAsync(11, "cid", firstName: "Cid");
        await batch.IsSnapshotAsync();

        var outcome = Assert.Single(await site.MigrateAsync());

        Assert.StartsWith(reason, outcome.Reason, StringComparison.Ordinal);
        await IsAsBeforeAsync(batch);
    }

    [Fact]
    public async Task A_large_snapshot_leaves_fresh_planner_statistics()
    {
        var batch = await site.BatchAsync();
        await batch.HasRegistrationAsync(1, "ann");
        await using (var staging = await site.Database.Owner.Staging(MigrationSite.Nc).OpenConnectionAsync())
            await staging.ExecuteAsync($"""
                CREATE TEMP TABLE ann AS SELECT * FROM "{batch.Guid}".student_reg;
                INSERT INTO "{batch.Guid}".student_reg
                SELECT (jsonb_populate_record(ann, jsonb_build_object('student_reg_rec_id', number))).*
                  FROM ann, generate_series(2, 10000) number
                """);
        await batch.IsSnapshotAsync();

        await site.MigrateAsync();

        Assert.Equal(10_000, await site.ScalarAsync<long>(
            "SELECT reltuples::bigint FROM pg_class WHERE oid = 'student_reg'::regclass"));
    }

    /// <summary>Production has the registrations of ann and bob.</summary>
    private async Task<StagedBatch> HasMigratedAsync(int firstKey, string system = "trs", int year = 2026)
    {
        var batch = await site.BatchAsync();
        await batch.HasRegistrationAsync(firstKey, "ann", system, year);
        await batch.HasRegistrationAsync(firstKey + 1, "bob", system, year);
        await batch.IsSnapshotAsync(
            criteria: $$"""{"reg_system_id": "{{system}}", "academic_year": {{year}}}""");
        Assert.Equal(LoadStatus.Migrated, Assert.Single(await site.MigrateAsync()).LoadStatus);
        return batch;
    }

    private async Task IsAsBeforeAsync(StagedBatch failed)
    {
        Assert.Equal(["1 ann trs 2026", "2 bob trs 2026"], await RegistrationsAsync());
        Assert.Equal(LoadStatus.MigrationFailed, await site.StatusAsync(failed.Guid));
        Assert.True(await site.HasSchemaAsync(failed.Guid));
    }

    /// <returns>The rows as <c>key student system year</c>, ordered by key.</returns>
    private async Task<string[]> RegistrationsAsync()
    {
        await using var connection = await site.Database.Owner.Production(MigrationSite.Nc).OpenConnectionAsync();
        return [.. await connection.QueryAsync<string>("""
            SELECT concat_ws(' ', student_reg_rec_id, student_id, reg_system_id, academic_year)
              FROM student_reg ORDER BY student_reg_rec_id
            """)];
    }
}
