using System.Diagnostics;
using Smarter.Core;
using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Loads;

namespace Smarter.Loader.Tests.Faults;

/// <summary>A file that is not complete yet waits; a part of it is never loaded.</summary>
[Collection(FaultCases.Name)]
[Trait("Category", "Faults")]
[Trait("Case", "R09")]
public sealed class UnfinishedArrivalTests(LandingKeys keys) : IAsyncLifetime
{
    private readonly LoaderSite site = new(keys);

    public async ValueTask InitializeAsync()
    {
        await site.InitializeAsync();
        await site.StartAsync(("Arrival:RejectAfter", "00:01:00"));
    }

    public ValueTask DisposeAsync() => site.DisposeAsync();

    [Fact(Timeout = 60_000)]
    public async Task R09_A_file_that_is_still_written_waits_and_is_taken_when_it_is_complete()
    {
        var bytes = await SealAsync("slow");
        var path = PathOf("slow.tar.gz.gpg");
        await File.WriteAllTextAsync(path + ".done", LoaderSite.Md5(bytes), TestContext.Current.CancellationToken);
        foreach (var part in bytes[..^100].Chunk(bytes.Length / 5))
        {
            await using (var growing = new FileStream(path, FileMode.Append))
                await growing.WriteAsync(part, TestContext.Current.CancellationToken);
            await Task.Delay(200, TestContext.Current.CancellationToken);
            Assert.Empty(await site.FromUdlAsync<string>("SELECT stage FROM load_file"));
        }

        await using (var growing = new FileStream(path, FileMode.Append))
            await growing.WriteAsync(bytes.AsMemory(bytes.Length - 100), TestContext.Current.CancellationToken);

        await IsTakenInTimeAsync("slow.tar.gz.gpg", "file still written");
    }

    [Fact(Timeout = 60_000)]
    public async Task R09_A_partial_file_is_taken_when_it_is_renamed()
    {
        var bytes = await SealAsync("renamed");
        var path = PathOf("renamed.tar.gz.gpg");
        await File.WriteAllTextAsync(path + ".done", LoaderSite.Md5(bytes), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(path + ".partial", bytes, TestContext.Current.CancellationToken);
        await Task.Delay(500, TestContext.Current.CancellationToken);
        Assert.Empty(await site.FromUdlAsync<string>("SELECT stage FROM load_file"));

        File.Move(path + ".partial", path);

        await IsTakenInTimeAsync("renamed.tar.gz.gpg", "file renamed");
    }

    [Fact(Timeout = 60_000)]
    public async Task R09_A_file_that_is_truncated_and_written_anew_waits_for_its_end()
    {
        var bytes = await SealAsync("truncated");
        var path = PathOf("truncated.tar.gz.gpg");
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        await Task.Delay(300, TestContext.Current.CancellationToken); // seen whole, without its checksum
        await File.WriteAllBytesAsync(path, bytes[..50], TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(path + ".done", LoaderSite.Md5(bytes), TestContext.Current.CancellationToken);
        await Task.Delay(500, TestContext.Current.CancellationToken);
        Assert.Empty(await site.FromUdlAsync<string>("SELECT stage FROM load_file"));

        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);

        await IsTakenInTimeAsync("truncated.tar.gz.gpg", "file truncated, written anew");
    }

    [Fact(Timeout = 60_000)]
    public async Task R09_A_file_that_loses_its_end_after_the_pick_up_is_refused()
    {
        var bytes = await SealAsync("cut");
        var path = PathOf("cut.tar.gz.gpg");
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        await using var writer = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        await File.WriteAllTextAsync(path + ".done", LoaderSite.Md5(bytes), TestContext.Current.CancellationToken);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (File.Exists(path))
            await Task.Delay(1, limit.Token);

        writer.SetLength(bytes.Length / 2);

        var load = await site.EndAsync("cut.tar.gz.gpg");
        if (load.Outcome == "ingested") // read whole before the cut
            Assert.Equal(1, await site.CountInBatchAsync(load, "fact_asmt_outcome_vw"));
        else
            Assert.Equal(((int?)ErrorCode.CannotDecrypt, false), (load.FaultCode, await site.HasSchemaAsync(load)));
        Figures.Report("R09", "file cut after the pick-up", "whole or refused, partial loads 0", "0");
    }

    private async Task IsTakenInTimeAsync(string name, string what)
    {
        var watch = Stopwatch.StartNew();
        while ((await site.FromUdlAsync<string>("SELECT stage FROM load_file")).Length == 0)
        {
            Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
        var taken = watch.Elapsed;
        var load = await site.EndAsync(name);
        Assert.Equal(("ingested", (long?)1), (load.Outcome, load.RowsLoaded));
        Figures.Report("R09", what, $"partial loads 0, taken {Figures.Seconds(taken)} after its end", "0, ≤ 5 s");
    }

    private string PathOf(string name) => Path.Combine(
        Directory.CreateDirectory(Path.Combine(site.Landing, "arrivals", "wy", "demo", "file_drop")).FullName, name);

    private async Task<byte[]> SealAsync(string student) => await keys.SealAsync(
        await LandingTar.PackAsync(LandingJson.File(), LandingCsv.File(LandingCsv.Row(student))));
}
