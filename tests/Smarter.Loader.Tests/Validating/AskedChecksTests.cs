using System.Text;
using System.Text.Json;
using Dapper;
using Smarter.Core;
using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Loads;
using Smarter.Loader.Validating;
using Smarter.Testing;

namespace Smarter.Loader.Tests.Validating;

/// <summary>Checks that the site asks for, by a row and a folder.</summary>
public sealed class AskedChecksTests(LandingKeys keys) : IAsyncLifetime
{
    private const string Ask = """
        INSERT INTO submission (submission_id, tenant, submitter, file_name, is_check, size_bytes, arrived_at, stage,
                                updated_at)
        VALUES (@id, 'wy', 'ada', @fileName, true, 1, now(), 'waiting', now())
        """;

    private readonly LoaderSite site = new(keys);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("asked-");

    private sealed record Ended(string Outcome, string Receipt, int Percent, DateTime? EndedAt);

    public ValueTask InitializeAsync() => site.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await site.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_pair_is_checked_its_folder_removed_and_nothing_loaded()
    {
        await site.StartAsync(("Checks:Folder", folder.FullName));
        var id = Guid.NewGuid();
        var csv = LandingCsv.File(LandingCsv.Row("ann"), LandingCsv.Row("bob", ("Sex", "?")));

        await AskAsync(id, ("x.csv", csv), ("x.json", LandingJson.File()));
        var ended = await EndAsync(id);

        using var receipt = JsonDocument.Parse(ended.Receipt);
        Assert.Equal(("accepted", 100), (ended.Outcome, ended.Percent));
        Assert.Equal(id, receipt.RootElement.GetProperty("batch_guid").GetGuid());
        Assert.Equal(1, receipt.RootElement.GetProperty("rows").GetProperty("rejected").GetInt64());
        await FolderIsGoneAsync(id);
        Assert.Empty(await site.FromUdlAsync<Guid>("SELECT guid_batch FROM load_file"));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_check_whose_files_are_gone_has_failed()
    {
        await site.StartAsync(("Checks:Folder", folder.FullName));
        var id = Guid.NewGuid();

        await AskAsync(id);

        await HasFaultAsync(id, ErrorCode.FileLost);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_member_with_a_NUL_in_its_name_ends_its_check_and_stops_no_other()
    {
        await site.StartAsync(("Checks:Folder", folder.FullName));
        var odd = await LandingTar.PackAsync(
            LandingTar.Member("x.json", LandingJson.File()), LandingTar.Member("ev\0il.txt", "x"));
        Guid[] ids = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];

        foreach (var id in ids[..2])
            await AskAsync(id, "x.tar.gz", ("x.tar.gz", odd));
        await AskAsync(ids[2], ("x.csv", LandingCsv.File(LandingCsv.Row("ann"))), ("x.json", LandingJson.File()));

        Assert.Equal("accepted", (await EndAsync(ids[2])).Outcome);
        foreach (var id in ids[..2])
            Assert.Contains("The archive holds ev?il.txt: ", (await EndAsync(id)).Receipt, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_check_that_ended_its_loader_three_times_is_not_begun_again()
    {
        var id = Guid.NewGuid();
        await AskAsync(id, ("x.csv", LandingCsv.File(LandingCsv.Row("ann"))), ("x.json", LandingJson.File()));
        for (var attempt = 1; attempt <= CheckAttempts.AtMost; attempt++)
            Assert.Equal(attempt, CheckAttempts.Begin(Path.Combine(folder.FullName, "wy", $"{id}")));

        await site.StartAsync(("Checks:Folder", folder.FullName));

        await HasFaultAsync(id, ErrorCode.CannotBeProcessed);
        await FolderIsGoneAsync(id);
    }

    [Fact(Timeout = 60_000)]
    public async Task Checks_that_wait_for_gpg_hold_no_slot_and_count_no_attempt()
    {
        await site.StartAsync(("Checks:Folder", folder.FullName), ("Gpg:Program", "/there/is/no/gpg"));
        Guid[] waiting = [Guid.NewGuid(), Guid.NewGuid()];
        var other = Guid.NewGuid();

        foreach (var id in waiting)
            await AskAsync(id, "x.tar.gz.gpg", ("x.tar.gz.gpg", "x"u8.ToArray()));
        await AskAsync(other, ("x.csv", LandingCsv.File(LandingCsv.Row("ann"))), ("x.json", LandingJson.File()));

        Assert.Equal("accepted", (await EndAsync(other)).Outcome);
        foreach (var id in waiting)
        {
            await UntilAsync($"SELECT delayed_by LIKE '%gpg%' FROM submission WHERE submission_id = '{id}'");
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            while (CheckAttempts.Count(Path.Combine(folder.FullName, "wy", $"{id}")) > 0)
                await Task.Delay(20, limit.Token);
        }
    }

    [Fact(Timeout = 90_000)]
    [Trait("Category", "Faults")]
    public async Task A_check_under_way_begins_again_when_its_loader_is_killed()
    {
        var settings = site.Settings().Append(KeyValuePair.Create("Checks:Folder", (string?)folder.FullName)).ToArray();
        var id = Guid.NewGuid();
        await AskAsync(id, ("x.csv", LandingCsv.File(Enumerable.Range(0, 200_000).Select(n => LandingCsv.Row($"s{n}")))),
            ("x.json", LandingJson.File()));
        await using (var killed = RunningProgram.Start("Smarter.Loader", settings))
        {
            await UntilAsync($"SELECT stage = 'reading' FROM submission WHERE submission_id = '{id}'");
            await killed.KillAsync();
        }
        Assert.Equal(["reading"], await site.FromStatsAsync<string>("SELECT stage FROM submission"));

        await using var again = RunningProgram.Start("Smarter.Loader", settings);

        Assert.Equal("accepted", (await EndAsync(id)).Outcome);
        await FolderIsGoneAsync(id);
    }

    private async Task HasFaultAsync(Guid id, ErrorCode code)
    {
        var ended = await EndAsync(id);
        using var receipt = JsonDocument.Parse(ended.Receipt);
        Assert.Equal(
            ("failed", (int)code),
            (ended.Outcome, receipt.RootElement.GetProperty("fault").GetProperty("code").GetInt32()));
    }

    private Task AskAsync(Guid id, params (string Name, string Content)[] files) =>
        AskAsync(id, "x.csv", [.. files.Select(file => (file.Name, Encoding.UTF8.GetBytes(file.Content)))]);

    private async Task AskAsync(Guid id, string fileName, params (string Name, byte[] Content)[] files)
    {
        var ofCheck = Path.Combine(folder.FullName, "wy", $"{id}");
        foreach (var (name, content) in files)
        {
            Directory.CreateDirectory(ofCheck);
            await File.WriteAllBytesAsync(Path.Combine(ofCheck, name), content);
        }
        await using var web = await site.Database.As(DatabaseRole.Web).Stats.OpenConnectionAsync();
        await web.ExecuteAsync(Ask, new { id, fileName });
    }

    private async Task<Ended> EndAsync(Guid id)
    {
        await UntilAsync($"SELECT stage = 'ended' FROM submission WHERE submission_id = '{id}'");
        return (await site.FromStatsAsync<Ended>($"""
            SELECT outcome, receipt::text, percent::int, ended_at AT TIME ZONE 'UTC' AS ended_at
              FROM submission WHERE submission_id = '{id}'
            """)).Single();
    }

    private async Task UntilAsync(string condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(45));
        while (!(await site.FromStatsAsync<bool>(condition)).Single())
            await Task.Delay(20, limit.Token);
    }

    /// <summary>It goes right after the end is written.</summary>
    private async Task FolderIsGoneAsync(Guid id)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (Directory.Exists(Path.Combine(folder.FullName, "wy", $"{id}")))
            await Task.Delay(20, limit.Token);
    }
}
