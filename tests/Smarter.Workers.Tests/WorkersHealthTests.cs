using Microsoft.AspNetCore.Mvc.Testing;
using Smarter.Testing;

namespace Smarter.Workers.Tests;

public sealed class WorkersHealthTests(WorkersHealthTests.Surroundings surroundings)
    : IClassFixture<WorkersHealthTests.Surroundings>
{
    [Fact]
    public async Task The_process_is_ready_while_its_databases_and_the_bus_answer()
    {
        using var workers = Start();
        using var client = workers.CreateClient();

        Assert.Equal(200, (int)(await client.GetAsync("/healthz")).StatusCode);
        await client.IsAnsweredAsync("/readyz", 200);
    }

    [Theory]
    [InlineData("Bus:Port", "1")]
    [InlineData("Database:Stats", "Host=127.0.0.1;Port=1;Database=edware_stats;Timeout=1")]
    public async Task The_process_lives_but_is_not_ready_without_the_bus_or_a_database(string key, string unreachable)
    {
        using var workers = Start((key, unreachable));
        using var client = workers.CreateClient();

        Assert.Equal(200, (int)(await client.GetAsync("/healthz")).StatusCode);
        await client.IsAnsweredAsync("/readyz", 503);
    }

    [Theory]
    [InlineData("Bus:Port", "70000", "Bus:Port")]
    [InlineData("Database:Tenants:nc:StateCode", "Carolina", "Database:Tenants:nc:StateCode")]
    public async Task A_wrong_setting_ends_the_process_with_78_and_names_the_key(string key, string value, string named)
    {
        var run = await ProcessRun.ToEndAsync(
            "Smarter.Workers", [], surroundings.Settings().Append(KeyValuePair.Create(key, (string?)value)));

        Assert.Equal(78, run.ExitCode);
        Assert.Contains(named, run.Error, StringComparison.Ordinal);
    }

    private WebApplicationFactory<Program> Start(params (string Key, string Value)[] changed) =>
        new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
        {
            foreach (var (key, value) in surroundings.Settings())
                host.UseSetting(key, value);
            foreach (var (key, value) in changed)
                host.UseSetting(key, value);
        });

    /// <summary>What the workers need: databases of one tenant and the virtual host <c>services</c>.</summary>
    public sealed class Surroundings : IAsyncLifetime
    {
        private TestDatabase database = null!;
        private TestVirtualHost virtualHost = null!;

        public async ValueTask InitializeAsync()
        {
            database = await TestDatabase.CreateAsync("nc", "NC");
            virtualHost = await TestVirtualHost.NamedAsync("services");
        }

        /// <remarks>The extract role may connect to production and the statistics only.</remarks>
        public IEnumerable<KeyValuePair<string, string?>> Settings() =>
            database.SettingsFor(DatabaseRole.Extract)
                .Where(setting => setting.Key != "Database:Udl"
                    && !setting.Key.EndsWith(":Staging", StringComparison.Ordinal))
                .Concat(virtualHost.Settings());

        public async ValueTask DisposeAsync()
        {
            await virtualHost.DisposeAsync();
            await database.DisposeAsync();
        }
    }
}
