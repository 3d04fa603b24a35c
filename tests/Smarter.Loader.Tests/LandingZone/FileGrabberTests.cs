using Smarter.Loader.Grabbing;
using Smarter.Testing;

namespace Smarter.Loader.Tests.LandingZone;

/// <summary>What the grabber brings with rsync over the real sshd.</summary>
[Collection(nameof(LandingZoneSite))]
[Trait("Needs", "Root")]
public sealed class FileGrabberTests : IAsyncLifetime
{
    private readonly LandingZoneSite site;
    private readonly string place;
    private readonly string folder;

    public FileGrabberTests(LandingZoneSite site)
    {
        this.site = site;
        place = Path.Combine(site.Root, Guid.NewGuid().ToString("N"));
        folder = Path.Combine(Source, "nc", "submitter");
    }

    private string Source => Path.Combine(place, "source");

    private string Landing => Path.Combine(place, "landing");

    private string Arrivals => Path.Combine(Landing, "arrivals");

    private string Archive => Path.Combine(place, "archive");

    public async ValueTask InitializeAsync()
    {
        foreach (var each in new[] { folder, Arrivals, Archive })
            Directory.CreateDirectory(each);
        await MayRemoveAsync(true);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(place, recursive: true);
        return ValueTask.CompletedTask;
    }

    private Dictionary<string, string?> Settings(string knownHosts) => new()
    {
        ["Zones:Landing"] = Landing,
        ["FileGrabber:lz:RemoteUser"] = site.Grabber,
        ["FileGrabber:lz:RemoteHost"] = "127.0.0.1",
        ["FileGrabber:lz:RemotePort"] = $"{site.Port}",
        ["FileGrabber:lz:RemoteDir"] = Source,
        ["FileGrabber:lz:PrivateKey"] = site.Key(site.Grabber),
        ["FileGrabber:lz:KnownHosts"] = knownHosts,
        ["FileGrabber:lz:Archive"] = Archive,
        ["FileGrabber:lz:ArchivePrefix"] = "lz",
        ["FileGrabber:lz:Schedule"] = "* * * * * ?",
        ["Log:Level"] = "Fatal",
    };

    private Task<IAsyncDisposable> GrabAsync() =>
        site.StartAsync(GrabbingRegistration.AddFileGrabber, Settings(site.KnownHosts));

    private RunningProgram StartProcess() => RunningProgram.Start(
        "Smarter.Loader", site.Database.SettingsFor(DatabaseRole.Loader).Concat(Settings(site.KnownHosts)), "grab");

    /// <summary>A file is removed by who may write to its folder.</summary>
    private async Task MayRemoveAsync(bool may)
    {
        await LandingZoneSite.RunAsync("chown", may ? site.Grabber : "root", folder);
        File.SetUnixFileMode(folder, File.GetUnixFileMode(Source));
    }

