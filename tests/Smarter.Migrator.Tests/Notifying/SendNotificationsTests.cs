using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Smarter.Core;
using Smarter.Migrator.Notifying;
using Smarter.Testing;
using static Smarter.Migrator.Tests.Notifying.NotifyingSite;

namespace Smarter.Migrator.Tests.Notifying;

public sealed class SendNotificationsTests(NotifyingSite site) : IClassFixture<NotifyingSite>, IAsyncLifetime
{
    private const string Email = "data@example.org";
    private const string NoEmail = "\"email\":{\"timestamp\":\"\",\"status\":null}";
    private const string NoCallback = "\"call_back\":{\"timestamp\":\"\",\"status\":null,\"error\":null}";

    private Receiver receiver = null!;
    private MailSink mail = null!;

    public async ValueTask InitializeAsync()
    {
        await site.EmptyAsync();
        receiver = await Receiver.StartAsync();
        mail = new MailSink();
    }

    public async ValueTask DisposeAsync()
    {
        await receiver.DisposeAsync();
        await mail.DisposeAsync();
    }

    [Fact]
    public async Task A_callback_is_posted_and_its_success_written_down()
    {
        var batch = await site.HasBatchAsync(receiver.Url);

        await SettleAsync();

        var request = Assert.Single(receiver.Received);
        Assert.Equal("POST /told?key=1", request.Line);
        Assert.Equal(("application/json", "text/plain"), (request.ContentType, request.Accept));
        Assert.Equal("""{"status":"Success","message":["Job completed successfully"],"rowCount":3}""", request.Body);
        Assert.Equal(
            $$"""{"call_back":{"timestamp":"{{Told}}","status":"SUCCESS","error":null},{{NoEmail}}}""",
            await site.StatusAsync(batch));
    }

    [Fact]
    public async Task A_batch_that_names_nobody_is_settled_at_once()
    {
        var batch = await site.HasBatchAsync();

        await SettleAsync();

        Assert.Equal($$"""{{{NoCallback}},{{NoEmail}}}""", await site.StatusAsync(batch));
    }

    [Theory]
    [InlineData(LoadStatus.Failed, 1)]
    [InlineData(LoadStatus.MigrationFailed, 1)]
    [InlineData(LoadStatus.Migrated, 1)]
    [InlineData(LoadStatus.Received, 0)]
    [InlineData(LoadStatus.Ingested, 0)]
    [InlineData(LoadStatus.Migrating, 0)]
    public async Task Only_batches_that_have_ended_are_told_of(string loadStatus, int requests)
    {
        await site.HasBatchAsync(receiver.Url, loadStatus: loadStatus);

        await SendAsync();

        Assert.Equal(requests, receiver.Received.Count);
    }

    [Fact]
    public async Task What_is_settled_is_not_sent_again()
    {
        await site.HasBatchAsync(receiver.Url, Email);
        await SettleAsync();

        await SendAsync();

        Assert.Single(receiver.Received);
        Assert.Single(mail.Received);
    }

    [Fact]
    public async Task A_tenants_batches_are_told_of_in_the_order_of_arrival()
    {
        foreach (var second in (int[])[5, 1, 7, 3])
            await site.HasBatchAsync($"{receiver.Url}&second={second}", arrivedSecond: second);
        using var sender = Sender();
        var queue = sender.GetRequiredService<NotificationQueue>();

        var claimed = new List<string>();
        while (await queue.ClaimAsync([], CancellationToken.None) is { } next)
            claimed.Add(next.CallbackUrl![^1..]);

        Assert.Equal(["1", "3", "5", "7"], claimed);
    }

    [Fact]
    public async Task An_answer_of_408_is_pending_and_tried_again()
    {
        receiver.WillAnswer(408, 200);
        var batch = await site.HasBatchAsync(receiver.Url);

        await SendAsync(("RetryInterval", "00:01:00"));
        var pending = await site.StatusAsync(batch);
        await SendAsync();
        var requestsBeforeItIsDue = receiver.Received.Count;
        await site.TimeHasPassedAsync();
        await SettleAsync();

        Assert.Equal(
            $$"""{"call_back":{"timestamp":"{{Told}}","status":"PENDING","error":"Answered 408."},{{NoEmail}}}""",
            pending);
        Assert.Equal((1, 2), (requestsBeforeItIsDue, receiver.Received.Count));
        Assert.Equal("SUCCESS", await CallbackAsync(batch, "status"));
    }

    [Theory]
    [InlineData(200, "SUCCESS", null)]
    [InlineData(204, "SUCCESS", null)]
    [InlineData(302, "SUCCESS", "Answered 302; a redirect is not followed.")]
    [InlineData(400, "FAILURE", "Answered 400.")]
    [InlineData(404, "FAILURE", "Answered 404.")]
    [InlineData(500, "FAILURE", "Answered 500.")]
    [InlineData(503, "FAILURE", "Answered 503.")]
    public async Task Any_other_answer_is_final(int answer, string status, string? error)
    {
        receiver.WillAnswer(answer);
        var batch = await site.HasBatchAsync(receiver.Url);

        await SettleAsync();

        Assert.Single(receiver.Received);
        Assert.Equal((status, error), (await CallbackAsync(batch, "status"), await CallbackAsync(batch, "error")));
    }

