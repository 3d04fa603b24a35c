using MassTransit;
using Npgsql;
using Smarter.Core;
using Smarter.Core.Messages;
using Smarter.Database;

namespace Smarter.Loader.Batches;

/// <summary>
/// What the steps of a load have in common: one worker for a batch at a time, only in the stage that the step is for,
/// and a rejected file goes on to its end. The stage in the database decides;
/// a message that comes late or twice does nothing.
/// </summary>
internal sealed class LoadSteps(
    Databases databases, LoadFiles files, UdlBatch audit, UdlStats stats, TimeProvider clock, ILogger<LoadSteps> log)
{
    private const int AttemptsAtMost = 3;

    /// <param name="stage">The stage in which the step has work to do.</param>
    /// <param name="step">The work; it moves the stage on and returns the next order, or null at the end.</param>
    public async Task RunAsync(
        ConsumeContext context, Guid batchId, string stage, Func<LoadFile, CancellationToken, Task<object?>> step)
    {
        using var scope = log.BeginScope(new Dictionary<string, object> { ["BatchId"] = batchId });
        // Ordered only after the claim is given back: the next worker would find it taken and do nothing.
        if (await ClaimAndRunAsync(batchId, stage, step, context.CancellationToken) is { } next)
            await context.Publish(next, context.CancellationToken);
    }

    private async Task<object?> ClaimAndRunAsync(
        Guid batchId, string stage, Func<LoadFile, CancellationToken, Task<object?>> step,
        CancellationToken cancellation)
    {
        await using var claim = await BatchClaim.TryTakeAsync(databases, batchId, cancellation);
        if (claim is null || await files.FindAsync(batchId, cancellation) is not { } file || file.Stage != stage)
        {
            log.LogInformation("Nothing to do in stage {Stage}", stage);
            return null;
        }
        var started = clock.GetUtcNow();
        try
        {
            return await step(file, cancellation);
        }
        catch (FileRejectedException fault)
        {
            log.LogWarning("{File} of {Tenant} is rejected with {Code}: {Reason}",
                file.FileName, file.Tenant, (int)fault.Code, fault.Reason);
            await RejectAsync(file, fault, started, cancellation);
            return new FinishBatch(file.Id);
        }
        catch (Exception trouble) when (IsOfTheWorld(trouble))
        {
            // The slot is free for other files; ResumeLoads orders this one again.
            log.LogError(trouble, "Stage {Stage} is tried again later", stage);
            return null;
        }
        catch (Exception unforeseen) when (unforeseen is not OperationCanceledException)
        {
            log.LogError(unforeseen, "Stage {Stage} failed", stage);
            return await ParkAsync(file, unforeseen, started, cancellation);
        }
    }

    /// <summary>A file that fails again and again is rejected, so that it has an end and a receipt.</summary>
    /// <returns>The next order; null when its end itself fails, which only an operator can mend.</returns>
    private async Task<object?> ParkAsync(
        LoadFile file, Exception unforeseen, DateTimeOffset started, CancellationToken cancellation)
    {
        if (file.Stage == LoadStage.Finishing)
            return null;
        if (await files.CountAttemptAsync(file.Id, cancellation) < AttemptsAtMost)
            return LoadStage.OrderFor(file.Stage, file.Id);
        var fault = new FileRejectedException(ErrorCode.CannotBeProcessed,
            $"The loader failed {AttemptsAtMost} times ({unforeseen.GetType().Name}); its log says why.");
        await RejectAsync(file, fault, started, cancellation);
        return new FinishBatch(file.Id);
    }

    /// <summary>A disk, a network, a server that is away or full: no fault of the file, and it passes.</summary>
    private static bool IsOfTheWorld(Exception trouble) => trouble switch
    {
        PostgresException refused =>
            refused.IsTransient || refused.SqlState[..2] is "08" or "40" or "53" or "57" or "58",
        NpgsqlException or IOException or UnauthorizedAccessException or TimeoutException => true,
        _ => false,
    };

    /// <summary>Writes down why a file is rejected; its end is then to do.</summary>
    public async Task RejectAsync(
        LoadFile file, FileRejectedException fault, DateTimeOffset started, CancellationToken cancellation)
    {
        await ErrList.ReplaceFileErrorAsync(databases.Udl, file, fault, cancellation);
        await audit.RecordAsync(file, null, cancellation,
            new StageRecord(UdlPhase.ThatFinds(fault.Code), started, clock.GetUtcNow(),
                Error: fault.Message, StackTrace: fault.StackTrace));
        await stats.AddToNotificationAsync(file,
            new() { ["udl_phase_step_status"] = "FAILURE", ["error_desc"] = fault.Message }, cancellation);
        await files.RecordRejectedAsync(file.Id, fault, cancellation);
    }
}
