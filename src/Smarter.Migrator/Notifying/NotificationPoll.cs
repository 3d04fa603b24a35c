using Microsoft.Extensions.Options;
using Npgsql;

namespace Smarter.Migrator.Notifying;

/// <summary>Looks for notifications that are due. Nothing of it touches a migration.</summary>
internal sealed class NotificationPoll(
    SendNotifications sendNotifications, IOptions<NotificationOptions> options, TimeProvider time,
    ILogger<NotificationPoll> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.PollInterval, time);
        do
        {
            try
            {
                await sendNotifications.RunAsync(stoppingToken);
            }
            catch (NpgsqlException trouble)
            {
                log.LogError(trouble, "Notifications cannot be looked for now; it goes on trying");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
