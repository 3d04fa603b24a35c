using Smarter.Core;
using Smarter.Migrator.Batches;

namespace Smarter.Migrator.Tests.Batches;

public sealed class MigrateBatchTests(MigrationSite site) : IClassFixture<MigrationSite>, IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await site.EmptyAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task The_first_batch_brings_every_current_row_to_production()
    {
        var batch = await (await site.BatchAsync()).WithDimensionsAsync("ann", "bob");
        await batch.HasOutcomeAsync(101, "ann", studentKey: 11, score: 2400);
        await batch.HasOutcomeAsync(102, "bob", studentKey: 12, score: 2500);
        await batch.IsReadyAsync();

        var outcome = Assert.Single(await site.MigrateAsync());

        Assert.Equal((LoadStatus.Migrated, null), (outcome.LoadStatus, outcome.Reason));
        Assert.Equal(
            ["dim_asmt 1", "dim_inst_hier 1", "dim_student 2", "fact_asmt_outcome 2", "fact_asmt_outcome_vw 2",
                "fact_block_asmt_outcome 0"],
            outcome.Tables.Select(table => $"{table.Table} {table.Inserted}"));
        Assert.Equal(["101 C", "102 C"], await site.StatusesAsync("fact_asmt_outcome_vw"));
        Assert.Equal(["101 C", "102 C"], await site.StatusesAsync("fact_asmt_outcome"));
        Assert.Equal(4900, await site.ScalarAsync<long>("SELECT sum(asmt_score) FROM fact_asmt_outcome_vw"));
        Assert.Equal(LoadStatus.Migrated, await site.StatusAsync(batch.Guid));
        Assert.Equal(8, await site.ScalarAsync<long>(
            $"SELECT rows_inserted FROM migrated_batch WHERE batch_guid = '{batch.Guid}'"));
        Assert.False(await site.HasSchemaAsync(batch.Guid));
    }

    [Fact]
    public async Task A_later_batch_makes_the_rows_of_equal_natural_key_inactive_on_the_day_of_its_migration()
    {
        await HasMigratedAnnAsync();
        var later = await site.BatchAsync();
        await later.HasAssessmentAsync(1, recStatus: RecStatus.Shadow);
        await later.HasSchoolAsync(2, recStatus: RecStatus.Shadow);
        await later.HasStudentAsync(21, "ann", lastName: "Lee");
        await later.HasOutcomeAsync(201, "ann", studentKey: 21, score: 2450);
        await later.IsReadyAsync();

        var outcome = Assert.Single(await site.MigrateAsync());

        Assert.Equal(LoadStatus.Migrated, outcome.LoadStatus);
        Assert.Equal(["101 I 20270501", "201 C"], await site.StatusesAsync("fact_asmt_outcome_vw"));
        Assert.Equal(["101 I 20270501", "201 C"], await site.StatusesAsync("fact_asmt_outcome"));
        Assert.Equal(["11 I 20270501", "21 C"], await site.StatusesAsync("dim_student"));
        Assert.Equal(["1 C"], await site.StatusesAsync("dim_asmt"));
        Assert.Equal(3, await site.ScalarAsync<long>(
            $"SELECT rows_superseded FROM migrated_batch WHERE batch_guid = '{later.Guid}'"));
    }

    [Fact]
    public async Task A_delete_marks_the_production_row_and_leaves_its_date()
    {
        await HasMigratedAnnAsync();
        var deletion = await ShadowedBatchAsync();
        await deletion.HasOutcomeAsync(101, "ann", recStatus: RecStatus.Deleted);
        await deletion.IsReadyAsync();

        var outcome = Assert.Single(await site.MigrateAsync());

        Assert.Equal(LoadStatus.Migrated, outcome.LoadStatus);
        Assert.Equal(["101 D"], await site.StatusesAsync("fact_asmt_outcome_vw"));
        Assert.Equal(["101 D"], await site.StatusesAsync("fact_asmt_outcome"));
    }

    [Fact]
    public async Task An_update_deletes_the_old_row_and_inserts_the_new_one()
    {
        await HasMigratedAnnAsync();
        var update = await ShadowedBatchAsync();
        await update.HasOutcomeAsync(101, "ann", recStatus: RecStatus.Deleted);
        await update.HasOutcomeAsync(201, "ann", score: 2600);
        await update.IsReadyAsync();

        await site.MigrateAsync();

        Assert.Equal(["101 D", "201 C"], await site.StatusesAsync("fact_asmt_outcome_vw"));
        Assert.Equal(["101 D", "201 C"], await site.StatusesAsync("fact_asmt_outcome"));
    }

    [Fact]
    public async Task A_delete_of_a_row_that_is_deleted_already_fails_the_whole_batch_and_keeps_its_schema()
    {
        await HasMigratedAnnAsync();
        await site.OnProductionAsync("UPDATE fact_asmt_outcome_vw SET rec_status = 'D'");
        var late = await ShadowedBatchAsync();
        await late.HasStudentAsync(21, "bob");
        await late.HasOutcomeAsync(201, "bob", studentKey: 21);
        await late.HasOutcomeAsync(101, "ann", recStatus: RecStatus.Deleted);
        await late.IsReadyAsync();

        var outcome = Assert.Single(await site.MigrateAsync());

        Assert.Equal(LoadStatus.MigrationFailed, outcome.LoadStatus);
        Assert.Equal(
            "fact_asmt_outcome_vw: 1 of 1 rows to delete are not current, they were already deleted.", outcome.Reason);
        Assert.Equal(LoadStatus.MigrationFailed, await site.StatusAsync(late.Guid));
        Assert.Contains("already deleted", await site.NotificationAsync(late.Guid), StringComparison.Ordinal);
        Assert.Contains("callback_url", await site.NotificationAsync(late.Guid), StringComparison.Ordinal);
        Assert.Equal(["101 C"], await site.StatusesAsync("fact_asmt_outcome"));
        Assert.Equal(["11 C"], await site.StatusesAsync("dim_student"));
        Assert.True(await site.HasSchemaAsync(late.Guid));
    }

    [Fact]
    public async Task Shadow_and_waiting_rows_stay_in_staging()
    {
        await HasMigratedAnnAsync();
        var batch = await ShadowedBatchAsync();
        await batch.HasOutcomeAsync(301, "cid", recStatus: RecStatus.Waiting);
        await batch.IsReadyAsync();

        var outcome = Assert.Single(await site.MigrateAsync());

        Assert.Equal(LoadStatus.Migrated, outcome.LoadStatus);
        Assert.All(outcome.Tables, table => Assert.Equal((0, 0, 0), (table.Inserted, table.Deleted, table.Superseded)));
        Assert.Equal(["101 C"], await site.StatusesAsync("fact_asmt_outcome_vw"));
        Assert.Equal(["11 C"], await site.StatusesAsync("dim_student"));
    }

    [Fact]
    public async Task Interim_blocks_reach_their_own_table_only()
    {
        var batch = await (await site.BatchAsync()).WithDimensionsAsync("ann");
        await batch.HasBlockOutcomeAsync(101, "ann");
        await batch.IsReadyAsync();

        var outcome = Assert.Single(await site.MigrateAsync());

        Assert.Equal(LoadStatus.Migrated, outcome.LoadStatus);
        Assert.Equal(["101 C"], await site.StatusesAsync("fact_block_asmt_outcome"));
        Assert.Equal(0, await site.CountAsync("fact_asmt_outcome_vw"));
        Assert.Equal(0, await site.CountAsync("fact_asmt_outcome"));
    }

    [Fact]
    public async Task A_fact_without_its_student_fails_the_batch()
    {
        var batch = await (await site.BatchAsync()).WithDimensionsAsync("ann");
        await batch.HasOutcomeAsync(101, "ann", studentKey: 99);
        await batch.IsReadyAsync();

        var outcome = Assert.Single(await site.MigrateAsync());

        Assert.Equal("fact_asmt_outcome: 1 rows point to no row of dim_student in production.", outcome.Reason);
        Assert.Equal(LoadStatus.MigrationFailed, await site.StatusAsync(batch.Guid));
        await AssertProductionIsEmptyAsync();
    }

    [Fact]
    public async Task A_row_that_production_changes_on_the_way_in_fails_the_batch()
    {
        await using var trigger = await site.HasInsertTriggerAsync("NEW.asmt_score := 0; RETURN NEW;");
        var batch = await (await site.BatchAsync()).WithDimensionsAsync("ann");
        await batch.HasOutcomeAsync(101, "ann");
        await batch.IsReadyAsync();

        var outcome = Assert.Single(await site.MigrateAsync());

        Assert.StartsWith("fact_asmt_outcome_vw: the checksum is ", outcome.Reason, StringComparison.Ordinal);
        await AssertProductionIsEmptyAsync();
    }

    [Fact]
    public async Task A_row_that_production_drops_on_the_way_in_fails_the_batch()
    {
        await using var trigger = await site.HasInsertTriggerAsync("RETURN NULL;");
        var batch = await (await site.BatchAsync()).WithDimensionsAsync("ann");
        await batch.HasOutcomeAsync(101, "ann");
        await batch.IsReadyAsync();

        var outcome = Assert.Single(await site.MigrateAsync());

        Assert.Equal("fact_asmt_outcome_vw: 1 rows are staged, but 0 reached production.", outcome.Reason);
        await AssertProductionIsEmptyAsync();
    }

    [Fact]
    public async Task Two_current_rows_of_one_natural_key_fail_the_batch_without_naming_the_student()
    {
        var batch = await (await site.BatchAsync()).WithDimensionsAsync("ann");
        await batch.HasOutcomeAsync(101, "ann");
        await batch.HasOutcomeAsync(102, "ann");
        await batch.IsReadyAsync();

        var outcome = Assert.Single(await site.MigrateAsync());

        Assert.Equal("Production refused the rows: error 23505, table fact_asmt_outcome, "
            + "constraint fact_asmt_outcome_student_idx.", outcome.Reason);
        Assert.DoesNotContain("ann", await site.NotificationAsync(batch.Guid), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("studentregistration")]
    [InlineData("Unknown")]
    public async Task A_load_type_that_is_not_migrated_fails_the_batch(string loadType)
    {
        var batch = await (await site.BatchAsync()).IsReadyAsync(loadType: loadType);

        var outcome = Assert.Single(await site.MigrateAsync());

        Assert.Equal(LoadStatus.MigrationFailed, outcome.LoadStatus);
        Assert.StartsWith($"load_type {loadType}", outcome.Reason, StringComparison.Ordinal);
        Assert.True(await site.HasSchemaAsync(batch.Guid));
    }

    private async Task HasMigratedAnnAsync()
    {
        var batch = await (await site.BatchAsync()).WithDimensionsAsync("ann");
        await batch.HasOutcomeAsync(101, "ann");
        await batch.IsReadyAsync();
        await site.MigrateAsync();
    }

    /// <summary>A batch whose assessment, school and student stand in production already.</summary>
    private async Task<StagedBatch> ShadowedBatchAsync()
    {
        var batch = await site.BatchAsync();
        await batch.HasAssessmentAsync(1, recStatus: RecStatus.Shadow);
        await batch.HasSchoolAsync(2, recStatus: RecStatus.Shadow);
        await batch.HasStudentAsync(11, "ann", recStatus: RecStatus.Shadow);
        return batch;
    }

    private async Task AssertProductionIsEmptyAsync()
    {
        foreach (var table in StarTable.All)
            Assert.Equal(0, await site.CountAsync(table.Name));
        Assert.Equal(0, await site.CountAsync("migrated_batch"));
    }
}
