using MassTransit;
using Smarter.Core.Messages;
using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Loads;

namespace Smarter.Loader.Tests.Faults;

/// <summary>Orders that come twice, and loaders that work side by side, load a file once.</summary>
[Trait("Category", "Faults")]
public sealed class RepeatedOrderTests(LandingKeys keys) : IAsyncLifetime
{
    private readonly LoaderSite site = new(keys);

    public ValueTask InitializeAsync() => site.InitializeAsync();

    public ValueTask DisposeAsync() => site.DisposeAsync();

    [Fact(Timeout = 60_000)]
    public async Task Orders_for_a_load_that_has_ended_do_nothing()
    {
        await using var loader = await LoaderProcess.StartAsync(site.VirtualHost.Name, site.Settings());
        var load = await site.EndAsync(await DeliverAsync("ann"));
        var stages = await site.FromUdlAsync<long>("SELECT batch_sid FROM udl_batch ORDER BY 1");
        var bus = loader.Services.GetRequiredService<IBus>();

        foreach (var order in
            new object[] { new StageBatch(load.Id), new BuildBatch(load.Id), new FinishBatch(load.Id) })
            await bus.Publish(order, TestContext.Current.CancellationToken);
        await site.EndAsync(await DeliverAsync("bob"));

        Assert.Equal(1, await site.CountInBatchAsync(load, "fact_asmt_outcome_vw"));
        Assert.Equal(stages, (await site.FromUdlAsync<long>(
            $"SELECT batch_sid FROM udl_batch WHERE guid_batch = '{load.Id}' ORDER BY 1")));
        Assert.Equal("ingested", (await site.FromUdlAsync<string>(
            $"SELECT outcome FROM load_file WHERE guid_batch = '{load.Id}'")).Single());
    }

    [Fact(Timeout = 60_000)]
    public async Task Two_loaders_on_one_landing_zone_load_each_file_once()
    {
        await using var one = await LoaderProcess.StartAsync(site.VirtualHost.Name, site.Settings());
        await using var other = await LoaderProcess.StartAsync(site.VirtualHost.Name, site.Settings());

        var names = await Task.WhenAll(Enumerable.Range(0, 6).Select(number => DeliverAsync($"student {number}")));
        foreach (var name in names)
            Assert.Equal("ingested", (await site.EndAsync(name)).Outcome);

        Assert.Equal(6, (await site.FromUdlAsync<long>("SELECT count(*) FROM load_file")).Single());
        Assert.Equal(12, site.Files("departures").Length);
    }

    private async Task<string> DeliverAsync(string student) => await site.DeliverAsync(
        await keys.SealAsync(await LandingTar.PackAsync(LandingJson.File(), LandingCsv.File(LandingCsv.Row(student)))));
}
