using System.Text.Json.Nodes;
using Smarter.Core;
using Smarter.Loader.Tests.Landing;

namespace Smarter.Loader.Tests.Loads;

/// <summary>Whom the migrator is to tell of a file (loader.md §6.1).</summary>
public sealed class AddresseeTests(LoaderSite site) : IClassFixture<LoaderSite>
{
    private static readonly string json = LandingJson.File(
        ("Source.CallbackURL", "https://state.example/told"), ("Source.EmailNotification", "data@state.example"));

    [Fact(Timeout = 20_000)]
    public async Task A_file_that_is_loaded_names_whom_to_tell_and_its_rows()
    {
        var load = await site.LoadAsync(json, LandingCsv.File(LandingCsv.Row("ann")));

        var told = await NotificationAsync(load);
        Assert.Equal("https://state.example/told", (string?)told["callback_url"]);
        Assert.Equal("data@state.example", (string?)told["email_notification"]);
        Assert.Equal(1, (int?)told["total_rows_loaded"]);
    }

    [Theory(Timeout = 20_000)]
    [InlineData("a,b\n1,2\n")]
    [InlineData("")]
    public async Task A_file_that_is_rejected_names_whom_to_tell_and_why(string csv)
    {
        var load = await site.LoadAsync(json, csv);

        var told = await NotificationAsync(load);
        Assert.Equal(LoadStatus.Failed, await site.StatusAsync(load));
        Assert.Equal("https://state.example/told", (string?)told["callback_url"]);
        Assert.Equal("data@state.example", (string?)told["email_notification"]);
        Assert.False(string.IsNullOrEmpty((string?)told["error_desc"]));
    }

    [Fact(Timeout = 20_000)]
    public async Task A_file_that_nobody_trusted_has_signed_names_nobody()
    {
        await site.StartAsync();
        var file = await site.Keys.SealAsync(
            await LandingTar.PackAsync(json, LandingCsv.File(LandingCsv.Row("ann"))), LandingKeys.Stranger);

        var load = await site.EndAsync(await site.DeliverAsync(file));

        var told = await NotificationAsync(load);
        Assert.Null(told["callback_url"]);
        Assert.Null(told["email_notification"]);
    }

    private async Task<JsonNode> NotificationAsync(EndedLoad load) => JsonNode.Parse((await site.FromStatsAsync<string>(
        $"SELECT notification FROM udl_stats WHERE batch_guid = '{load.Id}'")).Single())!;
}
