using Smarter.Loader.LandingZone;
using Smarter.Testing;

namespace Smarter.Loader.Tests.LandingZone;

/// <summary>What the watcher takes from a drop folder, and what it leaves.</summary>
[Collection(nameof(LandingZoneSite))]
[Trait("Needs", "Root")]
public sealed class LandingZoneWatcherTests(LandingZoneSite site) : IAsyncLifetime
{
    private string Drop => site.DropOf("nc", site.Carolina);

    private string Staging => Path.Combine(site.Zone.Staging, "nc", site.Carolina);

    public ValueTask InitializeAsync() => DisposeAsync();

    /// <summary>Each test finds both folders empty.</summary>
    public ValueTask DisposeAsync()
    {
        foreach (var folder in new[] { Drop, site.Zone.Staging })
        {
            foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
            {
                if (entry is DirectoryInfo { LinkTarget: null } inner)
                    inner.Delete(recursive: true);
                else
                    entry.Delete();
            }
        }
        return ValueTask.CompletedTask;
    }

    private Task<IAsyncDisposable> WatchAsync(params (string Key, string Value)[] others)
    {
        var settings = site.Settings();
        foreach (var (key, value) in others)
            settings[key] = value;
        return site.StartAsync(LandingZoneRegistration.AddLandingZoneWatcher, settings);
    }

