using Dapper;
using Smarter.Core;
using Smarter.Loader.Tests.Faults;
using Smarter.Loader.Tests.Landing;
using Smarter.Testing;

namespace Smarter.Loader.Tests.Loads;

/// <summary>Files that meet what production holds already, or themselves; each test has databases of its own.</summary>
public sealed class UpdateTests(LandingKeys keys) : IAsyncLifetime
{
    private static readonly string[] Three = ["WYST-900001", "WYST-900002", "WYST-900003"];

    private readonly LoaderSite site = new(keys);

    public ValueTask InitializeAsync() => site.InitializeAsync();

    public ValueTask DisposeAsync() => site.DisposeAsync();

    [Fact(Timeout = 90_000)]
    public async Task The_worked_scenario_of_the_specification_ends_as_it_says()
    {
        var first = await site.LoadAsync(LandingCsv.File(Rows(Three[..2])));
        Assert.Equal(
            ["dim_asmt C 1", "dim_inst_hier C 1", "dim_student C 2",
                "fact_asmt_outcome C 2", "fact_asmt_outcome_vw C 2"],
            await StatusesAsync(first));
        await site.MigrateAsync();

        var second = await site.LoadAsync(LandingCsv.File(Rows(Three)));
        Assert.Equal(
            ["dim_asmt S 1", "dim_inst_hier S 1", "dim_student C 1", "dim_student S 2",
                "fact_asmt_outcome C 3", "fact_asmt_outcome_vw C 3"],
            await StatusesAsync(second));
        await site.MigrateAsync();

        var third = await site.LoadAsync(LandingCsv.File([.. Rows(Three[..2]), LandingCsv.Row(Three[2], ("Op", "D"))]));
        Assert.Equal(
            ["dim_asmt S 1", "dim_inst_hier S 1", "dim_student S 2", "fact_asmt_outcome C 2", "fact_asmt_outcome D 1",
                "fact_asmt_outcome_vw C 2", "fact_asmt_outcome_vw D 1"],
            await StatusesAsync(third));
        await site.MigrateAsync();

        Assert.Equal(
            ["dim_asmt C 1", "dim_inst_hier C 1", "dim_student C 3",
                "fact_asmt_outcome C 2", "fact_asmt_outcome D 1", "fact_asmt_outcome I 4",
                "fact_asmt_outcome_vw C 2", "fact_asmt_outcome_vw D 1", "fact_asmt_outcome_vw I 4"],
            await site.FromProductionAsync<string>(Statuses("edware_prod")));
    }

    [Fact(Timeout = 60_000)]
    [CatalogueCase("I05")]
    public async Task A_delete_and_an_insert_of_one_outcome_are_an_update()
    {
        await site.LoadAsync(LandingCsv.File(Rows("ann")));
        await site.MigrateAsync();

        var load = await site.LoadAsync(LandingCsv.File(
            LandingCsv.Row("ann", ("Op", "D")), LandingCsv.Row("ann", ("AssessmentSubtestResultScoreValue", "2600"))));
        await site.MigrateAsync();

        Assert.Equal(("ingested", (long?)2, (long?)0), (load.Outcome, load.RowsLoaded, load.RowsSuperseded));
        Assert.Equal(["2451 D", "2600 C"], await site.FromProductionAsync<string>(
            "SELECT concat_ws(' ', asmt_score, rec_status) FROM fact_asmt_outcome_vw ORDER BY asmt_score"));
    }

    [Fact(Timeout = 60_000)]
    [CatalogueCase("I05")]
    public async Task A_delete_finds_the_outcome_of_a_file_that_arrived_before_and_is_not_migrated_yet()
    {
        await site.LoadAsync(LandingCsv.File(Rows("ann", "bob")));

        var deletion = await site.LoadAsync(LandingCsv.File(LandingCsv.Row("ann", ("Op", "D"))));
        var again = await site.LoadAsync(LandingCsv.File(LandingCsv.Row("ann", ("Op", "D")), LandingCsv.Row("cy")));
        await site.MigrateAsync();

        Assert.Equal(("ingested", (long?)1), (deletion.Outcome, deletion.RowsLoaded));
        Assert.Equal(("failed", (int?)ErrorCode.DeleteRecordNotFound), (again.Outcome, again.FaultCode));
        Assert.Equal(["ann D", "bob C"], await site.FromProductionAsync<string>(
            "SELECT concat_ws(' ', student_id, rec_status) FROM fact_asmt_outcome_vw ORDER BY student_id"));
    }

