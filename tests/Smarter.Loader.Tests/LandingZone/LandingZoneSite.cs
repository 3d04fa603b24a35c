using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Smarter.Hosting;
using Smarter.Loader.LandingZone;
using Smarter.Testing;

namespace Smarter.Loader.Tests.LandingZone;

/// <summary>These tests share one landing zone, and so run one after the other.</summary>
[CollectionDefinition(nameof(LandingZoneSite))]
public sealed class LandingZoneTests : ICollectionFixture<LandingZoneSite>;

/// <summary>
/// A real SFTP landing zone: the tenants nc and wy with one submitter each, the grabber's account, and an sshd with the
/// sample settings of <c>deploy/sshd</c> on a port of its own. Its users and its group are named after it and are
/// removed with it. Needs root.
/// </summary>
public sealed partial class LandingZoneSite : IAsyncLifetime
{
    public const string Password = "correct horse battery staple";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string id = $"smt{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
    private readonly List<string> users = [];
    private System.Diagnostics.Process? sshd;

    public int Port { get; private set; }

    /// <summary>Not below the temporary folder, which anybody may write to: sshd would refuse it.</summary>
    public string Root => $"/var/lib/smarter-test-{id}";

    public string Carolina => $"{id}-nc";

    public string Wyoming => $"{id}-wy";

    public string Grabber => $"{id}-grab";

    internal SftpZone Zone { get; private set; } = null!;

    internal SftpAccounts Accounts { get; private set; } = null!;

    public TestDatabase Database { get; private set; } = null!;

    public string KnownHosts => Path.Combine(Root, "known_hosts");

    public string Key(string user) => Path.Combine(Root, "keys", user);

    /// <summary>The folder that the user writes to.</summary>
    public string DropOf(string tenant, string user) =>
        Zone.PlaceOf(SftpRole.SftpArrivals, tenant, user).Drop;

    /// <summary>The section <c>Sftp</c>, with a watcher that needs half a second.</summary>
    public Dictionary<string, string?> Settings() => new()
    {
        ["Sftp:BaseDir"] = $"{Root}/jails{Root}/homes",
        ["Sftp:UserHomeBaseDir"] = $"{Root}/homes",
        ["Sftp:StagingDir"] = $"{Root}/staging",
        ["Sftp:Group"] = id,
        ["Sftp:FileStatWatchInterval"] = "00:00:00.1",
        ["Sftp:FileStatWatchPeriod"] = "00:00:00.3",
        ["Sftp:FileSystemScanDelay"] = "00:00:00.1",
        ["Log:Level"] = "Error",
    };

