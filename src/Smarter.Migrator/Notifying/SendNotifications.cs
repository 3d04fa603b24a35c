using Microsoft.Extensions.Options;
using Npgsql;

namespace Smarter.Migrator.Notifying;

/// <summary>Tells submitters what became of their batches: by callback, by e-mail, or both.</summary>
internal sealed class SendNotifications(
    NotificationQueue queue, PostCallback postCallback, SendMail sendMail, IOptions<NotificationOptions> options,
    TimeProvider clock, ILogger<SendNotifications> log)
{
    /// <summary>At once, in this process.</summary>
    private const int Most = 16;

    /// <summary>At once, of one tenant: its slow receivers hold up nobody else's notifications.</summary>
    private const int MostOfTenant = 4;

    private static readonly TimeSpan stopAllowance = TimeSpan.FromSeconds(10);

    /// <summary>Sends what is due in the order of arrival,
    /// and returns when nothing is due and nothing under way.</summary>
    /// <param name="stopping">Begins nothing new; what is under way has ten seconds left, and is otherwise sent
    /// again later.</param>
    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var cutOff = new CancellationTokenSource();
        await using var stop = stopping.Register(() => cutOff.CancelAfter(stopAllowance));
        var underWay = new List<(string Tenant, Task Sending)>();
        try
        {
            while (true)
            {
                while (underWay.Count < Most && await queue.ClaimAsync(Busy(underWay), stopping) is { } claimed)
                    underWay.Add((claimed.Tenant, SendAsync(claimed, cutOff.Token)));
                if (underWay.Count == 0)
                    return;
                // With each free place, and now and then, somebody else may be due.
                await Task.WhenAny(
                [
                    .. underWay.Select(sender => sender.Sending),
                    Task.Delay(options.Value.PollInterval, clock, stopping),
                ]);
                stopping.ThrowIfCancellationRequested();
                underWay.RemoveAll(sender => sender.Sending.IsCompleted);
            }
        }
        finally
        {
            await Task.WhenAll(underWay.Select(sender => sender.Sending));
        }
    }

    private static string[] Busy(IEnumerable<(string Tenant, Task Sending)> underWay) =>
        [.. underWay.CountBy(sender => sender.Tenant).Where(tenant => tenant.Value >= MostOfTenant)
            .Select(tenant => tenant.Key)];

    private async Task SendAsync(Notification claimed, CancellationToken cutOff)
    {
        using var scope = log.BeginScope(new Dictionary<string, object> { ["BatchId"] = claimed.BatchGuid });
        try
        {
            var callback = CallAsync(claimed, cutOff);
            var email = MailAsync(claimed, cutOff);
            await Task.WhenAll(callback, email);
            var status = new NotificationStatus(await callback, await email);
            await queue.RecordAsync(claimed, status, CancellationToken.None);
            log.LogInformation("{Tenant}: told of {LoadStatus}, attempt {Attempt}: callback {Callback}, e-mail {Email}",
                claimed.Tenant, claimed.LoadStatus, claimed.Attempt, status.Callback.Status, status.Email.Status);
        }
        catch (Exception trouble) when (trouble is NpgsqlException or OperationCanceledException)
        {
            log.LogWarning(trouble, "{Tenant}: what a notification came to is not written down; it is sent again",
                claimed.Tenant);
        }
    }

    private async Task<CallbackStatus> CallAsync(Notification claimed, CancellationToken cutOff)
    {
        var before = claimed.Status.Callback;
        if (claimed.CallbackUrl is null || before.Status is DeliveryStatus.Success or DeliveryStatus.Failure)
            return before;
        var (status, error) = await TryAsync(postCallback.RunAsync, claimed, cutOff);
        return new CallbackStatus(Now(), status, error);
    }

    private async Task<EmailStatus> MailAsync(Notification claimed, CancellationToken cutOff)
    {
        var before = claimed.Status.Email;
        if (claimed.EmailAddress is null || before.Status is DeliveryStatus.Success or DeliveryStatus.Failure)
            return before;
        var (status, error) = await TryAsync(sendMail.RunAsync, claimed, cutOff);
        return new EmailStatus(Now(), status, error);
    }

    private async Task<Delivery> TryAsync(
        Func<Notification, CancellationToken, Task<Delivery>> send, Notification claimed, CancellationToken cutOff)
    {
        try
        {
            var delivery = await send(claimed, cutOff);
            return delivery.Status == DeliveryStatus.Pending && claimed.Attempt >= options.Value.MaxAttempts
                ? Delivery.Failure($"{delivery.Error} Given up at attempt {claimed.Attempt}.")
                : delivery;
        }
        catch (Exception trouble) when (trouble is not OperationCanceledException) // the other way is still tried
        {
            log.LogError(trouble, "{Tenant}: a notification cannot be sent", claimed.Tenant);
            return Delivery.Failure($"Unexpected error {trouble.GetType().Name}; see the migrator's log.");
        }
    }

    private string Now() => NotificationStatus.TimeText(clock.GetLocalNow().DateTime);
}
