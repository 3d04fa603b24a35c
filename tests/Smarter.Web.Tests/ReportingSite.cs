using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Smarter.Testing;
using Smarter.Web.Tests.Submissions;

namespace Smarter.Web.Tests;

/// <summary>The site in Development over fresh databases of NC and CA, connected as <c>smarter_web</c>, with the
/// people of <c>deploy/dev/people.json</c>.</summary>
public sealed class ReportingSite : IAsyncLifetime
{
    public const string NcState = "nc-state";

    /// <summary>PII at school 248 of district 228.</summary>
    public const string NcSchool = "nc-school";

    public const string CaState = "ca-state";
    public const string AllStates = "all-states";
    public const string Loader = "loader-nc";
    public const string LoaderCa = "loader-ca";
    public const string LoaderOfAll = "loader-all";
    public const string Nobody = "nobody";

    private static readonly string PeopleFile = Path.Combine(
        BrowsedSite.RepositoryRoot(), "deploy", "dev", "people.json");

    private readonly DirectoryInfo checks = Directory.CreateTempSubdirectory("smarter-checks-");
    private TestDatabase databases = null!;
    private WebApplicationFactory<Program> site = null!;

    /// <summary>The site's clock; a test that moves it makes a site of its own.</summary>
    public MovableClock Clock { get; } = new();

    public Warehouse Nc { get; private set; } = null!;

    public Warehouse Ca { get; private set; } = null!;

    /// <summary>What the loader writes down of submissions.</summary>
    internal SubmittedFiles Submitted { get; private set; } = null!;

    /// <summary>Where the site puts files to be checked (<c>Checks:Folder</c>).</summary>
    public string CheckFolder => checks.FullName;

    public async ValueTask InitializeAsync()
    {
        databases = await TestDatabase.CreateAsync(("nc", "NC"), ("ca", "CA"));
        Nc = new Warehouse(databases.Owner.Production("nc"), "NC");
        Ca = new Warehouse(databases.Owner.Production("ca"), "CA");
        Submitted = new SubmittedFiles(databases.As(DatabaseRole.Loader).Stats);
        site = StartForPeople([]);
    }

    public async ValueTask DisposeAsync()
    {
        await site.DisposeAsync();
        await databases.DisposeAsync();
        checks.Delete(recursive: true);
    }

    /// <summary>Another process of the site for the demo people, with some settings of its own.</summary>
    internal WebApplicationFactory<Program> StartForPeople(Dictionary<string, string?> settings) =>
        Start(Environments.Development, new Dictionary<string, string?>
        {
            ["DemoSignIn:PeopleFile"] = PeopleFile,
            ["Checks:Folder"] = checks.FullName,
        }.Concat(settings).GroupBy(setting => setting.Key).ToDictionary(same => same.Key, same => same.Last().Value));

    /// <summary>Another process of the site over the same databases.</summary>
    internal WebApplicationFactory<Program> Start(string environment, Dictionary<string, string?> settings) =>
        new SiteFactory().WithWebHostBuilder(web =>
        {
            web.UseEnvironment(environment);
            foreach (var (key, value) in databases.SettingsFor(DatabaseRole.Web).Concat(settings)
                .Where(setting => setting.Key != "Database:Udl"
                    && !setting.Key.EndsWith(":Staging", StringComparison.Ordinal)))
                web.UseSetting(key, value);
            web.ConfigureServices(services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Clock)));
        });

    /// <summary>The site in Development listening on a real port, for a browser.</summary>
    /// <param name="settings">Settings of its own; null for none.</param>
    /// <returns>The running site and its address; disposing it stops the site.</returns>
    public (IAsyncDisposable Site, Uri Address) Listen(Dictionary<string, string?>? settings = null)
    {
        var listening = StartForPeople(settings ?? []);
        listening.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0)); // any free port; 0 alone would be 5000
        listening.StartServer();
        return (listening, listening.ClientOptions.BaseAddress);
    }

    /// <summary>A client without a session that does not follow redirects.</summary>
    public HttpClient Anonymous() => Anonymous(site);

    /// <summary>A client of a demo person who has just signed in; it does not follow redirects.</summary>
    public Task<HttpClient> ClientOf(string person) => ClientOf(person, site);

    /// <summary>The same at another process of the site.</summary>
    internal static async Task<HttpClient> ClientOf(string person, WebApplicationFactory<Program> site)
    {
        var client = Anonymous(site);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["person"] = person });
        using var answer = await client.PostAsync("/demo/sign-in", form);
        Assert.Equal(System.Net.HttpStatusCode.Found, answer.StatusCode);
        return client;
    }

    private static HttpClient Anonymous(WebApplicationFactory<Program> site) =>
        site.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, HandleCookies = true });

    /// <summary>The JSON report for a person who must get 200.</summary>
    /// <param name="query">Without the question mark.</param>
    public async Task<JsonElement> ReportAsync(string person, string query)
    {
        using var client = await ClientOf(person);
        using var answer = await client.GetAsync($"/data/comparing_populations?content-type=application/json&{query}");
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    /// <remarks>The site reads its content from beside its assembly, as in production.</remarks>
    private sealed class SiteFactory : WebApplicationFactory<Program>;
}

/// <summary>The system's clock, moved by a test.</summary>
public sealed class MovableClock : TimeProvider
{
    private TimeSpan moved;

    public void Advance(TimeSpan time) => moved += time;

    public override DateTimeOffset GetUtcNow() => TimeProvider.System.GetUtcNow() + moved;
}
