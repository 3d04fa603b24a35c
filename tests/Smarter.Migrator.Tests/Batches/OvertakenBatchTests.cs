using Smarter.Core;

namespace Smarter.Migrator.Tests.Batches;

/// <summary>Batches that were built against the same production and are migrated one after the other
/// (docs/adr/0023).</summary>
public sealed class OvertakenBatchTests(MigrationSite site) : IClassFixture<MigrationSite>, IAsyncLifetime
{
    private const string Superseded = "I 20270501";

    public async ValueTask InitializeAsync()
    {
        await site.EmptyAsync();
        var first = await site.BatchAsync();
        await first.HasAssessmentAsync(1);
        await first.HasSchoolAsync(2);
        await first.HasStudentAsync(11, "ann", "Alpha");
        await first.HasOutcomeAsync(101, "ann");
        await first.IsReadyAsync();
        await site.MigrateAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task The_later_file_decides_how_a_student_is_described_though_production_said_the_same_when_it_was_built()
    {
        await (await RenamedAnnAsync()).IsReadyAsync(arrivedSecond: 2);
        var alpha = await ShadowsAsync();
        await alpha.HasOutcomeAsync(301, "ann");
        await alpha.HasBlockOutcomeAsync(302, "ann");
        await alpha.IsReadyAsync(arrivedSecond: 3);

        await AssertMigratedAsync(2);

        Assert.Equal(
            [$"11 {Superseded}", $"21 {Superseded}", "302 C"], await site.StatusesAsync("dim_student"));
        Assert.Equal("Alpha", await site.ScalarAsync<string>("SELECT last_name FROM dim_student WHERE rec_status = 'C'"));
        await AssertPointToAsync("student_rec_id", 302);
        Assert.Equal(302, await site.ScalarAsync<long>("SELECT student_rec_id FROM fact_block_asmt_outcome"));
        Assert.Equal(["1 C"], await site.StatusesAsync("dim_asmt"));
        Assert.Equal(["2 C"], await site.StatusesAsync("dim_inst_hier"));
    }

    [Fact]
    public async Task The_later_file_decides_on_the_name_of_a_school()
    {
        var oak = await site.BatchAsync();
        await oak.HasAssessmentAsync(1, recStatus: RecStatus.Shadow);
        await oak.HasSchoolAsync(22, name: "Oak");
        await oak.HasStudentAsync(11, "ann", "Alpha", RecStatus.Shadow);
        await oak.HasOutcomeAsync(201, "ann", schoolKey: 22);
        await oak.IsReadyAsync(arrivedSecond: 2);
        await (await AnnAgainAsync()).IsReadyAsync(arrivedSecond: 3);

        await AssertMigratedAsync(2);

        Assert.Equal(
            [$"2 {Superseded}", $"22 {Superseded}", "301 C"], await site.StatusesAsync("dim_inst_hier"));
        Assert.Equal(
            "Elm", await site.ScalarAsync<string>("SELECT school_name FROM dim_inst_hier WHERE rec_status = 'C'"));
        await AssertPointToAsync("inst_hier_rec_id", 301);
    }

    [Fact]
    public async Task The_later_file_decides_on_the_definition_of_an_assessment()
    {
        var second = await site.BatchAsync();
        await second.HasAssessmentAsync(21, version: "2");
        await second.HasSchoolAsync(2, recStatus: RecStatus.Shadow);
        await second.HasStudentAsync(11, "ann", "Alpha", RecStatus.Shadow);
        await second.HasOutcomeAsync(201, "ann", asmtKey: 21);
        await second.IsReadyAsync(arrivedSecond: 2);
        await (await AnnAgainAsync()).IsReadyAsync(arrivedSecond: 3);

        await AssertMigratedAsync(2);

        Assert.Equal([$"1 {Superseded}", $"21 {Superseded}", "301 C"], await site.StatusesAsync("dim_asmt"));
        Assert.Equal("1", await site.ScalarAsync<string>("SELECT asmt_version FROM dim_asmt WHERE rec_status = 'C'"));
        await AssertPointToAsync("asmt_rec_id", 301);
    }

    [Fact]
    public async Task An_overtaken_shadow_that_no_outcome_points_to_stays_in_staging()
    {
        await (await RenamedAnnAsync()).IsReadyAsync(arrivedSecond: 2);
        var deletion = await ShadowsAsync();
        await deletion.HasOutcomeAsync(101, "ann", recStatus: RecStatus.Deleted);
        await deletion.IsReadyAsync(arrivedSecond: 3);

        await AssertMigratedAsync(2);

        Assert.Equal([$"11 {Superseded}", "21 C"], await site.StatusesAsync("dim_student"));
    }

    [Fact]
    public async Task A_key_that_production_already_uses_refuses_the_batch_and_leaves_its_schema_as_it_was_built()
    {
        var renamed = await RenamedAnnAsync();
        await renamed.HasStudentAsync(301, "bob");
        await renamed.IsReadyAsync(arrivedSecond: 2);
        var again = await (await AnnAgainAsync()).IsReadyAsync(arrivedSecond: 3);

        var outcomes = await site.MigrateAsync();

        Assert.Equal("Production refused the rows: error 23505, table dim_student, constraint dim_student_pkey.",
            outcomes[1].Reason);
        Assert.Equal(LoadStatus.MigrationFailed, await site.StatusAsync(again.Guid));
        Assert.Equal(["201 C"], (await site.StatusesAsync("fact_asmt_outcome_vw"))[1..]);
        Assert.Equal("11 S", await again.ScalarAsync<string>(
            "SELECT student_rec_id || ' ' || rec_status FROM dim_student"));
    }

    [Fact]
    public async Task A_delete_meets_the_outcome_that_was_sent_again_before_it()
    {
        await (await RenamedAnnAsync()).IsReadyAsync(arrivedSecond: 2);
        var deletion = await ShadowsAsync();
        await deletion.HasOutcomeAsync(101, "ann", recStatus: RecStatus.Deleted);
        await deletion.IsReadyAsync(arrivedSecond: 3);

        await AssertMigratedAsync(2);

        foreach (var table in new[] { "fact_asmt_outcome_vw", "fact_asmt_outcome" })
            Assert.Equal([$"101 {Superseded}", "201 D"], await site.StatusesAsync(table));
    }

    [Fact]
    public async Task An_update_replaces_the_outcome_that_was_sent_again_before_it()
    {
        await (await RenamedAnnAsync()).IsReadyAsync(arrivedSecond: 2);
        var update = await AnnAgainAsync();
        await update.HasOutcomeAsync(101, "ann", recStatus: RecStatus.Deleted);
        await update.IsReadyAsync(arrivedSecond: 3);

        await AssertMigratedAsync(2);

        Assert.Equal([$"101 {Superseded}", "201 D", "301 C"], await site.StatusesAsync("fact_asmt_outcome_vw"));
    }

    [Theory]
    [InlineData("production")]
    [InlineData("staging")]
    public async Task A_cut_connection_leaves_an_overtaken_batch_as_it_was_built_and_the_next_run_migrates_it(
        string database)
    {
        await (await RenamedAnnAsync()).IsReadyAsync(arrivedSecond: 2);
        await site.MigrateAsync();
        await site.OnProductionAsync("DELETE FROM fact_asmt_outcome_vw"); // superseding would meet the brake's lock first
        var again = await (await AnnAgainAsync()).IsReadyAsync(arrivedSecond: 3);
        await using var brake = await Brake.SetAsync(site);
        var interrupted = site.MigrateAsync();
        await brake.IsReachedAsync();

        await brake.CutAsync(database);
        await brake.ReleaseAsync();

        Assert.Equal(LoadStatus.Ingested, Assert.Single(await interrupted).LoadStatus);
        Assert.Equal("11 S", await again.ScalarAsync<string>(
            "SELECT student_rec_id || ' ' || rec_status FROM dim_student"));
        await AssertMigratedAsync(1);
        Assert.Equal([$"11 {Superseded}", $"21 {Superseded}", "301 C"], await site.StatusesAsync("dim_student"));
        await AssertPointToAsync("student_rec_id", 301);
    }

    /// <summary>A batch that calls ann Gamma (key 21) and sends her outcome again (key 201).</summary>
    private async Task<StagedBatch> RenamedAnnAsync()
    {
        var batch = await site.BatchAsync();
        await batch.HasAssessmentAsync(1, recStatus: RecStatus.Shadow);
        await batch.HasSchoolAsync(2, recStatus: RecStatus.Shadow);
        await batch.HasStudentAsync(21, "ann", "Gamma");
        await batch.HasOutcomeAsync(201, "ann", studentKey: 21);
        return batch;
    }

    /// <summary>A batch that says the same as the first and sends ann's outcome again (key 301).</summary>
    private async Task<StagedBatch> AnnAgainAsync()
    {
        var batch = await ShadowsAsync();
        await batch.HasOutcomeAsync(301, "ann");
        return batch;
    }

    /// <summary>A batch built when production held what the first batch brought.</summary>
    private async Task<StagedBatch> ShadowsAsync()
    {
        var batch = await site.BatchAsync();
        await batch.HasAssessmentAsync(1, recStatus: RecStatus.Shadow);
        await batch.HasSchoolAsync(2, recStatus: RecStatus.Shadow);
        await batch.HasStudentAsync(11, "ann", "Alpha", RecStatus.Shadow);
        return batch;
    }

    private async Task AssertMigratedAsync(int batches)
    {
        var outcomes = await site.MigrateAsync();
        Assert.Equal(batches, outcomes.Count);
        Assert.All(outcomes, outcome => Assert.Equal((LoadStatus.Migrated, null), (outcome.LoadStatus, outcome.Reason)));
    }

    /// <summary>Every current outcome, in the wide and in the lean fact, points to this record.</summary>
    private async Task AssertPointToAsync(string key, long expected)
    {
        foreach (var table in new[] { "fact_asmt_outcome_vw", "fact_asmt_outcome" })
            Assert.Equal(expected, await site.ScalarAsync<long>($"SELECT {key} FROM {table} WHERE rec_status = 'C'"));
    }
}
