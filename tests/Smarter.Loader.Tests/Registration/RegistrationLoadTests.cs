using System.Text.Json.Nodes;
using Smarter.Core;
using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Loads;
using Smarter.SampleData.Landing;

namespace Smarter.Loader.Tests.Registration;

public sealed class RegistrationLoadTests(LoaderSite site) : IClassFixture<LoaderSite>
{
    [Fact(Timeout = 30_000)]
    public async Task A_file_stands_in_its_batch_as_a_snapshot_of_its_system_and_year()
    {
        var load = await LoadAsync(LandingRegistration.Row("ann"), LandingRegistration.Row("bob"));

        IsLoaded(load, received: 2, loaded: 2);
        Assert.Equal(["ann wy-trs 2016 20150930", "bob wy-trs 2016 20150930"], await site.FromStagingAsync<string>($"""
            SELECT concat_ws(' ', student_id, reg_system_id, academic_year, extract_date)
              FROM "{load.Id}".student_reg ORDER BY src_file_rec_num
            """));
        Assert.Equal(["studentregistration s udl.ingested 2"], await site.FromStatsAsync<string>($"""
            SELECT concat_ws(' ', load_type, batch_operation, load_status, record_loaded_count)
              FROM udl_stats WHERE batch_guid = '{load.Id}'
            """));
        var criteria = JsonNode.Parse(Assert.Single(await site.FromStatsAsync<string>(
            $"SELECT snapshot_criteria FROM udl_stats WHERE batch_guid = '{load.Id}'")));
        Assert.True(JsonNode.DeepEquals(
            new JsonObject { ["reg_system_id"] = "wy-trs", ["academic_year"] = 2016 }, criteria));
        Assert.Equal(2, await site.CountInBatchAsync(load, $"student_reg WHERE batch_guid = '{load.Id}'"));
        Assert.Equal(["2"], await site.FromUdlAsync<string>($"""
            SELECT size_records FROM udl_batch
             WHERE guid_batch = '{load.Id}' AND udl_phase = 'udl2.W_load_sr_integration_to_target.task'
               AND load_type = 'studentregistration' AND udl_phase_step_status = 'SUCCESS'
            """));
        Assert.Equal(["studentregistration"], await site.FromUdlAsync<string>(
            $"SELECT load_type FROM udl_batch WHERE guid_batch = '{load.Id}' AND udl_phase = 'UDL_COMPLETE'"));
    }

    [Fact(Timeout = 30_000)]
    public async Task The_notification_says_which_registration_it_is_about()
    {
        var load = await LoadAsync(
            LandingRegistration.Row("ann"), LandingRegistration.Row("ann"),
            LandingRegistration.Row("bob", ("Sex", "?")));

        var notification = await NotificationAsync(load);
        Assert.Equal(
            ["wy-reg-1", "wy-trs", "2016", "https://state.example/registered", "1", "1", "SUCCESS"],
            new[] { "student_reg_guid", "reg_system_id", "academic_year", "callback_url", "total_rows_loaded",
                "total_rows_not_loaded", "udl_phase_step_status" }
                .Select(member => notification[member]?.ToString()));
    }

    [Fact(Timeout = 30_000)]
    public async Task Lines_that_say_the_same_count_once_and_a_student_registered_in_two_ways_keeps_both()
    {
        var load = await LoadAsync(
            LandingRegistration.Row("ann"),
            LandingRegistration.Row("bob"),
            LandingRegistration.Row("ann", ("Sex", "FEMALE"), ("GradeLevelWhenAssessed", "03")),
            LandingRegistration.Row("cid"),
            LandingRegistration.Row("cid", ("ResponsibleSchoolIdentifier", "S2")),
            LandingRegistration.Row("cid"));

        Assert.Equal(
            ("ingested", 6L, 4L, 0L, 2L),
            (load.Outcome, load.RowsReceived, load.RowsLoaded, load.RowsRejected, load.RowsSuperseded));
        Assert.Equal(["bob S1", "ann S1", "cid S2", "cid S1"], await site.FromStagingAsync<string>(
            $"SELECT student_id || ' ' || school_id FROM \"{load.Id}\".student_reg ORDER BY src_file_rec_num"));
        Assert.Equal(["1 5120", "4 5120", "5 5122", "6 5122"], await site.ErrorsAsync(load));
        Assert.Empty(await site.FromUdlAsync<string>("SELECT file_name || ': ' || what FROM ledger_fault"));
    }

