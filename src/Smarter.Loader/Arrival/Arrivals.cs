using System.Globalization;
using Smarter.Core;
using Smarter.Core.Messages;
using Smarter.Loader.Batches;

namespace Smarter.Loader.Arrival;

/// <summary>Takes a delivered file over: writes it down first, then moves it to the work zone,
/// so that a crash in between is seen and mended (<see cref="ContinueAsync"/>).</summary>
internal sealed class Arrivals(
    LoadFiles files, UdlBatch audit, UdlStats stats, Submissions submissions, LoadSteps steps, Zones zones,
    TimeProvider clock)
{
    /// <param name="md5">MD5 of the file, lower-case hex.</param>
    /// <param name="fault">Why the file is rejected unseen; null when it is to be loaded.</param>
    /// <returns>The order to publish; null when another watcher has taken the file, or when the same bytes are just
    /// being loaded: the answer is then that load's, and the file waits for it.</returns>
    public async Task<object?> TakeAsync(
        Tenant tenant, FileInfo file, string md5, FileRejectedException? fault, CancellationToken cancellation)
    {
        var same = fault is null ? await files.FindSameAsync(tenant.Name, md5, cancellation) : null;
        if (same is { HasEnded: false })
            return null;
        var id = Guid.NewGuid();
        var arrivedAt = clock.GetUtcNow().UtcDateTime;
        var below = Path.GetRelativePath(Path.Combine(zones.Arrivals, tenant.Name), file.FullName)
            .Split(Path.DirectorySeparatorChar);
        var load = new LoadFile(
            id, tenant.Name, Submitter: below.Length > 1 ? below[0] : "", file.Name, file.FullName,
            WorkFolder: $"{arrivedAt.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture)}_{id}",
            md5, file.Length, arrivedAt, LoadStage.Arriving, same is null ? null : LoadOutcome.Duplicate,
            (int?)fault?.Code, fault?.Reason, same?.GuidBatch,
            RowsReceived: null, RowsLoaded: null, RowsRejected: null, RowsSuperseded: null);
        return await files.RegisterAsync(load, cancellation) ? await ContinueAsync(load, cancellation) : null;
    }

    /// <summary>Finishes the take-over of a file that is written down, from wherever it was interrupted.</summary>
    /// <returns>The order to publish next.</returns>
    public async Task<object> ContinueAsync(LoadFile load, CancellationToken cancellation)
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
        var done = load.SourcePath + ".done";
        if (!File.Exists(load.SourcePath) && File.Exists(done)) // else it belongs to a newer file of the same name
            File.Delete(done);
    }
}