    [Fact(Timeout = 60_000)]
    [CatalogueCase("I05")]
    public async Task Files_that_are_built_before_the_one_in_between_is_migrated_end_as_they_arrived()
    {
        await site.LoadAsync(LandingCsv.File(LandingCsv.Row("ann", ("FirstName", "Alpha"))));
        await site.MigrateAsync();

        await site.LoadAsync(LandingCsv.File(LandingCsv.Row("ann", ("FirstName", "Gamma"))));
        await site.LoadAsync(LandingCsv.File(
            LandingCsv.Row("ann", ("FirstName", "Alpha"), ("AssessmentAdministrationFinishDate", "20160501"))));
        await site.LoadAsync(LandingCsv.File(LandingCsv.Row("ann", ("Op", "D"))));
        await site.MigrateAsync();

        Assert.Equal(["Alpha"], await site.FromProductionAsync<string>(
            "SELECT first_name FROM dim_student WHERE rec_status = 'C'"));
        Assert.Equal(["D Gamma I", "I Alpha I", "C Alpha C"], await site.FromProductionAsync<string>("""
            SELECT concat_ws(' ', fact.rec_status, first_name, student.rec_status)
              FROM fact_asmt_outcome_vw fact JOIN dim_student student USING (student_rec_id)
             ORDER BY date_taken, fact.rec_status
            """));
    }

    [Fact(Timeout = 60_000)]
    [CatalogueCase("I05")]
    public async Task One_delete_of_an_unknown_outcome_refuses_the_file_and_names_the_row()
    {
        await site.LoadAsync(LandingCsv.File(Rows("ann")));
        await site.MigrateAsync();

        var load = await site.LoadAsync(LandingCsv.File(
            LandingCsv.Row("ann", ("Op", "D")), LandingCsv.Row("bob", ("Op", "D")), LandingCsv.Row("cy")));

        Assert.Equal(("failed", (int?)ErrorCode.DeleteRecordNotFound), (load.Outcome, load.FaultCode));
        Assert.Equal(["2 1000"], await site.ErrorsAsync(load));
        Assert.Equal(((long?)3, (long?)0, (long?)3), (load.RowsReceived, load.RowsLoaded, load.RowsRejected));
        Assert.False(await site.HasSchemaAsync(load));
    }

    [Fact(Timeout = 60_000)]
    [CatalogueCase("I05")]
    public async Task An_outcome_that_is_deleted_twice_refuses_the_file()
    {
        await site.LoadAsync(LandingCsv.File(Rows("ann")));
        await site.MigrateAsync();

        var load = await site.LoadAsync(LandingCsv.File(
            LandingCsv.Row("ann", ("Op", "D")), LandingCsv.Row("ann", ("Op", "D")), LandingCsv.Row("cy")));

        Assert.Equal(("failed", (int?)ErrorCode.DeletedTwice), (load.Outcome, load.FaultCode));
        Assert.Equal(["2 1001"], await site.ErrorsAsync(load));
        Assert.False(await site.HasSchemaAsync(load));
    }

    [Fact(Timeout = 60_000)]
    [CatalogueCase("I05")]
    public async Task The_last_of_two_rows_of_one_outcome_counts()
    {
        var load = await site.LoadAsync(LandingCsv.File(
            LandingCsv.Row("ann", ("AssessmentSubtestResultScoreValue", "2400")), LandingCsv.Row("bob"),
            LandingCsv.Row("ann", ("AssessmentSubtestResultScoreValue", "2600"))));

        Assert.Equal(
            ((long?)3, (long?)2, (long?)0, (long?)1),
            (load.RowsReceived, load.RowsLoaded, load.RowsRejected, load.RowsSuperseded));
        Assert.Equal(["1 5120"], await site.ErrorsAsync(load));
        Assert.Equal(["ann 2600", "bob 2451"], await site.FromStagingAsync<string>($"""
            SELECT concat_ws(' ', student_id, asmt_score) FROM "{load.Id}".fact_asmt_outcome_vw
             ORDER BY student_id
            """));
    }

    [Fact(Timeout = 60_000)]
    [CatalogueCase("I06")]
    public async Task A_student_whom_the_file_describes_in_two_ways_is_as_the_last_row_says()
    {
        var load = await site.LoadAsync(LandingCsv.File(
            LandingCsv.Row("ann", ("FirstName", "Ann")),
            LandingCsv.Row("ann", ("FirstName", "Anna"), ("AssessmentAdministrationFinishDate", "20160501"))));

        Assert.Equal(["2 5121"], await site.ErrorsAsync(load));
        Assert.Equal(2, load.RowsLoaded);
        Assert.Equal(["Anna 2"], await site.FromStagingAsync<string>($"""
            SELECT concat_ws(' ', first_name, count(*))
              FROM "{load.Id}".fact_asmt_outcome_vw
              JOIN "{load.Id}".dim_student USING (student_rec_id)
             GROUP BY first_name
            """));
    }

