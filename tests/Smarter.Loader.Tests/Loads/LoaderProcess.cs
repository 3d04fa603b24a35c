using Smarter.Hosting;

namespace Smarter.Loader.Tests.Loads;

/// <summary>The loader as <c>Program</c> composes it, on a virtual host of the test's own and a free port.</summary>
internal sealed class LoaderProcess : IAsyncDisposable
{
    private readonly WebApplication app;

    private LoaderProcess(WebApplication app) => this.app = app;

    public IServiceProvider Services => app.Services;

    /// <returns>What <c>GET /readyz</c> answers.</returns>
    public async Task<bool> IsReadyAsync()
    {
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var answer = await client.GetAsync("/readyz");
        return answer.IsSuccessStatusCode;
    }

    /// <param name="settings">Later pairs win over earlier ones of the same key.</param>
    public static async Task<LoaderProcess> StartAsync(
        string virtualHost, IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var all = new Dictionary<string, string?>();
        foreach (var (key, value) in settings)
            all[key] = value;
        // As arguments, because the log is made while the builder is.
        var builder = SmarterHost.CreateBuilder(
            ["--urls=http://127.0.0.1:0", .. all.Select(setting => $"--{setting.Key}={setting.Value}")], "loader");
        builder.AddDatabases();
        builder.AddLoader(virtualHost);
        var app = builder.Build();
        app.MapHealth();
        await app.StartAsync();
        return new LoaderProcess(app);
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }
}
