using System.Diagnostics;
using Dapper;
using Smarter.Core;
using Smarter.Loader.Tests.Landing;
using Smarter.Testing;

namespace Smarter.Loader.Tests.Loads;

/// <summary>Things in a submitter's folder, or inside a file, that are none of the loader's formats:
/// they cost their own file at most.</summary>
public sealed class OddArrivalTests(LoaderSite site) : IClassFixture<LoaderSite>
{
    private const string FileOfBatcher =
        """{"content": "error", "tsb_error": [{"err_code": 1e200000, "err_input": "x"}]}""";

    [Fact(Timeout = 30_000)]
    public async Task A_folder_in_the_place_of_a_checksum_stops_no_other_file()
    {
        var folder = FileDrop("nc");
        Directory.CreateDirectory(Path.Combine(folder, "odd.tar.gz.gpg.done"));
        await File.WriteAllTextAsync(Path.Combine(folder, "odd.tar.gz.gpg"), "junk");

        var other = await LoadAsync(LandingCsv.Row("folder"));
        var odd = await site.EndAsync("odd.tar.gz.gpg");

        Assert.Equal(LoadOutcomeOf(other), (LoadStatus.Ingested, null));
        Assert.Equal((int)ErrorCode.ChecksumAbsent, odd.FaultCode);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_named_pipe_stops_no_other_file()
    {
        var pipe = Path.Combine(FileDrop("nc"), "pipe.tar.gz.gpg");
        await Process.Start("mkfifo", [pipe]).WaitForExitAsync();
        await File.WriteAllTextAsync(pipe + ".done", "x");

        var other = await LoadAsync(LandingCsv.Row("pipe"));
        var odd = await site.EndAsync("pipe.tar.gz.gpg");

        Assert.Equal(LoadOutcomeOf(other), (LoadStatus.Ingested, null));
        Assert.Equal((int)ErrorCode.ChecksumWrong, odd.FaultCode);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_name_that_is_not_UTF8_stops_no_other_file_and_is_told_once()
    {
        await Process.Start("sh", ["-c", "echo x > \"$0/$(printf 'a\\377').gpg\"", FileDrop("wy")]).WaitForExitAsync();

        var other = await LoadAsync(LandingCsv.Row("latin"));

        Assert.Equal(LoadOutcomeOf(other), (LoadStatus.Ingested, null));
        Assert.Single(site.LogLines(), line => line.Contains("name is not UTF-8", StringComparison.Ordinal));
        await Process.Start("sh", ["-c", "rm \"$0\"/a*", FileDrop("wy")]).WaitForExitAsync(); // .NET cannot
    }

    [Fact(Timeout = 30_000)]
    public async Task A_file_that_fails_for_no_foreseen_reason_is_rejected_after_three_attempts()
    {
        await site.StartAsync();

        var name = await site.DeliverAsync(await site.Keys.SealAsync(await LandingTar.PackAsync(
            LandingTar.Member("x.json", LandingJson.File()), LandingTar.Member("x.err", FileOfBatcher),
            LandingTar.Member("x.csv", LandingCsv.File(LandingCsv.Row("unforeseen"))))));
        var load = await site.EndAsync(name);

        Assert.Equal(LoadOutcomeOf(load), (LoadStatus.Failed, (int)ErrorCode.CannotBeProcessed));
        var fault = site.Receipt(name).GetProperty("fault");
        Assert.Equal((int)ErrorCode.CannotBeProcessed, fault.GetProperty("code").GetInt32());
    }

    [Fact(Timeout = 30_000)]
    public async Task A_name_as_long_as_the_file_system_takes_loads_and_gets_its_receipts()
    {
        await site.StartAsync();
        var folder = FileDrop("wy");
        var name = new string('n', 238) + ".tar.gz.gpg";
        var file = await site.Keys.SealAsync(
            await LandingTar.PackAsync(LandingJson.File(), LandingCsv.File(LandingCsv.Row("longname"))));
        await File.WriteAllBytesAsync(Path.Combine(folder, name), file);
        await File.WriteAllTextAsync(Path.Combine(folder, name + ".done"), LoaderSite.Md5(file));

        var load = await site.EndAsync(name);

        Assert.Equal(LoadOutcomeOf(load), (LoadStatus.Ingested, null));
        Assert.Contains(site.Files("departures"),
            path => path.EndsWith($"{load.Id}.receipt.json", StringComparison.Ordinal));
    }

    [Fact(Timeout = 30_000)]
    public async Task The_same_bytes_beside_a_load_that_fails_are_judged_themselves()
    {
        var file = await site.Keys.SealAsync(await LandingTar.PackAsync(
            LandingJson.File(), LandingCsv.File(LandingCsv.Row("never-there", ("Op", "D")))));

        var first = await site.DeliverAsync(file);
        var second = await site.DeliverAsync(file);
        await site.StartAsync();
        EndedLoad[] loads = [await site.EndAsync(first), await site.EndAsync(second)];

        Assert.All(loads, load => Assert.Equal(
            (LoadStatus.Failed, (int)ErrorCode.DeleteRecordNotFound), LoadOutcomeOf(load)));
    }

    [Fact(Timeout = 30_000)]
    public async Task The_server_log_is_told_to_leave_out_keys_and_values()
    {
        await using var asLoader = await site.Database.As(DatabaseRole.Loader).Staging("wy").OpenConnectionAsync();

        var verbosity = await asLoader.ExecuteScalarAsync<string>("SHOW log_error_verbosity");

        Assert.Equal("terse", verbosity);
    }

    private string FileDrop(string tenant) =>
        Directory.CreateDirectory(Path.Combine(site.Landing, "arrivals", tenant, "demo", "file_drop")).FullName;

    private Task<EndedLoad> LoadAsync(string row) => site.LoadAsync(LandingCsv.File(row));

    private static (string Status, int? Fault) LoadOutcomeOf(EndedLoad load) =>
        (load.Outcome == "ingested" ? LoadStatus.Ingested : LoadStatus.Failed, load.FaultCode);
}
