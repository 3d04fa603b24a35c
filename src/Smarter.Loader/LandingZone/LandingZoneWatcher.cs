using Microsoft.Extensions.Options;
using Smarter.Loader.Locking;

namespace Smarter.Loader.LandingZone;

/// <summary>
/// Watches the drop folders and hands on what is complete (operations.md §3.3): a file that stays unchanged for
/// <see cref="SftpOptions.FileStatWatchPeriod"/>, together with its checksum file. The checksum itself is the loader's
/// to judge.
/// </summary>
internal sealed class LandingZoneWatcher(
    DropFolders folders, Handover handover, RemoteUpload remote, SoleWorker soleWorker, IOptions<SftpOptions> settings,
    TimeProvider clock, ILogger<LandingZoneWatcher> log) : BackgroundService
{
    private readonly SftpOptions options = settings.Value;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        soleWorker.RepeatAsync("landing-zone", () => options.FileSystemScanDelay, RunAsync, stoppingToken);

    /// <summary>One round: look, wait, look again, move.</summary>
    private async Task RunAsync(CancellationToken stopping)
    {
        var files = await FindStableAsync(stopping);
        var withDone = files.Where(file => file.IsDone).Select(file => file.SourcePath)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var file in files.Where(file => !withDone.Contains(file.SourcePath)).ToArray())
            await TryAsync(file, () => WriteDoneAsync(file, files, stopping));
        // By length: a file before its checksum file.
        foreach (var file in files.OrderBy(file => file.Path.Length).ThenBy(file => file.Path, StringComparer.Ordinal))
            await TryAsync(file, () => Task.FromResult(handover.TryMove(file)));
        if (options.FileMoveType == FileMoveType.Sftp)
            await remote.SendAsync(stopping);
    }

    /// <returns>The files that did not change while they were watched; a file that did takes its pair with
    /// it.</returns>
    private async Task<List<DroppedFile>> FindStableAsync(CancellationToken stopping)
    {
        var files = folders.Look();
        var began = clock.GetTimestamp();
        while (files.Count > 0 && clock.GetElapsedTime(began) < options.FileStatWatchPeriod)
        {
            await Task.Delay(options.FileStatWatchInterval, clock, stopping);
            var now = folders.Look();
            var changed = files.Values.Where(file => now.GetValueOrDefault(file.Path) != file)
                .Select(file => file.SourcePath)
                .ToHashSet(StringComparer.Ordinal);
            files = files.Where(file => !changed.Contains(file.Value.SourcePath)).ToDictionary(StringComparer.Ordinal);
        }
        return [.. files.Values];
    }

    /// <summary>Writes the missing checksum file and moves it along; where one has come meanwhile, the pair waits for
    /// the next round.</summary>
    private async Task<bool> WriteDoneAsync(DroppedFile file, List<DroppedFile> files, CancellationToken stopping)
    {
        files.Remove(file);
        if (!await handover.WriteDoneAsync(file, stopping))
            return false;
        files.Add(file);
        files.Add(file with { Name = file.DoneName });
        return true;
    }

    /// <summary>One file that cannot be handed on, whatever the reason, keeps no other from it.</summary>
    private async Task TryAsync(DroppedFile file, Func<Task<bool>> step)
    {
        try
        {
            if (await step() && file.IsDone)
                log.LogInformation("{File} was handed on with its checksum file", file.SourcePath);
        }
        catch (Exception trouble) when (trouble is not OperationCanceledException)
        {
            log.LogError(trouble, "{File} cannot be handed on now", file.Path);
        }
    }
}
