using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Loads;
using Smarter.Testing;

namespace Smarter.Loader.Tests.Faults;

/// <summary>The same bytes load once, whoever finds them and whatever they are called, unless the operator forces
/// them.</summary>
[Collection(FaultCases.Name)]
[Trait("Category", "Faults")]
[Trait("Case", "R07")]
public sealed class SameFileTests(LandingKeys keys) : IAsyncLifetime
{
    private readonly LoaderSite site = new(keys);

    public ValueTask InitializeAsync() => site.InitializeAsync();

    public ValueTask DisposeAsync() => site.DisposeAsync();

    [Fact(Timeout = 120_000)]
    public async Task R07_Two_loaders_load_each_file_once_and_answer_the_same_bytes_with_the_first_receipt()
    {
        await using var one = await LoaderProcess.StartAsync(site.VirtualHost.Name, site.Settings());
        await using var other = await LoaderProcess.StartAsync(site.VirtualHost.Name, site.Settings());
        var same = await SealAsync("same");

        var names = new List<string>();
        for (var number = 0; number < 6; number++)
            names.Add(await site.DeliverAsync(await SealAsync($"student {number}")));
        for (var number = 0; number < 3; number++)
            names.Add(await site.DeliverAsync(same, name: $"same bytes {number}.tar.gz.gpg"));
        var loads = new List<EndedLoad>();
        foreach (var name in names)
            loads.Add(await site.EndAsync(name));

        Assert.All(loads.Take(6), load => Assert.Equal("ingested", load.Outcome));
        var first = Assert.Single(loads.Skip(6), load => load.Outcome == "ingested");
        foreach (var (load, name) in loads.Zip(names).Skip(6).Where(pair => pair.First != first))
        {
            Assert.Equal(("duplicate", first.Id), (load.Outcome, load.DuplicateOf));
            var receipt = site.Receipt(name);
            Assert.Equal(first.Id, receipt.GetProperty("duplicate_of").GetGuid());
            Assert.Equal(1, receipt.GetProperty("rows").GetProperty("loaded").GetInt64());
        }
        Assert.Equal(names.Count, (await site.FromUdlAsync<long>("SELECT count(*) FROM load_file")).Single());
        Figures.Report("R07", "two loaders, 7 files, one of them 3 times",
            "7 loads, 2 answered with the first receipt", "one load each");
    }

    [Fact(Timeout = 120_000)]
    public async Task R07_A_duplicate_loads_when_the_operator_forces_it()
    {
        await site.StartAsync();
        var bytes = await SealAsync("again");
        await site.EndAsync(await site.DeliverAsync(bytes));
        var name = await site.DeliverAsync(bytes);
        var duplicate = await site.EndAsync(name);
        Assert.Equal("duplicate", duplicate.Outcome);

        var run = await ProcessRun.ToEndAsync("Smarter.Loader", ["force", $"{duplicate.Id}"], site.Settings());

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await site.EndAsync(name)).Id == duplicate.Id)
            await Task.Delay(100, limit.Token);
        var forced = await site.EndAsync(name);
        Assert.Equal(("ingested", (long?)1), (forced.Outcome, forced.RowsLoaded));
        Assert.Contains($"{forced.Id}", run.Output, StringComparison.Ordinal);
        Figures.Report("R07", "duplicate forced by the operator", "1 load", "1");
    }

    [Theory(Timeout = 60_000)]
    [InlineData("no guid", 64)]
    [InlineData("11111111-1111-1111-1111-111111111111", 1)]
    public async Task R07_Forcing_what_is_no_ended_batch_is_refused_in_words(string batch, int exitCode)
    {
        var run = await ProcessRun.ToEndAsync("Smarter.Loader", ["force", batch], site.Settings());

        Assert.Equal(exitCode, run.ExitCode);
        Assert.StartsWith("force: ", run.Error, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task R07_Bytes_of_a_batch_that_failed_to_migrate_are_no_duplicate()
    {
        await site.StartAsync();
        var bytes = await SealAsync("not migrated");
        var failed = await site.EndAsync(await site.DeliverAsync(bytes));
        await site.FromStatsAsync<int>(
            $"UPDATE udl_stats SET load_status = 'migrate.failed' WHERE batch_guid = '{failed.Id}'");

        var load = await site.EndAsync(await site.DeliverAsync(bytes));

        Assert.Equal(("ingested", (long?)1), (load.Outcome, load.RowsLoaded));
    }

    private async Task<byte[]> SealAsync(string student) => await keys.SealAsync(
        await LandingTar.PackAsync(LandingJson.File(), LandingCsv.File(LandingCsv.Row(student))));
}
