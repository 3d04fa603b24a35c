using System.Text.Json;
using Dapper;
using Smarter.Core;
using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Loads;
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
        var ended = await EndAsync(id);

        Assert.Equal("failed", ended.Outcome);
        using var receipt = JsonDocument.Parse(ended.Receipt);
        Assert.Equal(
            (int)ErrorCode.FileLost, receipt.RootElement.GetProperty("fault").GetProperty("code").GetInt32());
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

    private async Task AskAsync(Guid id, params (string Name, string Content)[] files)
    {
        var ofCheck = Path.Combine(folder.FullName, "wy", $"{id}");
        foreach (var (name, content) in files)
        {
            Directory.CreateDirectory(ofCheck);
            await File.WriteAllTextAsync(Path.Combine(ofCheck, name), content);
        }
        await using var web = await site.Database.As(DatabaseRole.Web).Stats.OpenConnectionAsync();
        await web.ExecuteAsync(Ask, new { id, fileName = "x.csv" });
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