    private Task PutAsync(string name, string text = "content")
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Drop, name))!);
        return File.WriteAllTextAsync(Path.Combine(Drop, name), text);
    }

    [Fact]
    public async Task A_pair_moves_to_staging_with_the_submitters_own_checksum_file()
    {
        await PutAsync("a.gpg");
        await PutAsync("a.gpg.done", "whatever the submitter wrote");

        await using var watcher = await WatchAsync();

        await LandingZoneSite.UntilAsync(() => LandingZoneSite.Files(Staging) is ["a.gpg", "a.gpg.done"]);
        Assert.Equal("whatever the submitter wrote", await File.ReadAllTextAsync(Path.Combine(Staging, "a.gpg.done")));
        Assert.Empty(LandingZoneSite.Files(Drop));
    }

    [Theory]
    [InlineData("a.gpg")]
    [InlineData("done.d.one.gpg")]
    [InlineData("below/one/more.gpg")]
    public async Task A_file_without_a_checksum_file_gets_one(string name)
    {
        await PutAsync(name);
        var file = Path.GetFileName(name);

        await using var watcher = await WatchAsync();

        await LandingZoneSite.UntilAsync(() => LandingZoneSite.Files(Staging).Contains($"{file}.done"));
        Assert.Equal($"9a0364b9e99bb480dd25e1f0284c8555 {file}\n",
            await File.ReadAllTextAsync(Path.Combine(Staging, $"{file}.done")));
        Assert.Equal("content", await File.ReadAllTextAsync(Path.Combine(Staging, file)));
    }

    [Fact]
    public async Task A_file_that_only_its_submitter_may_read_is_opened_to_the_group()
    {
        await PutAsync("a.gpg");
        File.SetUnixFileMode(Path.Combine(Drop, "a.gpg"), UnixFileMode.UserRead | UnixFileMode.UserWrite);

        await using var watcher = await WatchAsync();

        await LandingZoneSite.UntilAsync(() => LandingZoneSite.Files(Staging).Contains("a.gpg.done"));
        Assert.True(File.GetUnixFileMode(Path.Combine(Staging, "a.gpg")).HasFlag(UnixFileMode.GroupRead));
    }

    [Fact]
    public async Task A_pair_whose_move_was_cut_off_is_completed()
    {
        Directory.CreateDirectory(Staging);
        await File.WriteAllTextAsync(Path.Combine(Staging, "a.gpg"), "moved before the watcher was killed");
        await PutAsync("a.gpg.done", "left behind");

        await using var watcher = await WatchAsync();

        await LandingZoneSite.UntilAsync(() => LandingZoneSite.Files(Staging) is ["a.gpg", "a.gpg.done"]);
    }

    [Fact]
    public async Task A_file_that_is_still_being_written_waits_with_its_checksum_file()
    {
        await PutAsync("ready.gpg");
        await PutAsync("growing.gpg.done");
        await using var growing = File.Create(Path.Combine(Drop, "growing.gpg"));
        await using var watcher = await WatchAsync();
        for (var written = 0; written < 25; written++) // longer than two rounds
        {
            growing.WriteByte(1);
            growing.Flush();
            await Task.Delay(50);
        }
        await LandingZoneSite.UntilAsync(() => LandingZoneSite.Files(Staging).Contains("ready.gpg.done"));

        Assert.Equal(["ready.gpg", "ready.gpg.done"], LandingZoneSite.Files(Staging));

        await LandingZoneSite.UntilAsync(() => LandingZoneSite.Files(Staging).Contains("growing.gpg.done"));
        Assert.Equal(25, new FileInfo(Path.Combine(Staging, "growing.gpg")).Length);
    }

    [Fact]
    public async Task Links_pipes_folders_and_unfinished_names_are_left_and_stop_nothing()
    {
        var secret = Path.Combine(site.DropOf("wy", site.Wyoming), "theirs.gpg.txt");
        await File.WriteAllTextAsync(secret, "secret");
        File.CreateSymbolicLink(Path.Combine(Drop, "a-link.gpg"), secret);
        File.CreateSymbolicLink(Path.Combine(Drop, "a-folder-link"), site.DropOf("wy", site.Wyoming));
        await LandingZoneSite.RunAsync("mkfifo", Path.Combine(Drop, "a-pipe.gpg"));
        Directory.CreateDirectory(Path.Combine(Drop, "a-folder.gpg"));
        await PutAsync(".hidden.gpg");
        await PutAsync("unfinished.gpg.partial");
        await PutAsync("alone.gpg.done");
        await PutAsync("z.gpg");

        await using var watcher = await WatchAsync();

        await LandingZoneSite.UntilAsync(() => LandingZoneSite.Files(Staging).Contains("z.gpg.done"));
        await Task.Delay(1000); // one more round
        Assert.Equal(["z.gpg", "z.gpg.done"], LandingZoneSite.Files(site.Zone.Staging).Select(Path.GetFileName));
        Assert.True(File.Exists(Path.Combine(Drop, "alone.gpg.done")));
        File.Delete(secret);
    }

    [Fact]
    public async Task Names_that_are_not_UTF8_stop_no_other_file()
    {
        const string make = "cd \"$0\"; odd=$(printf 'a\\377'); mkdir \"$odd\"; echo x > \"$odd.gpg\"";
        await LandingZoneSite.RunAsync("sh", "-c", make, Drop);
        await PutAsync("z.gpg");

        await using var watcher = await WatchAsync();

        await LandingZoneSite.UntilAsync(() => LandingZoneSite.Files(Staging).Contains("z.gpg.done"));
        await LandingZoneSite.RunAsync("sh", "-c", "rm -r \"$0\"/a*", Drop);
    }

    [Fact]
    public async Task A_link_that_takes_the_place_of_a_folder_is_not_followed()
    {
        var theirs = site.DropOf("wy", site.Wyoming);
        await File.WriteAllTextAsync(Path.Combine(theirs, "theirs.gpg"), "secret");
        File.CreateSymbolicLink(Path.Combine(Drop, "swapped"), theirs);
        var handover = new Handover(site.Zone, Microsoft.Extensions.Logging.Abstractions.NullLogger<Handover>.Instance);

        var seenBefore = new DroppedFile("nc", site.Carolina, "file_drop/swapped", "theirs.gpg", 6, default);

        Assert.Throws<IOException>(() => handover.TryMove(seenBefore));
        Assert.True(File.Exists(Path.Combine(theirs, "theirs.gpg")));
        File.Delete(Path.Combine(theirs, "theirs.gpg"));
    }

    [Fact]
    public async Task A_file_waits_while_an_older_one_of_its_name_is_in_staging()
    {
        Directory.CreateDirectory(Staging);
        await File.WriteAllTextAsync(Path.Combine(Staging, "a.gpg"), "older");
        await File.WriteAllTextAsync(Path.Combine(Staging, "a.gpg.done"), "older");
        await PutAsync("a.gpg", "newer");
        await using var watcher = await WatchAsync();
        await PutAsync("b.gpg");
        await LandingZoneSite.UntilAsync(() => File.Exists(Path.Combine(Staging, "b.gpg.done")));
        Assert.Equal("older", await File.ReadAllTextAsync(Path.Combine(Staging, "a.gpg")));

        File.Delete(Path.Combine(Staging, "a.gpg"));
        File.Delete(Path.Combine(Staging, "a.gpg.done"));

        await LandingZoneSite.UntilAsync(() => File.Exists(Path.Combine(Staging, "a.gpg.done")));
        Assert.Equal("newer", await File.ReadAllTextAsync(Path.Combine(Staging, "a.gpg")));
    }

    [Fact]
    public async Task With_move_type_sftp_the_pair_is_sent_to_the_other_machine()
    {
        var arrivals = Path.Combine(site.Root, "remote-arrivals");
        Directory.CreateDirectory(arrivals);
        await LandingZoneSite.RunAsync("chown", site.Grabber, arrivals);
        await PutAsync("a \"quoted\" [name].gpg");

        await using var watcher = await WatchAsync(
            ("Sftp:FileMoveType", "Sftp"), ("Sftp:Remote:LandingZoneHostname", "127.0.0.1"),
            ("Sftp:Remote:Port", $"{site.Port}"), ("Sftp:Remote:ArrivalsPath", arrivals),
            ("Sftp:Remote:SftpUser", site.Grabber), ("Sftp:Remote:PrivateKeyFile", site.Key(site.Grabber)),
            ("Sftp:Remote:KnownHostsFile", site.KnownHosts));

        await LandingZoneSite.UntilAsync(() => LandingZoneSite.Files(arrivals).Length == 2
            && LandingZoneSite.Files(site.Zone.Staging).Length == 0);
        Assert.Equal(
            [$"nc/{site.Carolina}/a \"quoted\" [name].gpg", $"nc/{site.Carolina}/a \"quoted\" [name].gpg.done"],
            LandingZoneSite.Files(arrivals));
    }

    [Fact]
    [Trait("Category", "Faults")]
    public async Task A_second_watcher_waits_and_takes_over_when_the_first_is_killed()
    {
        var settings = site.Settings();
        settings["Sftp:FileSystemScanDelay"] = "00:59:00"; // once it has its turn, it looks once and never again
        await using var first = RunningProgram.Start(
            "Smarter.Loader", site.Database.SettingsFor(DatabaseRole.Loader).Concat(settings), "watch");
        await PutAsync("by-the-first.gpg");
        await LandingZoneSite.UntilAsync(() => LandingZoneSite.Files(Drop).Length is 0);
        await using var second = await WatchAsync();
        await PutAsync("by-the-second.gpg");
        await Task.Delay(1500); // three rounds of the second, had it its turn
        Assert.Equal(["by-the-second.gpg"], LandingZoneSite.Files(Drop));

        await first.KillAsync();

        await LandingZoneSite.UntilAsync(() => File.Exists(Path.Combine(Staging, "by-the-second.gpg.done")));
    }
}
