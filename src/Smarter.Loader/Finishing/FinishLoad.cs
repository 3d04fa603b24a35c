using Smarter.Core;
using Smarter.Database;
using Smarter.Loader.Arrival;
using Smarter.Loader.Batches;
using Smarter.Loader.Staging;

namespace Smarter.Loader.Finishing;

/// <summary>
/// Answers the submitter, keeps the delivered file in history, clears the work zone,
/// and only then hands the batch to the migrator.
/// Every part can be done again, so a killed loader finishes what it began.
/// </summary>
internal sealed class FinishLoad(
    Databases databases, LoadFiles files, UdlBatch audit, UdlStats stats, Submissions submissions, Receipts receipts,
    Zones zones, TimeProvider clock, ILogger<FinishLoad> log)
{
    /// <summary>Ends the load of a file in the stage <see cref="LoadStage.Finishing"/>.</summary>
    public async Task RunAsync(LoadFile file, CancellationToken cancellation)
    {
        var started = clock.GetUtcNow();
        await submissions.RecordFinishingAsync(file.Id, cancellation);
        if (file.Outcome == LoadOutcome.Failed)
            await BatchSchema.DropAsync(databases.Staging(file.Tenant), file.Id, cancellation);
        var receipt = await receipts.WriteAsync(file, cancellation);
        MoveToHistory(file);

        var now = clock.GetUtcNow();
        await audit.RecordAsync(file, file.LoadType, cancellation,
            new StageRecord(UdlPhase.PostEtl, started, now),
            new StageRecord(
                UdlPhase.Complete, new DateTimeOffset(file.ArrivedAt, TimeSpan.Zero), now, file.RowsLoaded ?? 0,
                Error: file.Outcome == LoadOutcome.Failed ? $"{file.FaultCode}: {file.FaultText}" : null));
        if (file.Outcome == LoadOutcome.Ingested)
            await stats.AddToNotificationAsync(
                file, new()
                {
                    ["total_rows_loaded"] = file.RowsLoaded,
                    ["udl_phase_step_status"] = "SUCCESS",
                    ["udl_phase"] = UdlPhase.Complete,
                }, cancellation);
        if (file.Outcome != LoadOutcome.Duplicate)
            await stats.RecordEndAsync(
                file, file.Outcome == LoadOutcome.Ingested ? LoadStatus.Ingested : LoadStatus.Failed,
                file.RowsLoaded ?? 0, cancellation);
        await submissions.RecordEndedAsync(file, receipt, cancellation);
        await files.RecordEndedAsync(file.Id, cancellation);
        log.LogInformation("{File} of {Tenant} ended {Outcome}: {Rows} rows loaded",
            file.FileName, file.Tenant, file.Outcome, file.RowsLoaded ?? 0);
    }

    private void MoveToHistory(LoadFile file)
    {
        var arrived = zones.Arrived(file);
        if (File.Exists(arrived))
        {
            Directory.CreateDirectory(zones.History(file));
            File.Move(arrived, Path.Combine(zones.History(file), file.FileName), overwrite: true);
        }
        if (Directory.Exists(zones.Work(file)))
            Directory.Delete(zones.Work(file), recursive: true);
    }
}
