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
    Databases databases, LoadFiles files, Turns turns, UdlBatch audit, UdlStats stats,
    IHostApplicationLifetime lifetime, TimeProvider clock, ILoggerFactory logs, ILogger<LoadSteps> log) : IDisposable
{
    private const int AttemptsAtMost = 3;

    /// <summary>A load whose last attempt did not end may have killed its process: such loads run one after the other,
    /// so that one is not blamed for another.</summary>
    private readonly SemaphoreSlim suspects = new(1);

    /// <summary>Runs a step on one batch.</summary>
    /// <param name="stage">The stage in which the step has work to do.</param>
    /// <param name="step">The work; it moves the stage on and returns the next order, or null at the end.</param>
    public async Task RunAsync(
        ConsumeContext context, Guid batchId, string stage, Func<LoadFile, CancellationToken, Task<object?>> step)
    {
        using var stop = StopOf(context);
        // Ordered only after the claim is given back: the next worker would find it taken and do nothing.
        var (wasRun, next) = await TryRunAsync(batchId, stage, step, stop.Token);
        if (next is not null)
            await context.Publish(next, context.CancellationToken);
        if (!wasRun)
            log.LogInformation("Nothing to do for batch {BatchId} in stage {Stage}", batchId, stage);
    }

    /// <summary>Runs a step on the batch whose turn it is; each order stands for one of those that wait.</summary>
    /// <param name="step">The work, in the stage <see cref="LoadStage.Arrived"/>; it moves the stage on and returns the
    /// next order.</param>
    public async Task RunNextAsync(ConsumeContext context, Func<LoadFile, CancellationToken, Task<object?>> step)
    {
        using var stop = StopOf(context);
        foreach (var id in await FindNextAsync(stop.Token))
        {
            var (wasRun, next) = await TryRunAsync(id, LoadStage.Arrived, step, stop.Token);
            if (!wasRun)
                continue;
            if (next is not null)
                await context.Publish(next, context.CancellationToken);
            // Whoever has worked looks for more: a lost order costs nothing while others come.
            if (next is not StageBatch)
                await context.Publish(new StageBatch(id), context.CancellationToken);
            return;
        }
    }

    private async Task<IReadOnlyList<Guid>> FindNextAsync(CancellationToken cancellation)
    {
        try
        {
            return await turns.FindNextAsync(cancellation);
        }
        catch (Exception trouble) when (WorldTrouble.CauseOf(trouble) is not null)
        {
            log.LogError(trouble, "The next load cannot be looked for now");
            return [];
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return [];
        }
    }

    /// <returns>Whether the step was run, well or not, and the next order, if there is one.</returns>
    private async Task<(bool WasRun, object? Next)> TryRunAsync(
        Guid batchId, string stage, Func<LoadFile, CancellationToken, Task<object?>> step,
        CancellationToken cancellation)
    {
        using var scope = log.BeginScope(new Dictionary<string, object> { ["BatchId"] = batchId });
        try
        {
            await using var claim = await BatchClaim.TryTakeAsync(databases, batchId, cancellation);
            if (claim is null || await files.FindAsync(batchId, cancellation) is not { } file || file.Stage != stage)
                return (false, null);
            var attempt = await turns.BeginAsync(batchId, cancellation);
            if (attempt == 1)
                return (true, await AttemptAsync(file, attempt, step, cancellation));
            if (!await suspects.WaitAsync(TimeSpan.Zero, cancellation))
            {
                await turns.TakeBackAsync(batchId);
                return (false, null);
            }
            try
            {
                return (true, await AttemptAsync(file, attempt, step, cancellation));
            }
            finally
            {
                suspects.Release();
            }
        }
        catch (Exception trouble) when (WorldTrouble.CauseOf(trouble) is not null)
        {
            log.LogError(trouble, "Stage {Stage} is tried again later", stage);
            return (true, null);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return (true, null);
        }
    }

    private async Task<object?> AttemptAsync(
        LoadFile file, int attempt, Func<LoadFile, CancellationToken, Task<object?>> step,
        CancellationToken cancellation)
    {
        var started = clock.GetUtcNow();
        try
        {
            if (attempt > AttemptsAtMost)
                return await ParkAsync(file, null, started, cancellation);
            var next = await step(file, cancellation);
            await turns.EndAsync(file.Id);
            return next;
        }
        catch (FileRejectedException fault)
        {
            LogOf(fault).LogWarning("{File} of {Tenant} is rejected with {Code}: {Reason}",
                file.FileName, file.Tenant, (int)fault.Code, fault.Reason);
            await RejectAsync(file, fault, started, cancellation);
            await turns.EndAsync(file.Id);
            return new FinishBatch(file.Id);
        }
        catch (Exception trouble) when (WorldTrouble.CauseOf(trouble) is { } cause)
        {
            // The slot is free for other files; ResumeLoads orders this one again.
            log.LogError(trouble, "Stage {Stage} is tried again later: {Cause}", file.Stage, cause);
            await turns.TakeBackAsync(file.Id);
            await turns.DelayAsync(file.Id, cause);
            return null;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            log.LogInformation("Stage {Stage} is given up, because the loader stops", file.Stage);
            await turns.TakeBackAsync(file.Id);
            return null;
        }
        catch (Exception unforeseen)
        {
            log.LogError(unforeseen, "Stage {Stage} failed in attempt {Attempt}", file.Stage, attempt);
            return attempt < AttemptsAtMost
                ? LoadStage.OrderFor(file.Stage, file.Id)
                : await ParkAsync(file, unforeseen, started, cancellation);
        }
    }

    /// <summary>A file that fails again and again is rejected, so that it has an end and a receipt.</summary>
    /// <param name="unforeseen">Why it failed last; null when its process ended each time.</param>
    /// <returns>The next order; null when its end itself fails, which only an operator can mend.</returns>
    private async Task<object?> ParkAsync(
        LoadFile file, Exception? unforeseen, DateTimeOffset started, CancellationToken cancellation)
    {
        var reason = unforeseen is null
            ? $"The loader ended {AttemptsAtMost} times while it worked on this file (stage {file.Stage})."
            : $"The loader failed {AttemptsAtMost} times ({unforeseen.GetType().Name}); its log says why.";
        log.LogError("Batch {BatchId} is parked: {Reason}", file.Id, reason);
        if (file.Stage == LoadStage.Finishing)
        {
            await turns.DelayAsync(file.Id, $"Parked for the operator. {reason}");
            return null;
        }
        var fault = new FileRejectedException(ErrorCode.CannotBeProcessed, reason);
        await RejectAsync(file, fault, started, cancellation, unforeseen?.StackTrace);
        await turns.EndAsync(file.Id);
        return new FinishBatch(file.Id);
    }

    /// <summary>Writes down why a file is rejected; its end is then to do.</summary>
    /// <param name="stack">Where it failed; null to take the fault's own.</param>
    public async Task RejectAsync(
        LoadFile file, FileRejectedException fault, DateTimeOffset started, CancellationToken cancellation,
        string? stack = null)
    {
        await ErrList.ReplaceFileErrorAsync(databases.Udl, file, fault, cancellation);
        await audit.RecordAsync(file, null, cancellation,
            new StageRecord(UdlPhase.ThatFinds(fault.Code), started, clock.GetUtcNow(),
                Error: fault.Message, StackTrace: stack ?? fault.StackTrace));
        await stats.AddToNotificationAsync(file,
            new() { ["udl_phase_step_status"] = "FAILURE", ["error_desc"] = fault.Message }, cancellation);
        await files.RecordRejectedAsync(file.Id, fault, cancellation);
    }

    /// <summary>Who signed what, or did not, belongs to the security events, with the fingerprint in the
    /// reason.</summary>
    private ILogger LogOf(FileRejectedException fault) =>
        fault.Code is >= ErrorCode.NotSigned and <= ErrorCode.SignatureExpired
            ? logs.CreateLogger("security_event")
            : log;

    public void Dispose() => suspects.Dispose();

    /// <summary>A stop of the process ends a step at once: it is done anew, which is quicker than to wait for
    /// it.</summary>
    private CancellationTokenSource StopOf(ConsumeContext context) =>
        CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
}
