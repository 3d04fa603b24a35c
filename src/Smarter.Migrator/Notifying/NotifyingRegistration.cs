using System.Net;
using Microsoft.Extensions.Options;
using Smarter.Hosting;

namespace Smarter.Migrator.Notifying;

internal static class NotifyingRegistration
{
    /// <summary>What tells submitters, and the checked section <c>Migrate:Notification</c>.</summary>
    public static IServiceCollection AddNotifying(this IServiceCollection services)
    {
        services.AddSettings<NotificationOptions>(NotificationOptions.Section);
        return services
            .AddSingleton(provider => new CallbackRules(
                provider.GetRequiredService<IOptions<NotificationOptions>>(), Dns.GetHostAddressesAsync))
            .AddSingleton<PostCallback>()
            .AddSingleton<SendMail>()
            .AddSingleton<NotificationQueue>()
            .AddSingleton<SendNotifications>();
    }

    /// <summary>Lets this process look for notifications that are due.</summary>
    public static IServiceCollection AddNotificationPoll(this IServiceCollection services) =>
        services.AddHostedService<NotificationPoll>();
}
