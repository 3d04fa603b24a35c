using Dapper;
using MassTransit;
using Microsoft.Extensions.Options;
using Smarter.Core;
using Smarter.Database;
using Smarter.Loader.Batches;

namespace Smarter.Loader.Arrival;

/// <summary>
/// Looks through the arrivals folders for complete files: a <c>.gpg</c> with a <c>.done</c>
/// that holds its MD5 (operations.md §3.5). One watcher works at a time, by a lock in <c>udl2</c>;
/// another one waits for its turn.
/// </summary>
internal sealed class ArrivalWatcher(
    Databases databases, Zones zones, Arrivals arrivals, IBus bus, IOptions<ArrivalOptions> options, TimeProvider clock,
    ILogger<ArrivalWatcher> log) : BackgroundService
{
    private const string Extension = ".gpg";
    private const string TryLock = "SELECT pg_try_advisory_lock(hashtextextended('smarter.arrival', 0))";

    private readonly HashSet<string> warnedOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Waiting> waiting = new(StringComparer.Ordinal);

    /// <summary>A file that was seen and not taken yet.</summary>
    /// <param name="Since">Of the clock that does not jump.</param>
    private sealed record Waiting(
        long Size, DateTime ChangedAt, DateTime? DoneChangedAt, long Since, string? Md5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var pause = new PeriodicTimer(options.Value.ScanInterval, clock);
        do
        {
            try
            {
                await WatchAsync(pause, stoppingToken);
            }
            catch (Exception broken) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogError(broken, "The arrivals cannot be watched now");
            }
        }
        while (await pause.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Looks again and again while this watcher holds the lock; returns when another one does.</summary>
    private async Task WatchAsync(PeriodicTimer pause, CancellationToken stopping)
    {
        await using var lockConnection = await databases.Udl.OpenConnectionAsync(stopping);
        if (!await lockConnection.ExecuteScalarAsync<bool>(TryLock))
            return;
        try
        {
            do
            {
                await lockConnection.ExecuteAsync("SELECT 1"); // a lost connection has lost the lock
                await ScanAsync(stopping);
            }
            while (await pause.WaitForNextTickAsync(stopping));
        }
        finally
        {
            if (lockConnection.FullState == System.Data.ConnectionState.Open)
                await lockConnection.ExecuteAsync("SELECT pg_advisory_unlock_all()");
        }
    }

    private async Task ScanAsync(CancellationToken stopping)
    {
        var present = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (tenant, file) in DeliveriesInTurn())
        {
            present.Add(file.FullName);
            await TryLookAtAsync(tenant, file, stopping);
        }
        WarnOfUnknownTenants();
        foreach (var gone in waiting.Keys.Where(path => !present.Contains(path)).ToArray())
            waiting.Remove(gone);
    }

    /// <summary>The first file of each tenant, then the second of each, and so on: nobody waits for another one's pile.
    /// </summary>
    private (Tenant Tenant, FileInfo File)[] DeliveriesInTurn() => databases.Tenants
        .Select(tenant => (Tenant: tenant, Folder: new DirectoryInfo(Path.Combine(zones.Arrivals, tenant.Name))))
        .Where(arrivals => arrivals.Folder.Exists)
        .SelectMany(arrivals => Deliveries(arrivals.Folder)
            .Select((file, place) => (arrivals.Tenant, File: file, Place: place)))
        .OrderBy(delivery => delivery.Place)
        .Select(delivery => (delivery.Tenant, delivery.File))
        .ToArray();

    /// <summary>A folder that is no tenant's is never loaded: say so, once.</summary>
    private void WarnOfUnknownTenants()
    {
        foreach (var folder in new DirectoryInfo(zones.Arrivals).EnumerateDirectories())
        {
            if (databases.FindTenant(folder.Name) is null && warnedOf.Add(folder.Name))
                log.LogWarning("{Folder} in arrivals belongs to no tenant; its files are not loaded", folder.Name);
        }
    }

    /// <summary>One file that cannot be judged, whatever the reason, keeps no other from it.</summary>
    private async Task TryLookAtAsync(Tenant tenant, FileInfo file, CancellationToken stopping)
    {
        try
        {
            await LookAtAsync(tenant, file, stopping);
        }
        catch (Exception trouble) when (!stopping.IsCancellationRequested)
        {
            log.LogError(trouble, "A file in arrivals of {Tenant} cannot be taken now", tenant.Name);
        }
    }

    /// <summary>Links are left alone. A pipe looks like an empty file; an empty file is never opened.</summary>
    private static FileInfo[] Deliveries(DirectoryInfo folder) =>
        folder.EnumerateFiles("*" + Extension, new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Device | FileAttributes.Hidden,
            IgnoreInaccessible = true,
        })
        .Where(file => file.Name[0] != '.')
        .OrderBy(file => file.FullName, StringComparer.Ordinal)
        .ToArray();

    private async Task LookAtAsync(Tenant tenant, FileInfo file, CancellationToken stopping)
    {
        var done = new DoneFile(file.FullName);
        var isDone = done.IsThere;
        var seen = Look(file, done);
        if (seen is null)
        {
            WarnOfLostBytes(tenant, file);
            return;
        }
        var md5 = seen.Md5;
        if (isDone && md5 is null)
        {
            md5 = await Md5Async(file, stopping);
            waiting[file.FullName] = seen with { Md5 = md5 };
        }
        if (isDone && await done.HoldsAsync(md5!, stopping))
        {
            await TakeAsync(tenant, file, md5!, null, stopping);
            return;
        }
        if (clock.GetElapsedTime(seen.Since) < options.Value.RejectAfter)
            return;
        await TakeAsync(tenant, file, md5 ?? await Md5Async(file, stopping), isDone
            ? new FileRejectedException(
                ErrorCode.ChecksumWrong, "The .done file does not hold the MD5 of the delivered file.")
            : new FileRejectedException(
                ErrorCode.ChecksumAbsent, "No .done file came with the delivered file."), stopping);
    }

    /// <summary>A file whose name is not UTF-8 is seen and never found: say so, once.</summary>
    private void WarnOfLostBytes(Tenant tenant, FileInfo file)
    {
        if (ShownName.HasLostBytes(file.FullName) && warnedOf.Add(file.FullName))
            log.LogWarning("{File} of {Tenant} is left alone in arrivals: its name is not UTF-8",
                ShownName.Of(file.Name), tenant.Name);
    }

    /// <returns>What is known of the file; its clock starts again whenever it or its checksum file changes.
    /// Null when it is gone.</returns>
    private Waiting? Look(FileInfo file, DoneFile done)
    {
        file.Refresh();
        if (!file.Exists)
            return null;
        var now = new Waiting(
            file.Length, file.LastWriteTimeUtc, done.ChangedAt, clock.GetTimestamp(), null);
        if (waiting.TryGetValue(file.FullName, out var before)
            && (before.Size, before.ChangedAt, before.DoneChangedAt) == (now.Size, now.ChangedAt, now.DoneChangedAt))
            return before;
        return waiting[file.FullName] = now;
    }

    private async Task TakeAsync(
        Tenant tenant, FileInfo file, string md5, FileRejectedException? fault, CancellationToken stopping)
    {
        if (await arrivals.TakeAsync(tenant, file, md5, fault, stopping) is not { } next)
            return;
        waiting.Remove(file.FullName);
        await bus.Publish(next, stopping);
    }

    private static async Task<string> Md5Async(FileInfo file, CancellationToken cancellation)
    {
        await using var content = file.Length > 0 ? file.OpenRead() : Stream.Null;
        return await Checksum.OfAsync(content, cancellation);
    }
}
