using System.Net;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Options;
using Smarter.Core;
using Smarter.Migrator.Notifying;
using Smarter.Testing;

namespace Smarter.Migrator.Tests.Notifying;

/// <summary>Batches that have ended, and senders that reach them as <c>smarter_migrator</c>; it is 1 May 2027,
/// 8:00.</summary>
public sealed class NotifyingSite : IAsyncLifetime
{
    public const string Told = "2027-05-01 08:00:00";

    private const string Insert = """
        INSERT INTO udl_stats (tenant, load_type, file_arrived, load_status, batch_guid, notification)
        VALUES (@tenant, 'assessment', timestamp '2027-05-01' + interval '1 second' * @arrivedSecond, @loadStatus,
                @batch, @members)
        """;

    public TestDatabase Database { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Database = await TestDatabase.CreateAsync("nc", "NC");

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    /// <summary>A sender that may call this machine, tries twice, and is quick about it.</summary>
    /// <param name="changed">Settings of <c>Migrate:Notification</c>, without that prefix; null takes one away.</param>
    internal ServiceProvider Sender(params (string Key, string? Value)[] changed) =>
        Sender(lookUp: null, changed);

    /// <param name="lookUp">What names resolve to; null asks the system.</param>
    internal ServiceProvider Sender(
        Func<string, CancellationToken, Task<IPAddress[]>>? lookUp, params (string Key, string? Value)[] changed)
    {
        var settings = new Dictionary<string, string?>(Settings);
        foreach (var (key, value) in changed)
            settings[key] = value;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings
            .Where(setting => setting.Value is not null)
            .Select(setting => KeyValuePair.Create($"{NotificationOptions.Section}:{setting.Key}", setting.Value)));
        var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<TimeProvider>(new MayFirst())
            .AddSingleton(Database.As(DatabaseRole.Migrator))
            .AddSingleton<IConfiguration>(configuration.Build())
            .AddNotifying();
        if (lookUp is not null)
            services.AddSingleton(provider =>
                new CallbackRules(provider.GetRequiredService<IOptions<NotificationOptions>>(), lookUp));
        return services.BuildServiceProvider();
    }

    /// <summary>As of <see cref="Sender(ValueTuple{string, string}[])"/>.</summary>
    internal static IEnumerable<KeyValuePair<string, string?>> Settings { get; } = new Dictionary<string, string?>
    {
        ["AllowedHosts:0"] = "127.0.0.1",
        ["MaxAttempts"] = "2",
        ["PollInterval"] = "00:00:00.1",
        ["RetryInterval"] = "00:00:00.1",
        ["Timeout"] = "00:00:05",
        ["MailSender"] = "no-reply@example.org",
        ["Tls"] = "None",
    };

    /// <summary>Takes every batch away.</summary>
    public Task EmptyAsync() => OnStatsAsync("DELETE FROM udl_stats");

    /// <summary>A batch whose submitter is to be told.</summary>
    /// <returns>Its guid.</returns>
    internal async Task<string> HasBatchAsync(
        string? callbackUrl = null, string? email = null, string loadStatus = LoadStatus.Migrated, string tenant = "nc",
        int arrivedSecond = 1)
    {
        var batch = $"{Guid.NewGuid()}";
        var members = new JsonObject { ["total_rows_loaded"] = 3 };
        if (callbackUrl is not null)
            members["callback_url"] = callbackUrl;
        if (email is not null)
            members["email_notification"] = email;
        await using var connection = await Database.Owner.Stats.OpenConnectionAsync();
        await connection.ExecuteAsync(
            Insert, new { tenant, arrivedSecond, loadStatus, batch, members = members.ToJsonString() });
        return batch;
    }

    /// <summary>Tells whoever is due, and waits out the pauses, until nothing is pending.</summary>
    internal async Task SettleAsync(ServiceProvider sender)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        do
            await sender.GetRequiredService<SendNotifications>().RunAsync(limit.Token);
        while (await OpenAsync() > 0);
    }

    /// <returns>How many batches are not settled.</returns>
    public async Task<long> OpenAsync()
    {
        await using var connection = await Database.Owner.Stats.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<long>("""
            SELECT count(*) FROM udl_stats WHERE notification_status IS NULL OR notification_due IS NOT NULL
            """);
    }

    /// <returns>The batch's <c>notification_status</c>, JSON text; null when there is none.</returns>
    public Task<string?> StatusAsync(string batch) => ValueAsync<string?>("notification_status", batch);

    /// <returns>How often it was tried.</returns>
    public Task<int> AttemptsAsync(string batch) => ValueAsync<int>("notification_attempts", batch);

    /// <summary>All pauses and claims have passed.</summary>
    public Task TimeHasPassedAsync() =>
        OnStatsAsync("UPDATE udl_stats SET notification_due = clock_timestamp() WHERE notification_due IS NOT NULL");

    public async Task OnStatsAsync(string sql)
    {
        await using var connection = await Database.Owner.Stats.OpenConnectionAsync();
        await connection.ExecuteAsync(sql);
    }

    private async Task<T?> ValueAsync<T>(string column, string batch)
    {
        await using var connection = await Database.Owner.Stats.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<T>(
            $"SELECT {column} FROM udl_stats WHERE batch_guid = @batch", new { batch });
    }

    private sealed class MayFirst : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2027, 5, 1, 8, 0, 0, TimeSpan.Zero);
    }
}
