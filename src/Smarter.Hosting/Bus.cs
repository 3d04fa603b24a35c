using System.ComponentModel.DataAnnotations;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Smarter.Hosting;

/// <summary>The RabbitMQ node or cluster; the virtual host is fixed by the process (architecture.md §1).</summary>
public sealed class BusOptions
{
    public const string Section = "Bus";

    /// <summary>Host name or address.</summary>
    [Required]
    public required string Host { get; init; }

    /// <summary>TCP port; default 5672.</summary>
    [Range(1, 65535)]
    public int Port { get; init; } = 5672;

    [Required]
    public required string User { get; init; }

    [Required]
    public required string Password { get; init; }
}

public static class Bus
{
    /// <summary>
    /// Connects to <paramref name="virtualHost"/>, registers the consumers and gives each its queue, named after the
    /// consumer in kebab case. Messages and queues are durable; a message is acknowledged after its consumer returned.
    /// </summary>
    public static WebApplicationBuilder AddBus(
        this WebApplicationBuilder builder, string virtualHost, Action<IBusRegistrationConfigurator>? consumers = null)
    {
        builder.Services.AddSettings<BusOptions>(BusOptions.Section);
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.SetKebabCaseEndpointNameFormatter();
            consumers?.Invoke(bus);
            bus.UsingRabbitMq((context, rabbit) =>
            {
                var options = context.GetRequiredService<IOptions<BusOptions>>().Value;
                rabbit.Host(options.Host, (ushort)options.Port, virtualHost, host =>
                {
                    host.Username(options.User);
                    host.Password(options.Password);
                });
                rabbit.ConfigureEndpoints(context);
            });
        });
        return builder;
    }
}
