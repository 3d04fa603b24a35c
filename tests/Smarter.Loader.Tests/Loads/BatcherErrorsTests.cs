using System.Formats.Tar;
using System.Text.Json.Nodes;
using Smarter.Core;
using Smarter.Loader.Tests.Landing;

namespace Smarter.Loader.Tests.Loads;

/// <summary>Archives with the <c>.err</c> file of the score batcher (loader.md §2.2), and who is told of its errors.
/// </summary>
public sealed class BatcherErrorsTests(LoaderSite site) : IClassFixture<LoaderSite>
{
    private const string Callback = "https://state.example/done";

    private const string Errors = """
        [{"err_code": 4310, "err_code_text": "CSV_PARSE_ERROR", "err_source": 4004,
          "err_source_text": "GENERATE_CSV_FROM_XML", "err_input": "student:WYST-900009"}]
        """;

    [Fact(Timeout = 30_000)]
    public async Task Beside_a_CSV_they_go_into_the_notification_of_a_load_like_any_other()
    {
        var (_, load) = await LoadAsync(LandingKeys.Wyoming, AssessmentJson(), Err(),
            LandingTar.Member("x.csv", LandingCsv.File(LandingCsv.Row("batched"))));

        Assert.Equal(("ingested", 1L), (load.Outcome, load.RowsLoaded));
        var notification = await NotificationAsync(load);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Errors), notification["tsb_error"]));
        Assert.Equal(
            ["tsb error", "SUCCESS", "1"],
            new[] { "error_desc", "udl_phase_step_status", "total_rows_loaded" }
                .Select(member => notification[member]?.ToString()));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(LoadType.Assessment)]
    [InlineData(LoadType.StudentRegistration)]
    public async Task In_place_of_a_CSV_they_end_the_load_as_failed_and_the_receipt_says_so(string loadType)
    {
        var json = loadType == LoadType.Assessment
            ? AssessmentJson()
            : LandingTar.Member("x.json", LandingRegistration.Json(("Source.TestRegCallbackURL", Callback)));

        var (name, load) = await LoadAsync(LandingKeys.Wyoming, json, Err());

        Assert.Equal(("failed", (int?)ErrorCode.BatcherErrorsOnly), (load.Outcome, load.FaultCode));
        var fault = site.Receipt(name).GetProperty("fault");
        Assert.Equal(5025, fault.GetProperty("code").GetInt32());
        Assert.Equal("The score batcher sent its errors in place of a CSV: 4310.",
            fault.GetProperty("reason").GetString());
        var notification = await NotificationAsync(load);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Errors), notification["tsb_error"]));
        Assert.Equal(Callback, notification["callback_url"]?.ToString());
        Assert.Equal([$"{loadType} {LoadStatus.Failed} 0"], await site.FromStatsAsync<string>($"""
            SELECT concat_ws(' ', load_type, batch_operation, load_status, record_loaded_count)
              FROM udl_stats WHERE batch_guid = '{load.Id}'
            """));
        Assert.Equal(["udl2.W_file_splitter.task", "UDL_COMPLETE"], await site.FromUdlAsync<string>($"""
            SELECT udl_phase FROM udl_batch
             WHERE guid_batch = '{load.Id}' AND udl_phase_step_status = 'FAILURE' ORDER BY batch_sid
            """));
        Assert.Empty(site.Files("work"));
        Assert.False(await site.HasSchemaAsync(load));
    }

    [Fact(Timeout = 30_000)]
    public async Task A_stranger_has_nobody_told_of_anything()
    {
        var (_, load) = await LoadAsync(LandingKeys.Stranger, AssessmentJson(), Err());

        Assert.Equal((int)ErrorCode.SignerNotTrusted, load.FaultCode);
        var notification = await NotificationAsync(load);
        Assert.Null(notification["callback_url"]);
        Assert.Null(notification["tsb_error"]);
    }

    private static TarEntry AssessmentJson() =>
        LandingTar.Member("x.json", LandingJson.File(("Source.CallbackURL", Callback)));

    private static TarEntry Err() =>
        LandingTar.Member("x.err", $$"""{"content": "error", "tsb_error": {{Errors}}}""");

    private async Task<(string Name, EndedLoad Load)> LoadAsync(string signer, params TarEntry[] members)
    {
        await site.StartAsync();
        var name = await site.DeliverAsync(await site.Keys.SealAsync(await LandingTar.PackAsync(members), signer));
        return (name, await site.EndAsync(name));
    }

    private async Task<JsonNode> NotificationAsync(EndedLoad load) => JsonNode.Parse(Assert.Single(
        await site.FromStatsAsync<string>($"SELECT notification FROM udl_stats WHERE batch_guid = '{load.Id}'")))!;
}
