using MassTransit;
using Microsoft.Extensions.Options;
using Npgsql;
using Smarter.Database;
using Smarter.Loader.Batches;

namespace Smarter.Loader.Arrival;

/// <summary>Orders the next step of every load that has begun and not ended, at start and from time to time:
/// the database remembers what the broker or a killed process forgot.
/// A load that is under way ignores the order.</summary>
internal sealed class ResumeLoads(
    Databases databases, LoadFiles files, Arrivals arrivals, IBus bus, IOptions<ArrivalOptions> options,
    TimeProvider clock, ILogger<ResumeLoads> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var pause = new PeriodicTimer(options.Value.ResumeInterval, clock);
        do
        {
            try
            {
                foreach (var file in await files.FindUnfinishedAsync(stoppingToken))
                    await TryResumeAsync(file, stoppingToken);
            }
            catch (Exception broken) when (broken is NpgsqlException or TimeoutException)
            {
                log.LogError(broken, "Unfinished loads cannot be looked for now");
            }
        }
        while (await pause.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>One file that cannot be resumed, whatever the reason, keeps no other from it.</summary>
    private async Task TryResumeAsync(LoadFile file, CancellationToken cancellation)
    {
        try
        {
            var order = file.Stage == LoadStage.Arriving
                ? await ContinueAsync(file, cancellation)
                : LoadStage.OrderFor(file.Stage, file.Id);
            if (order is not null)
                await bus.Publish(order, cancellation);
        }
        catch (Exception trouble) when (trouble is not OperationCanceledException)
        {
            log.LogError(trouble, "Batch {BatchId} cannot be resumed now", file.Id);
        }
    }

    /// <summary>A file is only a moment in this stage:
    /// one that is older was interrupted, and nobody else works on it.</summary>
    private async Task<object?> ContinueAsync(LoadFile file, CancellationToken cancellation)
    {
        if (clock.GetUtcNow().UtcDateTime - file.ArrivedAt < TimeSpan.FromSeconds(10))
            return null;
        await using var claim = await BatchClaim.TryTakeAsync(databases, file.Id, cancellation);
        return claim is null ? null : await arrivals.ContinueAsync(file, cancellation);
    }
}