    public async ValueTask InitializeAsync()
    {
        Assert.True(Environment.IsPrivilegedProcess,
            "these tests make users of the operating system: run them as root, as ./smarter test does");
        Database = await TestDatabase.CreateAsync(("nc", "NC"), ("wy", "WY"));
        Directory.CreateDirectory(Root);
        (Zone, Accounts) = AccountsOf(Settings());
        await Accounts.InitAsync(CancellationToken.None);
        Directory.CreateDirectory(Path.Combine(Root, "keys"));
        foreach (var (tenant, user) in new[] { ("nc", Carolina), ("wy", Wyoming) })
        {
            await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Key(user));
            Accounts.AddTenant(tenant);
            await AddUserAsync(user, tenant, await File.ReadAllTextAsync(Key(user) + ".pub"), Password);
        }
        await AddGrabberAsync();
        await StartSshdAsync();
    }

    internal async Task AddUserAsync(string user, string tenant, string keys = "", string? password = null)
    {
        users.Add(user);
        await Accounts.AddUserAsync(
            new NewSftpUser(user, tenant, SftpRole.SftpArrivals, keys, password), CancellationToken.None);
    }

    /// <summary>A name that is removed with the site, whatever becomes of it.</summary>
    public string NewUser()
    {
        users.Add($"{id}-{users.Count}");
        return users[^1];
    }

    internal static (SftpZone Zone, SftpAccounts Accounts) AccountsOf(Dictionary<string, string?> settings)
    {
        var options = new ConfigurationBuilder().AddInMemoryCollection(settings).Build()
            .GetSection(SftpOptions.Section).Get<SftpOptions>()!;
        var zone = new SftpZone(Options.Create(options));
        return (zone, new SftpAccounts(zone, NullLogger<SftpAccounts>.Instance));
    }

    /// <summary>One session of the sftp client; the first command that fails ends it with an exit code.</summary>
    internal Task<SystemCommand> SftpAsync(string user, params string[] commands) =>
        SystemCommand.RunAsync("sftp", ["-q", "-b", "-", .. ClientOptions("-P"), "-i", Key(user), $"{user}@127.0.0.1"],
            Lines(commands), CancellationToken.None);

    /// <summary>The same with a password instead of a key.</summary>
    internal async Task<SystemCommand> SftpWithPasswordAsync(string user, string password, params string[] commands)
    {
        var ask = Path.Combine(Root, "ask");
        await File.WriteAllTextAsync(ask, $"#!/bin/sh\necho '{password}'\n");
        File.SetUnixFileMode(ask, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            return await SystemCommand.RunAsync("env",
            [
                $"SSH_ASKPASS={ask}", "SSH_ASKPASS_REQUIRE=force", "sftp", "-q", "-o", "BatchMode=no",
                "-o", "NumberOfPasswordPrompts=1", "-o", "PubkeyAuthentication=no", "-b", "-", .. ClientOptions("-P"),
                $"{user}@127.0.0.1",
            ], Lines(commands), CancellationToken.None);
        }
        finally
        {
            File.Delete(ask);
        }
    }

    internal Task<SystemCommand> SshAsync(string user, params string[] arguments) =>
        SystemCommand.RunAsync("timeout",
            ["20", "ssh", .. ClientOptions("-p"), "-o", "BatchMode=yes", "-i", Key(user), .. arguments],
            "", CancellationToken.None);

    /// <summary>A process of the loader's program within this one.</summary>
    public async Task<IAsyncDisposable> StartAsync(
        Func<WebApplicationBuilder, WebApplicationBuilder> add, Dictionary<string, string?> settings)
    {
        var builder = SmarterHost.CreateBuilder(["--urls", "http://127.0.0.1:0"], "test");
        foreach (var (key, value) in Database.SettingsFor(DatabaseRole.Loader).Concat(settings))
            builder.Configuration[key] = value;
        var app = add(builder.AddDatabases()).Build();
        Assert.Empty(app.WrongSettings());
        await app.StartAsync();
        return app;
    }

    /// <summary>Looks twenty times a second until it is so, for 30 s at most.</summary>
    public static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!isSo())
            await Task.Delay(50, limit.Token);
    }

    /// <summary>The files below a folder by their paths, in order; none when there is no such folder.</summary>
    public static string[] Files(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal)]
        : [];

    internal static async Task RunAsync(string program, params string[] arguments)
    {
        var run = await SystemCommand.RunAsync(program, arguments, "", CancellationToken.None);
        Assert.True(run.ExitCode == 0, run.Error);
    }

    internal static async Task<bool> IsAccountAsync(string user) =>
        (await SystemCommand.RunAsync("getent", ["passwd", user], "", CancellationToken.None)).ExitCode == 0;

    public async ValueTask DisposeAsync()
    {
        if (sshd is not null)
        {
            sshd.Kill(entireProcessTree: true);
            await sshd.WaitForExitAsync();
            sshd.Dispose();
        }
        foreach (var user in users)
            await SystemCommand.RunAsync("userdel", [user], "", CancellationToken.None); // a test may have removed it
        await SystemCommand.RunAsync("groupdel", [id], "", CancellationToken.None);
        if (Directory.Exists(Root))
            Directory.Delete(Root, recursive: true);
        if (Database is not null)
            await Database.DisposeAsync();
    }

    /// <summary>The sample's own lines, with the places and names of this site.</summary>
    private async Task StartSshdAsync()
    {
        await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(Root, "host"));
        Port = FreePort();
        await File.WriteAllTextAsync(KnownHosts,
            $"[127.0.0.1]:{Port} {await File.ReadAllTextAsync(Path.Combine(Root, "host.pub"))}");
        var sample = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "sshd_config"));
        var settings = Path.Combine(Root, "sshd_config");
        await File.WriteAllTextAsync(settings, HostKey().Replace(sample, $"HostKey {Root}/host")
            .Replace("\nPort 22\n", FormattableString.Invariant($"\nPort {Port}\n"), StringComparison.Ordinal)
            .Replace("ListenAddress 0.0.0.0", "ListenAddress 127.0.0.1", StringComparison.Ordinal)
            .Replace("ChrootDirectory /sftp/", $"ChrootDirectory {Root}/jails/", StringComparison.Ordinal)
            .Replace("smarter-grabber", Grabber, StringComparison.Ordinal)
            .Replace("edwaredataadmin", id, StringComparison.Ordinal));
        Directory.CreateDirectory("/run/sshd"); // of its unprivileged half
        sshd = System.Diagnostics.Process.Start(
            "/usr/sbin/sshd", ["-D", "-E", Path.Combine(Root, "sshd.log"), "-f", settings]);
        await UntilAsync(Answers);
    }

    private bool Answers()
    {
        Assert.False(sshd!.HasExited, "sshd ended at its start");
        using var client = new TcpClient();
        try
        {
            client.Connect(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Its home and its key are its own; the files it fetches are the group's.</summary>
    private async Task AddGrabberAsync()
    {
        var home = Path.Combine(Root, "grabber");
        users.Add(Grabber);
        await RunAsync("useradd", "--no-create-home", "--home-dir", home, "--gid", id, "--shell", "/bin/sh",
            "--password", "*", Grabber);
        await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Key(Grabber));
        Directory.CreateDirectory(Path.Combine(home, ".ssh"));
        await File.WriteAllTextAsync(Path.Combine(home, ".ssh", "authorized_keys"),
            "restrict " + await File.ReadAllTextAsync(Key(Grabber) + ".pub"));
    }

    private string[] ClientOptions(string port) =>
    [
        "-F", "none", port, Port.ToString(CultureInfo.InvariantCulture), "-o", "IdentitiesOnly=yes",
        "-o", "StrictHostKeyChecking=yes", "-o", $"UserKnownHostsFile={KnownHosts}", "-o", "GlobalKnownHostsFile=none",
    ];

    private static string Lines(string[] commands) => string.Concat(commands.Select(command => command + '\n'));

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex("HostKey [^\n]*")]
    private static partial Regex HostKey();
}
