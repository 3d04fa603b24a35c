using Smarter.Hosting;
using Smarter.Migrator.Conductor;
using Smarter.Migrator.Notifying;
using Smarter.Testing;

namespace Smarter.Migrator.Tests.Conductor;

/// <summary>The migrator as <c>Program</c> composes it, on a virtual host of the test's own and a free port.</summary>
internal sealed class MigratorProcess : IAsyncDisposable
{
    private readonly WebApplication app;

    private MigratorProcess(WebApplication app) => this.app = app;

    public IServiceProvider Services => app.Services;

    /// <param name="settings">Later pairs win over earlier ones of the same key.</param>
    public static async Task<MigratorProcess> StartAsync(
        string virtualHost, params IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var builder = SmarterHost.CreateBuilder(["--urls", "http://127.0.0.1:0"], "migrator");
        foreach (var (key, value) in settings.Where(setting => setting.Key != "Database:Udl"))
            builder.Configuration[key] = value;
        builder.AddDatabases();
        builder.AddBus(virtualHost, bus => bus.AddConductorConsumers());
        builder.Services.AddConductor();
        builder.Services.AddConductorPoll();
        builder.Services.AddNotifying();
        builder.Services.AddNotificationPoll();
        var app = builder.Build();
        app.MapHealth();
        await app.StartAsync();
        return new MigratorProcess(app);
    }

    /// <summary>The settings of a migrator on these services that looks for batches ten times a second.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Settings(
        TestDatabase database, TestVirtualHost virtualHost) =>
        database.SettingsFor(DatabaseRole.Migrator)
            .Concat(virtualHost.Settings())
            .Append(KeyValuePair.Create("Migrate:Conductor:PollInterval", (string?)"00:00:00.1"));

    public HttpClient Client() => new() { BaseAddress = new Uri(app.Urls.Single()) };

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }
}
