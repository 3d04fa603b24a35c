using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Loads;

namespace Smarter.Loader.Tests.Faults;

/// <summary>Many tenants at once wait fairly, and several loaders share their work.</summary>
[Collection(FaultCases.Name)]
[Trait("Category", "Faults")]
public sealed class ManyFilesTests(LandingKeys keys) : IAsyncLifetime
{
    private const int Tenants = 20;
    private const int FilesOfOthers = 5;

    private static readonly string[] Names = [.. Enumerable.Range(0, Tenants).Select(number => $"t{number:00}")];
    private static int students;

    private int expected;

    private readonly LoaderSite site = new(keys)
    {
        Tenants = [.. Names.Select((name, number) => (name, $"{(char)('A' + number)}Z"))],
    };

    public ValueTask InitializeAsync() => site.InitializeAsync();

    public ValueTask DisposeAsync() => site.DisposeAsync();

    [Fact(Timeout = 900_000)]
    [Trait("Case", "R12")]
    public async Task R12_A_tenant_with_a_pile_of_files_makes_no_other_one_wait()
    {
        var pile = Soak.Either(200, 1000) - (Tenants - 1) * FilesOfOthers;
        foreach (var name in Names)
            keys.TrustAlso(name);
        await using var one = await StartLoaderAsync();
        await using var other = await StartLoaderAsync();

        // The first load of each tenant opens its databases.
        await EndAllAsync(await DropAsync(await SealAsync(ofFirst: 0, ofOthers: 1)));
        var alone = await EndAllAsync(await DropAsync(await SealAsync(ofFirst: 0, ofOthers: FilesOfOthers)));
        var together = await EndAllAsync(await DropAsync(await SealAsync(pile, FilesOfOthers)));

        var worst = Names.Skip(1).Max(name => together[name] / alone[name]);
        Assert.InRange(worst, 0, 2);
        Assert.Empty(await site.FromUdlAsync<string>(
            "SELECT outcome FROM load_file WHERE outcome <> 'ingested' OR rows_loaded <> 1"));
        Assert.Equal(pile + (1 + 2 * FilesOfOthers) * (Tenants - 1),
            (await site.FromUdlAsync<long>("SELECT count(*) FROM load_file")).Single());
        Figures.Report("R12", $"{pile} files of one tenant, {FilesOfOthers} of {Tenants - 1} others, at once",
            $"all done in {Figures.Seconds(together[Names[0]])}, worst wait {worst:0.0} × alone", "all, ≤ 2 ×");
    }

    private Task<LoaderProcess> StartLoaderAsync() => LoaderProcess.StartAsync(site.VirtualHost.Name,
        site.Settings().Append(KeyValuePair.Create("Arrival:ScanInterval", (string?)"00:00:01")));

    /// <summary>One-row files, those of the first tenant first: whoever looks for files finds its pile before the others.
    /// </summary>
    private async Task<IReadOnlyList<(string Tenant, byte[] File)>> SealAsync(int ofFirst, int ofOthers)
    {
        var tenants = Enumerable.Repeat(Names[0], ofFirst)
            .Concat(Names.Skip(1).SelectMany(name => Enumerable.Repeat(name, ofOthers)));
        var files = new List<(string, byte[])>();
        foreach (var tenant in tenants)
        {
            var state = $"{(char)('A' + Array.IndexOf(Names, tenant))}Z";
            var csv = LandingCsv.File(LandingCsv.Row(
                $"student {Interlocked.Increment(ref students)}", ("StateAbbreviation", state)));
            files.Add((tenant, await keys.SealAsync(await LandingTar.PackAsync(LandingJson.File(), csv))));
        }
        return files;
    }

    /// <returns>When the first one was dropped.</returns>
    private async Task<DateTime> DropAsync(IReadOnlyList<(string Tenant, byte[] File)> files)
    {
        var began = TimeProvider.System.GetUtcNow().UtcDateTime;
        foreach (var (tenant, bytes) in files)
            await site.DeliverAsync(bytes, tenant);
        expected += files.Count;
        return began;
    }

    /// <summary>Waits until all loads have ended.</summary>
    /// <returns>For each tenant the time from <paramref name="began"/> to the end of its last one.</returns>
    private async Task<Dictionary<string, TimeSpan>> EndAllAsync(DateTime began)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        while ((await site.FromUdlAsync<long>("SELECT count(*) FROM load_file WHERE stage = 'ended'")).Single() < expected)
            await Task.Delay(100, limit.Token);
        var ends = await site.FromUdlAsync<TenantEnd>("SELECT tenant, max(ended_at) AS ended_at FROM load_file GROUP BY 1");
        return ends.ToDictionary(end => end.Tenant, end => end.EndedAt - began);
    }

    private sealed record TenantEnd(string Tenant, DateTime EndedAt);
}