    [Fact(Timeout = 30_000)]
    public async Task A_confirmation_code_is_kept_and_bare_CR_and_a_byte_order_mark_are_passed_over()
    {
        var csv = LandingRegistration.Csv(LandingRegistration.Row("ann"))
            .Replace("\nWyoming", ",ConfirmationCode\nWyoming", StringComparison.Ordinal)
            .Replace("SLD\n", "SLD,C-17\n", StringComparison.Ordinal);

        var load = await site.LoadAsync(
            LandingRegistration.Json(), "\uFEFF" + csv.Replace('\n', '\r'));

        IsLoaded(load, received: 1, loaded: 1);
        Assert.Equal(["Wyoming C-17"], await site.FromStagingAsync<string>(
            $"SELECT state_name || ' ' || confirm_code FROM \"{load.Id}\".student_reg"));
    }

    [Fact(Timeout = 30_000)]
    public async Task A_row_of_another_state_refuses_the_file_and_tells_the_submitter()
    {
        var load = await LoadAsync(
            LandingRegistration.Row("ann"), LandingRegistration.Row("bob", ("StateAbbreviation", "NC")));

        Assert.Equal(("failed", (int?)ErrorCode.WrongState), (load.Outcome, load.FaultCode));
        Assert.False(await site.HasSchemaAsync(load));
        Assert.Equal(["studentregistration udl.failed"], await site.FromStatsAsync<string>($"""
            SELECT concat_ws(' ', load_type, batch_operation, load_status) FROM udl_stats WHERE batch_guid = '{load.Id}'
            """));
        Assert.Equal("https://state.example/registered", (await NotificationAsync(load))["callback_url"]?.ToString());
    }

    [Fact(Timeout = 60_000)]
    public async Task A_generated_file_loads_but_for_the_rows_that_were_spoiled()
    {
        var folder = Directory.CreateTempSubdirectory("sr-");
        var file = LandingFiles.Generate(
            new LandingOptions
            {
                Students = 2_000,
                StateCode = "WY",
                Types = LandingTypes.Registration,
                ErrorPercent = 1,
            },
            folder.FullName).Single();
        var planted = JsonNode.Parse(await File.ReadAllTextAsync(file.PlantedPath!))!["planted"]!.AsArray()
            .Select(fault => fault!["row"]!.GetValue<long>()).Order();

        var load = await site.LoadAsync(
            await File.ReadAllTextAsync(file.JsonPath), await File.ReadAllTextAsync(file.CsvPath));
        folder.Delete(recursive: true);

        var rejected = await site.FromUdlAsync<long>($"""
            SELECT DISTINCT src_file_rec_num FROM err_list
             WHERE guid_batch = '{load.Id}' ORDER BY 1
            """);
        Assert.NotEmpty(rejected);
        Assert.Equal(planted, rejected);
        IsLoaded(load, received: 2_000, loaded: 2_000 - rejected.Length);
        Assert.Equal(2_000 - rejected.Length, await site.CountInBatchAsync(load, "student_reg"));
        Assert.Empty(await site.FromUdlAsync<string>("SELECT file_name || ': ' || what FROM ledger_fault"));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_second_snapshot_takes_the_place_of_the_first_in_production_and_another_year_stays()
    {
        await SnapshotAsync(2016, LandingRegistration.Row("ann"), LandingRegistration.Row("bob"));
        await SnapshotAsync(2015, LandingRegistration.Row("ann"));
        await site.MigrateAsync();
        Assert.Equal(["2015 ann S1", "2016 ann S1", "2016 bob S1"], await InProductionAsync());

        await SnapshotAsync(2016,
            LandingRegistration.Row("bob", ("ResponsibleSchoolIdentifier", "S2")), LandingRegistration.Row("cid"));
        await site.MigrateAsync();

        Assert.Equal(["2015 ann S1", "2016 bob S2", "2016 cid S1"], await InProductionAsync());

        async Task SnapshotAsync(int year, params string[] rows) => Assert.Equal("ingested", (await site.LoadAsync(
            LandingRegistration.Json(("Identification.AcademicYear", year), ("Source.TestRegSysID", "replaced")),
            LandingRegistration.Csv(rows))).Outcome);

        Task<string[]> InProductionAsync() => site.FromProductionAsync<string>("""
            SELECT concat_ws(' ', academic_year, student_id, school_id)
              FROM student_reg WHERE reg_system_id = 'replaced' ORDER BY 1
            """);
    }

    private static void IsLoaded(EndedLoad load, long received, long loaded) => Assert.Equal(
        ("ingested", (int?)null, received, loaded), (load.Outcome, load.FaultCode, load.RowsReceived, load.RowsLoaded));

    private Task<EndedLoad> LoadAsync(params string[] rows) =>
        site.LoadAsync(
            LandingRegistration.Json(("Source.EmailNotification", $"{Guid.NewGuid()}@state.example")),
            LandingRegistration.Csv(rows));

    private async Task<JsonNode> NotificationAsync(EndedLoad load) => JsonNode.Parse(Assert.Single(
        await site.FromStatsAsync<string>($"SELECT notification FROM udl_stats WHERE batch_guid = '{load.Id}'")))!;
}
