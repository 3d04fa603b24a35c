using System.Globalization;

namespace Smarter.Loader.Grabbing;

/// <summary>
/// Brings the pairs of one source into arrivals: copy, deliver, archive, and only then remove at the source
/// (operations.md §3.4 with its defect mended). Killed at any point, the next run goes on where it was: a file is at
/// the source until it is in arrivals, and a mark says that it is there.
/// </summary>
/// <remarks>
/// Below <c>grabbing/&lt;source&gt;</c> of the landing zone, on the file system of arrivals: <c>copies</c>, what rsync
/// brought, kept until it is removed at the source; <c>outgoing</c>, copies of these on their way into arrivals;
/// <c>delivered</c>, a mark for each pair, with the sizes and times of what was delivered. The mark is written before
/// the pair is moved: a pair with a mark that is still in <c>outgoing</c> has not arrived, any other has.
/// <c>archived</c>, such a mark for each pair that is in the archive, and may yet be at the source.
/// </remarks>
internal sealed class Grab(
    string name, GrabberOptions source, string landing, TimeProvider clock, ILogger log)
{
    private readonly RemoteFolder remote = new(source);
    private readonly string arrivals = Path.Combine(landing, "arrivals");
    private readonly string copies = Path.Combine(landing, "grabbing", name, "copies");
    private readonly string outgoing = Path.Combine(landing, "grabbing", name, "outgoing");
    private readonly string delivered = Path.Combine(landing, "grabbing", name, "delivered");
    private readonly string archived = Path.Combine(landing, "grabbing", name, "archived");
    private HashSet<string> lonely = new(StringComparer.Ordinal);

    /// <summary>One run. A source that does not answer keeps nothing from being delivered that was copied
    /// before.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var folder in new[] { copies, outgoing, delivered, archived })
            Directory.CreateDirectory(
                folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var isReachable = await TryCopyAsync(cancellation);
        foreach (var file in Pairs())
            await TryAsync(file, () => DeliverAsync(file, cancellation));
        if (isReachable)
            await RemoveAsync(cancellation);
    }

    private async Task<bool> TryCopyAsync(CancellationToken cancellation)
    {
        try
        {
            if (await remote.CopyToAsync(copies, cancellation) is { } trouble)
                log.LogWarning("Some files of {Source} cannot be copied now: {Reason}", name, trouble);
            return true;
        }
        catch (RsyncException broken)
        {
            log.LogError("{Source} cannot be reached now: {Reason}", name, broken.Message);
            return false;
        }
    }

    /// <summary>The files in <c>copies</c> that have their checksum file beside them, by their path below. A file that
    /// has none, in two runs, is told of once.</summary>
    private string[] Pairs()
    {
        var all = Directory.EnumerateFiles(copies, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(copies, file))
            .ToHashSet(StringComparer.Ordinal);
        var alone = all.Where(file => !all.Contains(file + ".done") && !IsDoneOf(file, all)).ToHashSet();
        foreach (var file in alone.Where(file => lonely.Contains(file)))
            log.LogWarning("{File} of {Source} waits for its pair", file, name);
        lonely = alone;
        return [.. all.Where(file => all.Contains(file + ".done")).Order(StringComparer.Ordinal)];
    }

    private static bool IsDoneOf(string file, HashSet<string> all) =>
        file.EndsWith(".done", StringComparison.Ordinal) && all.Contains(file[..^".done".Length]);

    private async Task DeliverAsync(string file, CancellationToken cancellation)
    {
        var done = file + ".done";
        if (IsDelivered(file))
        {
            MoveIn(file); // where a run was cut off
            MoveIn(done);
            return;
        }
        if (File.Exists(In(arrivals, file)) || File.Exists(In(arrivals, done)))
            return; // the loader has not taken the last one of this name
        await CopyAsync(In(copies, file), In(outgoing, file), cancellation);
        await CopyAsync(In(copies, done), In(outgoing, done), cancellation);
        await MarkAsync(delivered, file, cancellation);
        MoveIn(file);
        MoveIn(done);
        log.LogInformation("{File} of {Source} was delivered to arrivals", file, name);
    }

    private void MoveIn(string file)
    {
        if (!File.Exists(In(outgoing, file)))
            return;
        var target = In(arrivals, file);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Move(In(outgoing, file), target, overwrite: false);
    }

    /// <summary>Archives what was delivered, and removes it at the source and here. What cannot be archived stays
    /// everywhere until it can.</summary>
    private async Task RemoveAsync(CancellationToken cancellation)
    {
        var minute = clock.GetUtcNow().ToString("yyyyMMddHHmm", CultureInfo.InvariantCulture);
        var finished = new List<string>();
        foreach (var file in Pairs().Where(file => IsDelivered(file) && !File.Exists(In(outgoing, file + ".done"))))
            await TryAsync(file, async () =>
            {
                if (!IsMarked(archived, file))
                {
                    await ArchiveAsync(file, minute, cancellation);
                    await ArchiveAsync(file + ".done", minute, cancellation);
                    await MarkAsync(archived, file, cancellation);
                }
                finished.Add(file);
            });
        if (finished.Count == 0)
            return;
        if (await remote.RemoveAsync(finished.SelectMany(Both), copies, cancellation) is not { } trouble)
        {
            finished.ForEach(Forget);
            return;
        }
        log.LogError("Some files of {Source} cannot be removed there now: {Reason}", name, trouble);
        foreach (var file in finished) // each by itself, to know which are gone
            await TryAsync(file, async () =>
            {
                if (await remote.RemoveAsync(Both(file), copies, cancellation) is null)
                    Forget(file);
            });
    }

    private static IEnumerable<string> Both(string file) => [file, file + ".done"];

    /// <summary>What is removed at the source is removed here, unless a new version came while it was.</summary>
    private void Forget(string file)
    {
        if (!IsDelivered(file))
            return;
        File.Delete(In(copies, file));
        File.Delete(In(copies, file + ".done"));
        File.Delete(In(archived, file));
        File.Delete(In(delivered, file));
    }

    private async Task ArchiveAsync(string file, string minute, CancellationToken cancellation)
    {
        if (source.Archive is { } archive)
            await CopyAsync(In(copies, file),
                Path.Combine(archive, source.ArchivePrefix ?? "", minute, file), cancellation);
    }

    /// <summary>Whether this very version was marked.</summary>
    private bool IsDelivered(string file) => IsMarked(delivered, file);

    private bool IsMarked(string marks, string file) =>
        File.Exists(In(marks, file)) && File.ReadAllText(In(marks, file)) == Version(file);

    private async Task MarkAsync(string marks, string file, CancellationToken cancellation)
    {
        var mark = In(marks, file);
        Directory.CreateDirectory(Path.GetDirectoryName(mark)!);
        await File.WriteAllTextAsync(mark + ".partial", Version(file), cancellation);
        File.Move(mark + ".partial", mark, overwrite: true);
    }

    private string Version(string file)
    {
        var first = new FileInfo(In(copies, file));
        var done = new FileInfo(In(copies, file + ".done"));
        return string.Create(CultureInfo.InvariantCulture,
            $"{first.Length} {first.LastWriteTimeUtc.Ticks} {done.Length} {done.LastWriteTimeUtc.Ticks}");
    }

    /// <summary>Writes a copy that has its name only when it is whole and on the disk.</summary>
    private static async Task CopyAsync(string from, string to, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        var partial = to + ".partial";
        await using (var target = new FileStream(partial, FileMode.Create, FileAccess.Write))
        {
            await using var content = File.OpenRead(from);
            await content.CopyToAsync(target, cancellation);
            target.Flush(flushToDisk: true);
        }
        File.Move(partial, to, overwrite: true);
    }

    /// <summary>One file that cannot be handled, whatever the reason, keeps no other from it.</summary>
    private async Task TryAsync(string file, Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (Exception trouble) when (trouble is not OperationCanceledException)
        {
            log.LogError(trouble, "{File} of {Source} cannot be delivered or archived now", file, name);
        }
    }

    private static string In(string folder, string file) => Path.Combine(folder, file);
}
