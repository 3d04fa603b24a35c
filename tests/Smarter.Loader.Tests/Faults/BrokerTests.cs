using System.Diagnostics;
using MassTransit;
using Smarter.Core.Messages;
using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Loads;

namespace Smarter.Loader.Tests.Faults;

/// <summary>A broker that is away, that forgets, repeats and shuffles: loads end once all the same.</summary>
[Collection(FaultCases.Name)]
[Trait("Category", "Faults")]
public sealed class BrokerTests(LandingKeys keys, LargeFile file) : IAsyncLifetime
{
    private static readonly string[] Queues = ["stage-batch", "build-batch", "finish-batch"];

    private readonly LoaderSite site = new(keys);

    public ValueTask InitializeAsync() => site.InitializeAsync();

    public ValueTask DisposeAsync() => site.DisposeAsync();

    [Fact(Timeout = 300_000)]
    [Trait("Case", "R05")]
    public async Task R05_A_broker_that_is_stopped_during_loads_costs_time_and_nothing_else()
    {
        var outage = TimeSpan.FromSeconds(Soak.Either(10, 60));
        await using var gate = new BrokerGate();
        await site.StartAsync([.. gate.Settings, ("Log:Level", "Fatal")]);
        await UntilAsync(isReady: true, TimeSpan.FromSeconds(30));
        var names = new List<string> { await site.DeliverAsync(await file.SealAsync()) };
        for (var number = 0; number < 4; number++)
            names.Add(await DeliverAsync($"before {number}"));
        while ((await site.FromUdlAsync<long>("SELECT count(*) FROM load_file WHERE stage <> 'arriving'")).Single() == 0)
            await Task.Delay(20, TestContext.Current.CancellationToken);

        var watch = Stopwatch.StartNew();
        await gate.CloseAsync();
        var red = await UntilAsync(isReady: false, TimeSpan.FromSeconds(5));
        for (var number = 0; number < 4; number++)
            names.Add(await DeliverAsync($"during {number}"));
        await Task.Delay(outage - watch.Elapsed, TestContext.Current.CancellationToken);
        gate.Open();
        var green = await UntilAsync(isReady: true, TimeSpan.FromSeconds(10));

        var loads = new List<EndedLoad>();
        foreach (var name in names)
            loads.Add(await site.EndAsync(name, TimeSpan.FromSeconds(60)));
        await file.IsLoadedAsync(site, loads[0]);
        foreach (var load in loads.Skip(1))
            await IsLoadedOnceAsync(load);
        Assert.Equal(names.Count, (await site.FromUdlAsync<long>("SELECT count(*) FROM load_file")).Single());
        Figures.Report("R05", $"broker away for {outage.TotalSeconds:0} s during {names.Count} loads",
            $"red {Figures.Seconds(red)}, green {Figures.Seconds(green)}, lost 0, doubled 0", "≤ 5 s, ≤ 10 s, 0, 0");
    }

    [Fact(Timeout = 120_000)]
    [Trait("Case", "R06")]
    public async Task R06_Orders_lost_repeated_and_shuffled_end_each_load_once()
    {
        await site.StartAsync();
        var bus = site.Loader.Services.GetRequiredService<IBus>();
        var names = await Task.WhenAll(Enumerable.Range(0, 12).Select(number => DeliverAsync($"student {number}")));
        var (lost, repeated) = (0, 0);

        for (var round = 0; round < Soak.Either(20, 200); round++)
        {
            foreach (var queue in Queues)
            {
                lost += await site.VirtualHost.MessagesInAsync(queue) ?? 0;
                await site.VirtualHost.PurgeAsync(queue);
            }
            var orders = (await site.FromUdlAsync<Guid>("SELECT guid_batch FROM load_file"))
                .SelectMany(id => new object[] { new FinishBatch(id), new StageBatch(id), new BuildBatch(id) })
                .ToArray();
            Random.Shared.Shuffle(orders);
            foreach (var order in orders)
                await bus.Publish(order, TestContext.Current.CancellationToken);
            repeated += orders.Length;
        }

        foreach (var name in names)
            await IsLoadedOnceAsync(await site.EndAsync(name));
        Figures.Report("R06", $"orders of {names.Length} loads lost, repeated, shuffled",
            $"{lost} lost, {repeated} odd ones: rows lost 0, doubled 0", "0, 0");
    }

    [Fact(Timeout = 60_000)]
    [Trait("Case", "R06")]
    public async Task R06_Orders_for_a_load_that_has_ended_do_nothing()
    {
        await site.StartAsync();
        var load = await site.EndAsync(await DeliverAsync("ann"));
        var stages = await site.FromUdlAsync<long>("SELECT batch_sid FROM udl_batch ORDER BY 1");
        var bus = site.Loader.Services.GetRequiredService<IBus>();

        foreach (var order in
            new object[] { new StageBatch(load.Id), new BuildBatch(load.Id), new FinishBatch(load.Id) })
            await bus.Publish(order, TestContext.Current.CancellationToken);
        await site.EndAsync(await DeliverAsync("bob"));

        await IsLoadedOnceAsync(load);
        Assert.Equal(stages, await site.FromUdlAsync<long>(
            $"SELECT batch_sid FROM udl_batch WHERE guid_batch = '{load.Id}' ORDER BY 1"));
        Figures.Report("R06", "orders for a load that has ended", "ignored 3 of 3", "all");
    }

    private async Task<string> DeliverAsync(string student) => await site.DeliverAsync(
        await keys.SealAsync(await LandingTar.PackAsync(LandingJson.File(), LandingCsv.File(LandingCsv.Row(student)))));

    private async Task<TimeSpan> UntilAsync(bool isReady, TimeSpan atMost)
    {
        var watch = Stopwatch.StartNew();
        while (await site.Loader.IsReadyAsync() != isReady)
        {
            Assert.InRange(watch.Elapsed, TimeSpan.Zero, atMost);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        return watch.Elapsed;
    }

    private async Task IsLoadedOnceAsync(EndedLoad load)
    {
        Assert.Equal(("ingested", (long?)1, (long?)1), (load.Outcome, load.RowsReceived, load.RowsLoaded));
        Assert.Equal(1, await site.CountInBatchAsync(load, "fact_asmt_outcome_vw"));
        Assert.Equal(2, site.Files("departures").Count(path => path.Contains($"{load.Id}", StringComparison.Ordinal)));
    }
}
