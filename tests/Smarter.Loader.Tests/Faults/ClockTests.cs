using System.Globalization;
using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Loads;
using Smarter.Testing;

namespace Smarter.Loader.Tests.Faults;

/// <summary>A loader whose clock jumps loads every file once, in the order of arrival.</summary>
[Collection(FaultCases.Name)]
[Trait("Category", "Faults")]
public sealed class ClockTests(LandingKeys keys) : IAsyncLifetime
{
    private const string Library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"; // Debian's libfaketime

    private readonly LoaderSite site = new(keys);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("clock-");

    public async ValueTask InitializeAsync()
    {
        await site.InitializeAsync();
        await (await TestVirtualHost.NamedAsync("edudl")).DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await site.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact(Timeout = 180_000)]
    [Trait("Case", "R10")]
    public async Task R10_A_clock_that_jumps_changes_neither_what_is_loaded_nor_its_order()
    {
        Assert.True(File.Exists(Library), $"{Library} is missing: run ./smarter install");
        SetClock(TimeSpan.Zero);
        await using var loader = RunningProgram.Start("Smarter.Loader", await SettingsAsync());
        var jumps = new[] { 0, -1, 24, 0, -1 };
        var ids = new List<Guid>();
        foreach (var hours in jumps)
        {
            var waiting = $"waits {ids.Count}.tar.gz.gpg";
            var bytes = await SealAsync(waiting);
            await site.DeliverAsync(bytes, done: "", name: waiting);
            await Task.Delay(500, TestContext.Current.CancellationToken); // seen without its checksum before the jump
            SetClock(TimeSpan.FromHours(hours));
            await Task.Delay(500, TestContext.Current.CancellationToken);

            var done = Path.Combine(site.Landing, "arrivals", "wy", "demo", "file_drop", waiting + ".done");
            await File.WriteAllTextAsync(done, LoaderSite.Md5(bytes), TestContext.Current.CancellationToken);
            var load = await site.EndAsync(waiting);

            Assert.Equal(("ingested", (long?)1), (load.Outcome, load.RowsLoaded));
            ids.Add(load.Id);
        }

        var arrivals = await site.FromUdlAsync<DateTime>("SELECT arrived_at FROM load_file ORDER BY arrival_number");
        Assert.NotEqual(arrivals.Order(), arrivals); // the clock did jump for this process
        Assert.Equal(ids, await site.FromUdlAsync<Guid>("SELECT guid_batch FROM load_file ORDER BY arrival_number"));
        Assert.Equal(ids, await site.FromStatsAsync<Guid>("SELECT batch_guid::uuid FROM udl_stats ORDER BY rec_id"));
        Figures.Report("R10", "clock jumps −1 h, +25 h, −24 h, −1 h",
            $"lost 0, doubled 0, order of arrival kept in {ids.Count} of {ids.Count}", "0, 0, all");
    }

    private string ClockFile => Path.Combine(folder.FullName, "offset");

    private void SetClock(TimeSpan offset)
    {
        File.WriteAllText(ClockFile + ".new",
            offset.TotalSeconds.ToString("+0;-0", CultureInfo.InvariantCulture) + "\n");
        File.Move(ClockFile + ".new", ClockFile, overwrite: true);
    }

    /// <summary>gpg keeps the true time: the keys of these tests are minutes old, and none would be made yet.</summary>
    private async Task<IEnumerable<KeyValuePair<string, string?>>> SettingsAsync()
    {
        var program = await Script.WriteAsync(folder, "gpg", "unset LD_PRELOAD", "exec gpg \"$@\"");
        return site.Settings().Concat(new Dictionary<string, string?>
        {
            ["Gpg:Program"] = program,
            ["Arrival:RejectAfter"] = "00:01:00",
            ["LD_PRELOAD"] = Library,
            ["FAKETIME_TIMESTAMP_FILE"] = ClockFile,
            ["FAKETIME_NO_CACHE"] = "1",
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        });
    }

    private async Task<byte[]> SealAsync(string student) => await keys.SealAsync(
        await LandingTar.PackAsync(LandingJson.File(), LandingCsv.File(LandingCsv.Row(student))));
}
