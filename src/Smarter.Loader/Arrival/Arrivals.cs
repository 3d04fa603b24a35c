using System.Globalization;
using Smarter.Core;
using Smarter.Core.Messages;
using Smarter.Database;
using Smarter.Loader.Batches;

namespace Smarter.Loader.Arrival;

/// <summary>Takes a delivered file over: writes it down first, then moves it to the work zone,
/// so that a crash in between is seen and mended (<see cref="ContinueAsync(IdleLoad, CancellationToken)"/>).</summary>
internal sealed class Arrivals(
    Databases databases, LoadFiles files, SameFiles sameFiles, Turns turns, UdlBatch audit, UdlStats stats,
    Submissions submissions, LoadSteps steps, Zones zones, TimeProvider clock, ILogger<Arrivals> log)
{
    /// <param name="md5">MD5 of the file, lower-case hex.</param>
    /// <param name="fault">Why the file is rejected unseen; null when it is to be loaded.</param>
    /// <returns>The order to publish; null when another watcher has taken the file, when the same bytes are just
    /// being loaded (the answer is then that load's, and the file waits for it), or when the work zone has no place
    /// for it yet.</returns>
    public async Task<object?> TakeAsync(
        Tenant tenant, FileInfo file, string md5, FileRejectedException? fault, CancellationToken cancellation)
    {
        var same = fault is null ? await sameFiles.FindAsync(tenant.Name, md5, cancellation) : null;
        if (same is { HasEnded: false })
            return null;
        var below = Path.GetRelativePath(Path.Combine(zones.Arrivals, tenant.Name), file.FullName)
            .Split(Path.DirectorySeparatorChar);
        var load = NewLoad(tenant.Name, below.Length > 1 ? below[0] : "", file, md5) with
        {
            Outcome = same is null ? null : LoadOutcome.Duplicate,
            FaultCode = (int?)fault?.Code,
            FaultText = fault?.Reason,
            DuplicateOf = same?.Id,
        };
        return await RegisterAsync(load, cancellation);
    }

    /// <summary>Loads a delivered file that was answered before, as a batch of its own, whatever bytes it
    /// has.</summary>
    /// <param name="answered">Its load has ended; its file is moved from there.</param>
    /// <returns>The new batch; null when the file does not lie in history any more.</returns>
    public async Task<Guid?> ForceAsync(LoadFile answered, CancellationToken cancellation)
    {
        var file = new FileInfo(Path.Combine(zones.History(answered), answered.FileName));
        if (!file.Exists)
            return null;
        var load = NewLoad(answered.Tenant, answered.Submitter, file, answered.Md5);
        await RegisterAsync(load, cancellation);
        if (!Directory.EnumerateFileSystemEntries(zones.History(answered)).Any())
            Directory.Delete(zones.History(answered));
        return load.Id;
    }

    /// <summary>Finishes the take-over of a file that is written down, from wherever it was interrupted.</summary>
    /// <returns>The order to publish next; null when a worker holds the load, or when it has no place yet.</returns>
    public async Task<object?> ContinueAsync(IdleLoad idle, CancellationToken cancellation)
    {
        await using var claim = await BatchClaim.TryTakeAsync(databases, idle.Id, cancellation);
        return claim is not null
            && await files.FindAsync(idle.Id, cancellation) is { Stage: LoadStage.Arriving } load
                ? await TryContinueAsync(load, cancellation)
                : null;
    }

    private LoadFile NewLoad(string tenant, string submitter, FileInfo file, string md5)
    {
        var id = Guid.NewGuid();
        var arrivedAt = clock.GetUtcNow().UtcDateTime;
        return new LoadFile(
            id, tenant, submitter, file.Name, file.FullName,
            WorkFolder: $"{arrivedAt.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture)}_{id}",
            md5, file.Length, arrivedAt, LoadStage.Arriving, Outcome: null, FaultCode: null, FaultText: null,
            DuplicateOf: null, RowsReceived: null, RowsLoaded: null, RowsRejected: null, RowsSuperseded: null);
    }

    /// <summary>The claim comes before the row: whoever finds the row alone knows that its maker is gone.</summary>
    private async Task<object?> RegisterAsync(LoadFile load, CancellationToken cancellation)
    {
        await using var claim = await BatchClaim.TryTakeAsync(databases, load.Id, cancellation);
        return await files.RegisterAsync(load, cancellation) ? await TryContinueAsync(load, cancellation) : null;
    }

    private async Task<object?> TryContinueAsync(LoadFile load, CancellationToken cancellation)
    {
        try
        {
            var next = await ContinueAsync(load, cancellation);
            await turns.EndAsync(load.Id);
            return next;
        }
        catch (Exception trouble) when (WorldTrouble.CauseOf(trouble) is { } cause)
        {
            log.LogError(trouble, "Batch {BatchId} cannot be taken over now: {Cause}", load.Id, cause);
            await turns.DelayAsync(load.Id, cause);
            return null;
        }
    }

    private async Task<object?> ContinueAsync(LoadFile load, CancellationToken cancellation)
    {
        var started = clock.GetUtcNow();
        await submissions.RecordArrivedAsync(load, cancellation);
        await MoveAsync(load, cancellation);
        if (load.Outcome == LoadOutcome.Duplicate)
        {
            await files.MoveOnAsync(load.Id, LoadStage.Arriving, LoadStage.Finishing, cancellation);
            return new FinishBatch(load.Id);
        }
        if (load.FaultCode is { } code)
        {
            var fault = new FileRejectedException((ErrorCode)code, load.FaultText!);
            await steps.RejectAsync(load, fault, started, cancellation);
            return new FinishBatch(load.Id);
        }
        await audit.RecordAsync(load, null, cancellation,
            new StageRecord(UdlPhase.FileArrived, started, clock.GetUtcNow(), InputFile: load.SourcePath));
        await files.MoveOnAsync(load.Id, LoadStage.Arriving, LoadStage.Arrived, cancellation);
        return new StageBatch(load.Id);
    }

    private async Task MoveAsync(LoadFile load, CancellationToken cancellation)
    {
        if (load.Outcome != LoadOutcome.Duplicate)
            await stats.RecordReceivedAsync(load, cancellation);
        var arrived = zones.Arrived(load);
        Directory.CreateDirectory(Path.GetDirectoryName(arrived)!);
        if (File.Exists(load.SourcePath) && !File.Exists(arrived))
            File.Move(load.SourcePath, arrived);
        await RemoveDoneAsync(load, cancellation);
    }

    /// <summary>Removes the checksum of this file, and not one that a newer file of the same name came with.</summary>
    private static async Task RemoveDoneAsync(LoadFile load, CancellationToken cancellation)
    {
        var done = new DoneFile(load.SourcePath);
        if (!File.Exists(load.SourcePath) && done.IsThere
            && (load.FaultCode is not null || await done.HoldsAsync(load.Md5, cancellation)))
            done.Remove();
    }
}