    [Fact]
    public async Task A_receiver_that_is_away_is_tried_until_the_attempts_are_used_up()
    {
        var batch = await site.HasBatchAsync($"http://127.0.0.1:{FreePort()}/");

        await SettleAsync(("MaxAttempts", "3"));

        Assert.Equal(3, await site.AttemptsAsync(batch));
        Assert.Equal("FAILURE", await CallbackAsync(batch, "status"));
        Assert.Equal("The receiver cannot be reached: ConnectionError. Given up at attempt 3.",
            await CallbackAsync(batch, "error"));
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_in_time_is_pending()
    {
        receiver.WillHang();
        var batch = await site.HasBatchAsync(receiver.Url);

        await SendAsync(("Timeout", "00:00:00.5"));

        Assert.Equal(("PENDING", "No answer within 0.5 s."),
            (await CallbackAsync(batch, "status"), await CallbackAsync(batch, "error")));
    }

    [Fact]
    public async Task A_receiver_that_hangs_up_is_pending()
    {
        receiver.WillDo(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        var batch = await site.HasBatchAsync(receiver.Url);

        await SendAsync(("RetryInterval", "00:01:00"));

        Assert.Equal("PENDING", await CallbackAsync(batch, "status"));
    }

    [Fact]
    public async Task A_refused_address_is_final_and_the_email_goes_out_all_the_same()
    {
        var batch = await site.HasBatchAsync("http://10.0.0.1/", Email);

        await SettleAsync();

        Assert.Equal(("FAILURE", "The host 10.0.0.1 is not among the allowed ones."),
            (await CallbackAsync(batch, "status"), await CallbackAsync(batch, "error")));
        Assert.Single(mail.Received);
    }

    [Fact]
    public async Task An_email_holds_the_outcome_as_subject_and_the_JSON_as_body()
    {
        var batch = await site.HasBatchAsync(email: Email, loadStatus: LoadStatus.Failed);

        await SettleAsync();

        var message = Assert.Single(mail.Received);
        Assert.Equal(("no-reply@example.org", Email), (message.From, Assert.Single(message.To)));
        Assert.Equal($"Data Load - Failed - Batch {batch}", message.Header("Subject"));
        Assert.Equal(Email, message.Header("To"));
        Assert.Equal("""{"status":"Failed","message":[""]}""", message.Body.Trim());
        Assert.Equal(
            $$$"""{{{{NoCallback}}},"email":{"timestamp":"{{{Told}}}","status":"SUCCESS"}}""",
            await site.StatusAsync(batch));
    }

    [Fact]
    public async Task A_mail_server_that_is_away_is_tried_again_and_the_callback_is_not_repeated()
    {
        var port = FreePort();
        var batch = await site.HasBatchAsync(receiver.Url, Email);
        await SendAsync(("MailPort", $"{port}"), ("RetryInterval", "00:01:00"));
        var pending = await EmailAsync(batch, "status");

        await using var back = new MailSink(port);
        await site.TimeHasPassedAsync();
        await SettleAsync(("MailPort", $"{port}"));

        Assert.Equal("PENDING", pending);
        Assert.Equal("SUCCESS", await EmailAsync(batch, "status"));
        Assert.Single(back.Received);
        Assert.Single(receiver.Received);
    }

    [Theory]
    [InlineData("450 busy", 2, "The mail server did not take it: 450 MailboxBusy. Given up at attempt 2.")]
    [InlineData("550 no such user", 1, "The mail server refused it: 550 MailboxUnavailable.")]
    public async Task A_mail_server_may_say_later_or_no(string answer, int attempts, string error)
    {
        mail.WillAnswer(answer);
        mail.WillAnswer(answer);
        var batch = await site.HasBatchAsync(email: Email);

        await SettleAsync();

        Assert.Equal(("FAILURE", error), (await EmailAsync(batch, "status"), await EmailAsync(batch, "error")));
        Assert.Equal(attempts, await site.AttemptsAsync(batch));
        Assert.Empty(mail.Received);
    }

    [Fact]
    public async Task A_mail_server_without_STARTTLS_gets_nothing_unless_that_is_allowed()
    {
        var batch = await site.HasBatchAsync(email: Email);

        await SettleAsync(("Tls", "StartTls"));

        Assert.Equal("FAILURE", await EmailAsync(batch, "status"));
        Assert.Empty(mail.Received);
    }

    [Fact]
    public async Task Without_a_mail_server_an_email_fails_and_the_setting_is_named()
    {
        var batch = await site.HasBatchAsync(email: Email);

        await SettleAsync(("MailServer", null));

        Assert.Equal("No mail server is set: Migrate:Notification:MailServer.", await EmailAsync(batch, "error"));
    }

    [Theory]
    [InlineData("data@example.org\r\nBcc: all@example.org")]
    [InlineData("data@example.org\r\n\r\nhello")]
    [InlineData("data@example.org\nBcc: all@example.org")]
    [InlineData("data@example.org>\r\nRCPT TO:<all@example.org")]
    [InlineData("data@example.org, all@example.org")]
    [InlineData("Data <data@example.org>")]
    [InlineData("data")]
    public async Task What_is_not_one_bare_address_gets_no_email(string address)
    {
        var batch = await site.HasBatchAsync(email: address);

        await SettleAsync();

        Assert.Equal("The e-mail address is not a plain address.", await EmailAsync(batch, "error"));
        Assert.Empty(mail.Received);
    }

    [Fact]
    public async Task A_sender_that_was_killed_leaves_a_notification_that_is_sent_once_more()
    {
        var batch = await site.HasBatchAsync(receiver.Url);
        using var killed = Sender();
        var claimed = await killed.GetRequiredService<NotificationQueue>().ClaimAsync([], CancellationToken.None);
        await killed.GetRequiredService<PostCallback>().RunAsync(claimed!, CancellationToken.None);

        await SendAsync();
        var requestsWhileClaimed = receiver.Received.Count;
        await site.TimeHasPassedAsync();
        await SettleAsync();

        Assert.Equal((1, 2), (requestsWhileClaimed, receiver.Received.Count));
        Assert.Equal("SUCCESS", await CallbackAsync(batch, "status"));
    }

    [Fact]
    public async Task A_result_that_comes_after_another_sender_has_taken_over_is_not_written_down()
    {
        var batch = await site.HasBatchAsync(receiver.Url);
        using var late = Sender();
        var queue = late.GetRequiredService<NotificationQueue>();
        var claimed = await queue.ClaimAsync([], CancellationToken.None);
        await site.TimeHasPassedAsync();
        await SettleAsync();

        await queue.RecordAsync(
            claimed!, NotificationStatus.None with { Callback = new("", DeliveryStatus.Pending, null) },
            CancellationToken.None);

        Assert.Equal("SUCCESS", await CallbackAsync(batch, "status"));
    }

    [Fact]
    public async Task Several_senders_tell_each_submitter_once()
    {
        var batches = new List<string>();
        foreach (var second in Enumerable.Range(1, 30))
            batches.Add(await site.HasBatchAsync(receiver.Url, Email, arrivedSecond: second));
        using var one = Sender();
        using var other = Sender();

        await Task.WhenAll(site.SettleAsync(one), site.SettleAsync(other));

        Assert.Equal(30, receiver.Received.Count);
        Assert.Equal(30, mail.Received.Count);
        Assert.Equal(
            batches.Order(), mail.Received.Select(message => message.Header("Subject").Split(' ')[^1]).Order());
    }

    [Fact]
    public async Task Slow_receivers_of_one_tenant_hold_up_nobody_else()
    {
        foreach (var second in Enumerable.Range(1, 20))
        {
            receiver.WillHang();
            await site.HasBatchAsync(receiver.Url, tenant: "ca", arrivedSecond: second);
        }
        await using var quick = await Receiver.StartAsync();
        await site.HasBatchAsync(quick.Url, tenant: "nc", arrivedSecond: 60);
        using var sender = Sender(("Timeout", "00:00:02"));
        using var stop = new CancellationTokenSource();

        var sending = sender.GetRequiredService<SendNotifications>().RunAsync(stop.Token);
        await quick.HasReceivedAsync(1).WaitAsync(TimeSpan.FromSeconds(1.5));
        var slow = receiver.Received.Count;
        await stop.CancelAsync();

        Assert.InRange(slow, 0, 4);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    private ServiceProvider Sender(params (string Key, string? Value)[] changed) =>
        site.Sender([("MailServer", "127.0.0.1"), ("MailPort", $"{mail.Port}"), .. changed]);

    /// <summary>Tells whoever is due now.</summary>
    private async Task SendAsync(params (string Key, string? Value)[] changed)
    {
        using var sender = Sender(changed);
        await sender.GetRequiredService<SendNotifications>().RunAsync(CancellationToken.None);
    }

    private async Task SettleAsync(params (string Key, string? Value)[] changed)
    {
        using var sender = Sender(changed);
        await site.SettleAsync(sender);
    }

    private Task<string?> CallbackAsync(string batch, string member) => MemberAsync(batch, "call_back", member);

    private Task<string?> EmailAsync(string batch, string member) => MemberAsync(batch, "email", member);

    private async Task<string?> MemberAsync(string batch, string way, string member) =>
        (string?)JsonNode.Parse((await site.StatusAsync(batch))!)![way]![member];

    /// <summary>A port on which nobody listens.</summary>
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
