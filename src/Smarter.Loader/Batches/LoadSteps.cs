using MassTransit;
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
    }

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
