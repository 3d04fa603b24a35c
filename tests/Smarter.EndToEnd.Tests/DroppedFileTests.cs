using Smarter.SampleData.Archive;
using Smarter.SampleData.Landing;
using Smarter.Testing;

namespace Smarter.EndToEnd.Tests;

/// <summary>The programs together, as processes of their own: loader, migrator and site.</summary>
public sealed class DroppedFileTests : IAsyncLifetime
{
    private const string Tenant = "vt";
    private const string Passphrase = "made up for this test";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly string folder = Directory.CreateTempSubdirectory("e2e-").FullName;
    private TestDatabase databases = null!;

    private string FileDrop => Path.Combine(folder, "landing", "arrivals", Tenant, "demo", "file_drop");

    public async ValueTask InitializeAsync() => databases = await TestDatabase.CreateAsync(Tenant, "VT");

    public async ValueTask DisposeAsync()
    {
        await databases.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Dropped_files_become_the_reports_of_their_state()
    {
        await using var loading = await TestVirtualHost.NamedAsync("edudl");
        await using var migrating = await TestVirtualHost.NamedAsync("edmigrate");
        await using var submitter = new GpgHome(Path.Combine(folder, "s"));
        var keys = await KeysAsync(submitter);
        var files = LandingFiles.Generate(
            new LandingOptions
            {
                Students = 300,
                StateCode = "VT",
                Types = LandingTypes.Summative | LandingTypes.InterimBlock,
            },
            Path.Combine(folder, "made")).ToList();
        Directory.CreateDirectory(FileDrop);

        await using var loader = RunningProgram.Start("Smarter.Loader",
            [.. SettingsOf(DatabaseRole.Loader), .. loading.Settings(), .. keys.Settings]);
        await using var migrator = RunningProgram.Start("Smarter.Migrator",
            [.. SettingsOf(DatabaseRole.Migrator), .. migrating.Settings()]);
        await using var site = RunningProgram.Start("Smarter.Web",
            [.. SettingsOf(DatabaseRole.Web), .. SiteSettings()]);
        foreach (var file in files)
        {
            await LandingArchive.PackAsync(
                [file.CsvPath, file.JsonPath], Path.Combine(FileDrop, $"{file.Name}.tar.gz.gpg"),
                submitter, keys.Signer, keys.Recipient);
        }
        await UntilMigratedAsync(files.Count);

        var comparison = await CompareAsync(await site.Address);
        Assert.True(comparison.ExitCode == 0, comparison.Output + comparison.Error);
    }

    private async Task<(string Signer, string Recipient, Dictionary<string, string?> Settings)> KeysAsync(
        GpgHome submitter)
    {
        var home = Path.Combine(folder, "l");
        var passphraseFile = Path.Combine(folder, "passphrase");
        await File.WriteAllTextAsync(passphraseFile, Passphrase + "\n");
        await using var loader = new GpgHome(home, passphraseFile);
        var recipient = await loader.CreateKeyAsync("Loader");
        var signer = await submitter.CreateKeyAsync("Submitter");
        await submitter.ImportAsync(await loader.ExportPublicKeyAsync(recipient));
        Directory.CreateDirectory(Path.Combine(home, "tenants"));
        await loader.ImportIntoRingAsync(
            await submitter.ExportPublicKeyAsync(signer), Path.Combine(home, "tenants", $"{Tenant}.kbx"));
        return (signer, recipient, new()
        {
            ["Gpg:Home"] = home,
            ["Gpg:PassphraseFile"] = passphraseFile,
            ["Zones:Landing"] = Path.Combine(folder, "landing"),
            ["Arrival:ScanInterval"] = "00:00:00.2",
        });
    }

    /// <summary>A role's databases; the site and the migrator have no business in udl2,
    /// and the site none in staging.</summary>
    private IEnumerable<KeyValuePair<string, string?>> SettingsOf(DatabaseRole role) =>
        databases.SettingsFor(role).Where(setting => role == DatabaseRole.Loader
            || setting.Key != "Database:Udl"
            && (role != DatabaseRole.Web || !setting.Key.EndsWith(":Staging", StringComparison.Ordinal)));

    private static Dictionary<string, string?> SiteSettings() => new()
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Development",
        ["DemoSignIn:PeopleFile"] = Path.Combine(RepositoryRoot(), "deploy", "dev", "people.json"),
    };

    private async Task UntilMigratedAsync(int files)
    {
        using var limit = new CancellationTokenSource(Patience);
        await using var command = databases.Owner.Stats.CreateCommand(
            """
            SELECT count(*) FILTER (WHERE load_status = 'migrate.ingested'),
                   count(*) FILTER (WHERE load_status LIKE '%failed')
              FROM udl_stats
            """);
        while (true)
        {
            await using (var row = await command.ExecuteReaderAsync(limit.Token))
            {
                await row.ReadAsync(limit.Token);
                Assert.Equal(0, row.GetInt64(1));
                if (row.GetInt64(0) == files)
                    return;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(200), limit.Token);
        }
    }

    /// <summary>Signs in as a browser does, and lets the independent count ask every report.</summary>
    private async Task<ProcessRun> CompareAsync(Uri site)
    {
        var cookies = new System.Net.CookieContainer();
        using var client = new HttpClient(
            new HttpClientHandler { CookieContainer = cookies, AllowAutoRedirect = false });
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["person"] = "vt-state" });
        using var answer = await client.PostAsync(new Uri(site, "/demo/sign-in"), form);
        Assert.Equal(System.Net.HttpStatusCode.Found, answer.StatusCode);

        var jar = Path.Combine(folder, "jar");
        await File.WriteAllLinesAsync(jar, cookies.GetCookies(site)
            .Select(cookie => string.Join('\t', site.Host, "FALSE", "/", "FALSE", "0", cookie.Name, cookie.Value)));
        return await ProcessRun.ToEndAsync("Smarter.SampleData",
            ["compare", "--site", site.ToString(), "--jar", jar, "--state", "VT",
                "--csv", Path.Combine(folder, "made"), "--pages", "no"]);
    }

    private static string RepositoryRoot()
    {
        var at = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(at, "Smarter.sln")))
            at = Path.GetDirectoryName(at) ?? throw new DirectoryNotFoundException("Not below Smarter.sln.");
        return at;
    }
}
