using MassTransit;
using Microsoft.Extensions.Options;
using Smarter.Core.Messages;
using Smarter.Loader.Batches;

namespace Smarter.Loader.Arrival;

/// <summary>
/// Orders the next step of loads that have begun, not ended, and lie still: the database remembers what the broker or a
/// killed process forgot. A load lies still when no worker holds it and it is in the same stage as at the look before;
/// at start every load that nobody holds does. Only a small portion is ordered at a time, because the broker may hold
/// the orders of the others already.
/// </summary>
internal sealed class ResumeLoads(
    Turns turns, Arrivals arrivals, IBus bus, IOptions<ArrivalOptions> options, TimeProvider clock,
    ILogger<ResumeLoads> log) : BackgroundService
{
    private const int OrdersAtOnce = 100;
    private const int StageOrdersAtOnce = 4; // any of them stands for whichever load's turn it is, and goes on

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        IReadOnlyList<IdleLoad>? before = null;
        using var pause = new PeriodicTimer(options.Value.ResumeInterval, clock);
        do
        {
            try
            {
                var idle = await turns.FindIdleAsync(stoppingToken);
                await ResumeAsync(before is null ? idle : [.. idle.Intersect(before)], stoppingToken);
                before = idle;
            }
            catch (Exception broken) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogError(broken, "Unfinished loads cannot be looked for now");
            }
        }
        while (await pause.WaitForNextTickAsync(stoppingToken));
    }

    private async Task ResumeAsync(IReadOnlyCollection<IdleLoad> still, CancellationToken stopping)
    {
        foreach (var load in still.Where(load => load.Stage == LoadStage.Arriving))
            await TryContinueAsync(load, stopping);
        foreach (var load in still.Where(load => load.Stage == LoadStage.Arrived).Take(StageOrdersAtOnce))
            await bus.Publish(new StageBatch(load.Id), stopping);
        foreach (var load in still.Where(load => load.Stage is LoadStage.Staged or LoadStage.Finishing)
            .Take(OrdersAtOnce))
            await bus.Publish(LoadStage.OrderFor(load.Stage, load.Id)!, stopping);
    }

    /// <summary>One file that cannot be taken over, whatever the reason, keeps no other from it.</summary>
    private async Task TryContinueAsync(IdleLoad load, CancellationToken stopping)
    {
        try
        {
            if (await arrivals.ContinueAsync(load, stopping) is { } next)
                await bus.Publish(next, stopping);
        }
        catch (Exception trouble) when (!stopping.IsCancellationRequested)
        {
            log.LogError(trouble, "Batch {BatchId} cannot be resumed now", load.Id);
        }
    }
}