    private async Task OfferAsync(string name)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, name), name);
        await File.WriteAllTextAsync(Path.Combine(folder, $"{name}.done"), "checksum");
    }

    private string[] Arrived => LandingZoneSite.Files(Arrivals);

    [Fact]
    public async Task A_pair_comes_to_arrivals_and_the_archive_and_leaves_the_source()
    {
        await OfferAsync("it's a [name].gpg");
        await File.WriteAllTextAsync(Path.Combine(folder, "b.gpg.partial"), "");
        await File.WriteAllTextAsync(Path.Combine(folder, "alone.gpg"), "");
        File.CreateSymbolicLink(Path.Combine(folder, "link.gpg"), "/etc/hostname");
        File.CreateSymbolicLink(Path.Combine(folder, "link.gpg.done"), "/etc/hostname");

        await using var grabber = await GrabAsync();

        await LandingZoneSite.UntilAsync(() => LandingZoneSite.Files(folder).Length == 4);
        Assert.Equal(["nc/submitter/it's a [name].gpg", "nc/submitter/it's a [name].gpg.done"], Arrived);
        Assert.Equal("it's a [name].gpg", await File.ReadAllTextAsync(Path.Combine(Arrivals, Arrived[0])));
        Assert.Equal(["alone.gpg", "b.gpg.partial", "link.gpg", "link.gpg.done"], LandingZoneSite.Files(folder));
        var archived = LandingZoneSite.Files(Archive);
        Assert.Equal(2, archived.Length);
        Assert.Matches(@"^lz/\d{12}/nc/submitter/it's a \[name\]\.gpg$", archived[0]);
    }

    [Fact]
    public async Task A_source_with_another_host_key_is_not_trusted()
    {
        await OfferAsync("a.gpg");
        var wrong = Path.Combine(place, "known_hosts");
        await File.WriteAllTextAsync(wrong, $"[127.0.0.1]:{site.Port} "
            + await File.ReadAllTextAsync(site.Key(site.Carolina) + ".pub"));
        var remote = new RemoteFolder(new GrabberOptions
        {
            RemoteUser = site.Grabber,
            RemoteHost = "127.0.0.1",
            RemotePort = site.Port,
            RemoteDir = Source,
            PrivateKey = site.Key(site.Grabber),
            KnownHosts = wrong,
        });

        var refusal = await Assert.ThrowsAsync<RsyncException>(
            () => remote.CopyToAsync(Landing, CancellationToken.None));
        Assert.Contains("Host key verification failed", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(LandingZoneSite.Files(Landing));
    }

    [Fact]
    public async Task A_file_waits_while_an_older_one_of_its_name_lies_in_arrivals()
    {
        var older = Path.Combine(Arrivals, "nc", "submitter", "a.gpg");
        Directory.CreateDirectory(Path.GetDirectoryName(older)!);
        await File.WriteAllTextAsync(older, "older");
        await OfferAsync("a.gpg");
        await OfferAsync("b.gpg");
        await using var grabber = await GrabAsync();
        await LandingZoneSite.UntilAsync(() => Arrived.Contains("nc/submitter/b.gpg.done"));
        Assert.Equal("older", await File.ReadAllTextAsync(older));

        File.Delete(older);

        await LandingZoneSite.UntilAsync(() => LandingZoneSite.Files(folder).Length == 0);
        Assert.Equal("a.gpg", await File.ReadAllTextAsync(older));
    }

    [Fact]
    public async Task A_pair_that_cannot_be_removed_is_archived_once_and_keeps_no_other_back()
    {
        await OfferAsync("a.gpg");
        await MayRemoveAsync(false);
        var other = Directory.CreateDirectory(Path.Combine(Source, "nc", "other")).FullName;
        await LandingZoneSite.RunAsync("chown", site.Grabber, other);
        await File.WriteAllTextAsync(Path.Combine(other, "b.gpg"), "b");
        await File.WriteAllTextAsync(Path.Combine(other, "b.gpg.done"), "checksum");
        await using var grabber = await GrabAsync();
        await LandingZoneSite.UntilAsync(() => LandingZoneSite.Files(other).Length == 0);
        var archive = LandingZoneSite.Files(Archive);
        foreach (var file in archive)
            File.Delete(Path.Combine(Archive, file));

        await MayRemoveAsync(true);

        await LandingZoneSite.UntilAsync(() => LandingZoneSite.Files(folder).Length == 0);
        Assert.Equal(4, archive.Length);
        Assert.Empty(LandingZoneSite.Files(Archive)); // it was not archived again
    }

    [Fact]
    [Trait("Category", "Faults")]
    public async Task A_grabber_killed_between_copy_and_removal_delivers_nothing_twice_and_removes_it_later()
    {
        await MayRemoveAsync(false);
        await OfferAsync("a.gpg");
        await using (var killed = StartProcess())
        {
            await LandingZoneSite.UntilAsync(() => Arrived.Length == 2);
            await killed.KillAsync();
        }
        foreach (var file in Arrived) // as the loader takes them
            File.Delete(Path.Combine(Arrivals, file));
        Assert.Equal(2, LandingZoneSite.Files(folder).Length);
        await MayRemoveAsync(true);

        await using var again = StartProcess();

        await LandingZoneSite.UntilAsync(() => LandingZoneSite.Files(folder).Length == 0);
        Assert.Empty(Arrived);
        Assert.Empty(LandingZoneSite.Files(Path.Combine(Landing, "grabbing", "lz", "outgoing")));
    }

    [Fact]
    [Trait("Category", "Faults")]
    public async Task A_grabber_killed_at_odd_moments_delivers_each_file_once()
    {
        const int files = 12;
        for (var number = 0; number < files; number++)
            await OfferAsync($"{number:00}.gpg");
        var taken = new List<string>();
        void TakeAll() // as the loader does, the file before its checksum file
        {
            foreach (var done in Arrived.Where(file => file.EndsWith(".done", StringComparison.Ordinal)))
            {
                File.Delete(Path.Combine(Arrivals, done[..^".done".Length]));
                File.Delete(Path.Combine(Arrivals, done));
                taken.Add(done);
            }
        }

        for (var round = 0; round < 4; round++)
        {
            await using var killed = StartProcess();
            await killed.Address;
            await Task.Delay(200 + 150 * round);
            await killed.KillAsync();
            TakeAll();
        }
        await using (var last = StartProcess())
            await LandingZoneSite.UntilAsync(() => LandingZoneSite.Files(folder).Length == 0);
        TakeAll();

        Assert.Equal(files, taken.Count);
        Assert.Equal(files, taken.Distinct().Count());
        Assert.Empty(LandingZoneSite.Files(Arrivals));
    }
}
