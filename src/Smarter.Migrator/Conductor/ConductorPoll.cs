using MassTransit;
using Microsoft.Extensions.Options;
using Npgsql;
using Smarter.Core.Messages;
using Smarter.Database;
using Smarter.Migrator.Batches;

namespace Smarter.Migrator.Conductor;

/// <summary>
/// Looks for batches that wait in <c>udl_stats</c> and orders the migration of their tenants. The table is the truth:
/// an order that the broker loses is given again.
/// </summary>
internal sealed class ConductorPoll(
    Databases databases, UdlStats udlStats, TenantsUnderWay underWay, IBus bus,
    IOptions<ConductorOptions> options, TimeProvider time, ILogger<ConductorPoll> log) : BackgroundService
{
    private static readonly Uri Queue = new("queue:migrate-tenant");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.PollInterval, time);
        do
        {
            try
            {
                await OrderAsync(stoppingToken);
            }
            catch (Exception trouble) when (trouble is NpgsqlException or RabbitMqConnectionException)
            {
                log.LogError(trouble, "The conductor cannot look for batches or order their migration; it goes on trying");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task OrderAsync(CancellationToken cancellation)
    {
        var tenants = databases.Tenants.Select(tenant => tenant.Name).ToArray();
        foreach (var tenant in await udlStats.WaitingTenantsAsync(tenants, cancellation))
        {
            if (!underWay.TryOrder(tenant))
                continue;
            var migrator = await bus.GetSendEndpoint(Queue);
            await migrator.Send(new MigrateTenant(tenant), cancellation);
        }
    }
}