    [Fact(Timeout = 60_000)]
    [CatalogueCase("I06")]
    public async Task A_file_of_one_student_described_anew_in_each_row_is_built_in_seconds()
    {
        const int rows = 20_000;
        var csv = LandingCsv.File(
            [.. Enumerable.Range(1, rows).Select(row => LandingCsv.Row("ann", ("FirstName", $"Ann{row}")))]);

        var load = await site.LoadAsync(csv); // within the 30 s that a load may take

        Assert.Equal(((long?)rows, (long?)1, (long?)(rows - 1)),
            (load.RowsReceived, load.RowsLoaded, load.RowsSuperseded));
        Assert.Equal([$"5120 {rows - 1} 1 {rows - 1}", $"5121 1 {rows} {rows}"], await site.FromUdlAsync<string>($"""
            SELECT concat_ws(' ', err_code, count(*), min(src_file_rec_num), max(src_file_rec_num))
              FROM err_list WHERE guid_batch = '{load.Id}' GROUP BY err_code ORDER BY err_code
            """));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_lock_that_a_killed_loader_left_delays_a_load_and_holds_no_worker()
    {
        await site.StartAsync();
        await using var other = await site.Database.Owner.Staging("wy").OpenConnectionAsync();
        await using var left = await other.BeginTransactionAsync();
        await other.ExecuteAsync("LOCK TABLE star.fact_asmt_outcome_vw IN ACCESS EXCLUSIVE MODE");

        var name = await site.DeliverAsync(await keys.SealAsync(
            await LandingTar.PackAsync(LandingJson.File(), LandingCsv.File(Rows("ann")))));
        var cause = Array.Empty<string>();
        for (var wait = 0; cause.Length == 0 && wait < 150; wait++, await Task.Delay(100))
            cause = await site.FromUdlAsync<string>("SELECT delayed_by FROM load_file WHERE delayed_by IS NOT NULL");
        await left.RollbackAsync();

        Assert.Contains("55P03", Assert.Single(cause), StringComparison.Ordinal);
        Assert.Equal("ingested", (await site.EndAsync(name)).Outcome);
    }

    [Fact]
    public async Task The_server_soon_ends_what_a_program_that_is_gone_has_left()
    {
        var loader = site.Database.As(DatabaseRole.Loader);
        foreach (var database in new[] { loader.Udl, loader.Stats, loader.Staging("wy"), loader.Production("wy") })
        {
            await using var connection = await database.OpenConnectionAsync();
            Assert.Equal("2s", await connection.ExecuteScalarAsync<string>("SHOW client_connection_check_interval"));
        }
    }

    [Fact(Timeout = 60_000)]
    [CatalogueCase("I06")]
    public async Task A_school_that_is_spelled_in_two_ways_is_one_school_as_the_last_row_says()
    {
        await site.LoadAsync(LandingCsv.File(Rows("ann")));
        await site.MigrateAsync();

        var load = await site.LoadAsync(LandingCsv.File(
            LandingCsv.Row("bob"), LandingCsv.Row("cy", ("NameOfInstitution", "PRAIRIE VIEW")),
            LandingCsv.Row("dee", ("NameOfInstitution", "Prairie V."))));

        Assert.Equal(["Prairie V. C 3"], await site.FromStagingAsync<string>($"""
            SELECT concat_ws(' ', school_name, school.rec_status, count(*))
              FROM "{load.Id}".fact_asmt_outcome_vw JOIN "{load.Id}".dim_inst_hier school USING (inst_hier_rec_id)
             GROUP BY school_name, school.rec_status
            """));
        Assert.Equal(1, await site.CountInBatchAsync(load, "dim_inst_hier"));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_file_with_more_bad_rows_than_the_tenant_allows_is_refused()
    {
        await site.StartAsync(("Checking:MaxRejectedShares:wy", "0.5"));

        var half = await site.LoadAsync(LandingCsv.File(LandingCsv.Row("ann"), LandingCsv.Row("bob", ("Sex", "?"))));
        var more = await site.LoadAsync(LandingCsv.File(
            LandingCsv.Row("cy"), LandingCsv.Row("dee", ("Sex", "?")), LandingCsv.Row("eve", ("Op", "?"))));

        Assert.Equal(("ingested", (long?)1), (half.Outcome, half.RowsRejected));
        Assert.Equal(("failed", (int?)ErrorCode.BatchFailed), (more.Outcome, more.FaultCode));
        Assert.Equal(["2005", "2 5107 Sex", "3 5107 Op"], await site.ErrorsAsync(more));
        Assert.Equal(
            ((long?)3, (long?)0, (long?)3, (long?)0),
            (more.RowsReceived, more.RowsLoaded, more.RowsRejected, more.RowsSuperseded));
    }

    private static IEnumerable<string> Rows(params string[] students) =>
        students.Select(student => LandingCsv.Row(student));

    private Task<string[]> StatusesAsync(EndedLoad load) => site.FromStagingAsync<string>(Statuses($"\"{load.Id}\""));

    private static string Statuses(string schema) => string.Join(" UNION ALL ",
        new[]
        {
            "dim_asmt", "dim_inst_hier", "dim_student",
            "fact_asmt_outcome", "fact_asmt_outcome_vw", "fact_block_asmt_outcome"
        }
            .Select(table =>
                $"""
                SELECT concat_ws(' ', '{table}', rec_status, count(*)) AS line FROM {schema}.{table}
                 GROUP BY rec_status
                """))
        + " ORDER BY line";
}
