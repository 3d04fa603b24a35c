using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Smarter.Core;
using Smarter.Migrator.Notifying;
using Smarter.Migrator.Tests.Batches;
using Smarter.Testing;

namespace Smarter.Migrator.Tests.Notifying;

/// <summary>The migrator as a process of its own, killed or run once.</summary>
public sealed class NotifyingProcessTests(NotifyingSite site, MigrationSite migration)
    : IClassFixture<NotifyingSite>, IClassFixture<MigrationSite>, IAsyncLifetime
{
    private const string Email = "data@example.org";

    private Receiver receiver = null!;

    public async ValueTask InitializeAsync()
    {
        await site.EmptyAsync();
        await migration.EmptyAsync();
        receiver = await Receiver.StartAsync();
    }

    public ValueTask DisposeAsync() => receiver.DisposeAsync();

    [Fact]
    public async Task What_a_killed_migrator_was_sending_is_sent_once_more()
    {
        receiver.WillHang();
        var batch = await site.HasBatchAsync(receiver.Url);
        await using var virtualHost = await TestVirtualHost.NamedAsync("edmigrate");
        await using var migrator = RunningProgram.Start(
            "Smarter.Migrator", Settings(site.Database).Concat(virtualHost.Settings()));
        await receiver.HasReceivedAsync(1);

        await migrator.KillAsync();
        await site.TimeHasPassedAsync();
        using var other = site.Sender();
        await site.SettleAsync(other);

        Assert.Equal(2, receiver.Received.Count);
        Assert.Equal("SUCCESS", Member((await site.StatusAsync(batch))!, "call_back", "status"));
    }

    [Fact]
    public async Task A_run_signs_in_to_a_mail_server_over_TLS()
    {
        using var certificate = Certificate();
        await using var mail = new MailSink(certificate: certificate);
        var batch = await site.HasBatchAsync(email: Email);
        using var folder = new TemporaryFolder();

        var run = await RunAsync(site.Database, MailSettings(mail, folder)
            .Append(new("SSL_CERT_FILE", folder.Write("trusted.pem", certificate.ExportCertificatePem()))));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal("SUCCESS", Member((await site.StatusAsync(batch))!, "email", "status"));
        Assert.Equal("smarter:swordfish", Assert.Single(mail.Received).User);
    }

    [Fact]
    public async Task A_mail_server_with_a_certificate_that_is_not_trusted_is_told_nothing()
    {
        using var certificate = Certificate();
        await using var mail = new MailSink(certificate: certificate);
        var batch = await site.HasBatchAsync(email: Email);
        using var folder = new TemporaryFolder();

        await RunAsync(site.Database, MailSettings(mail, folder)
            .Append(new($"{NotificationOptions.Section}:MaxAttempts", "1")));

        Assert.Equal("The mail server did not take it: its certificate is not trusted. Given up at attempt 1.",
            Member((await site.StatusAsync(batch))!, "email", "error"));
        Assert.Empty(mail.Received);
    }

    [Theory]
    [InlineData("MailPort", "0")]
    [InlineData("MaxAttempts", "0")]
    [InlineData("Timeout", "1.00:00:00")]
    [InlineData("MailSender", "")]
    [InlineData("Tls", "None")]
    [InlineData("MailPasswordFile", "/nowhere")]
    public async Task A_wrong_setting_ends_the_run_with_78_and_names_the_key(string key, string value)
    {
        await using var mail = new MailSink();
        using var folder = new TemporaryFolder();

        var run = await RunAsync(site.Database, MailSettings(mail, folder)
            .Append(new($"{NotificationOptions.Section}:{key}", value)));

        Assert.Equal(78, run.ExitCode);
        Assert.Contains($"{NotificationOptions.Section}:{key}", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_whose_callback_fails_is_migrated_all_the_same()
    {
        receiver.WillAnswer(500);
        var batch = await ReadyBatchAsync();

        var run = await RunAsync(migration.Database);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(LoadStatus.Migrated, await migration.StatusAsync(batch));
        Assert.Contains("\"Success\"", Assert.Single(receiver.Received).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_batch_that_an_operator_retries_is_told_of_again()
    {
        var batch = await ReadyBatchAsync();
        await migration.OnStatsAsync("UPDATE udl_stats SET load_status = 'migrate.failed'");
        await RunAsync(migration.Database);

        await migration.OnStatsAsync("UPDATE udl_stats SET load_status = 'udl.ingested'");
        await RunAsync(migration.Database);

        Assert.Equal(LoadStatus.Migrated, await migration.StatusAsync(batch));
        Assert.Equal(
            ["Failed", "Success"],
            receiver.Received.Select(request => (string?)JsonNode.Parse(request.Body)!["status"]));
    }

    /// <summary>A batch that can be migrated, whose submitter is <see cref="receiver"/>.</summary>
    private async Task<Guid> ReadyBatchAsync()
    {
        var batch = await (await migration.AnnsBatchAsync(firstKey: 100)).IsReadyAsync();
        await migration.OnStatsAsync(
            $$"""UPDATE udl_stats SET notification = '{"callback_url": "{{receiver.Url}}"}'""");
        return batch.Guid;
    }

    private static Task<ProcessRun> RunAsync(
        TestDatabase database, params IEnumerable<KeyValuePair<string, string?>> changed) =>
        ProcessRun.ToEndAsync("Smarter.Migrator", ["run"], Settings(database).Concat(changed));

    private static IEnumerable<KeyValuePair<string, string?>> Settings(TestDatabase database) =>
        database.SettingsFor(DatabaseRole.Migrator)
            .Concat(NotifyingSite.Settings.Select(setting =>
                KeyValuePair.Create($"{NotificationOptions.Section}:{setting.Key}", setting.Value)));

    /// <summary>Of a sender that signs in as smarter over TLS.</summary>
    private static Dictionary<string, string?> MailSettings(MailSink mail, TemporaryFolder folder) => new()
    {
        [$"{NotificationOptions.Section}:MailServer"] = "localhost",
        [$"{NotificationOptions.Section}:MailPort"] = $"{mail.Port}",
        [$"{NotificationOptions.Section}:Tls"] = "StartTls",
        [$"{NotificationOptions.Section}:MailUser"] = "smarter",
        [$"{NotificationOptions.Section}:MailPasswordFile"] = folder.Write("password", "swordfish\n"),
    };

    private static string? Member(string json, string way, string member) =>
        (string?)JsonNode.Parse(json)![way]![member];

    /// <summary>Of localhost, signed by itself, with its key.</summary>
    private static X509Certificate2 Certificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
    }

    private sealed class TemporaryFolder : IDisposable
    {
        private readonly string path = Directory.CreateTempSubdirectory("smarter-notify-").FullName;

        /// <returns>The file's path.</returns>
        public string Write(string name, string text)
        {
            var file = Path.Combine(path, name);
            File.WriteAllText(file, text);
            return file;
        }

        public void Dispose() => Directory.Delete(path, recursive: true);
    }
}
