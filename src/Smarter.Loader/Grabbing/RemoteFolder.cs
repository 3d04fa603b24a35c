using System.Globalization;
using Smarter.Loader.LandingZone;

namespace Smarter.Loader.Grabbing;

/// <summary>rsync could not do what it was asked to do.</summary>
internal sealed class RsyncException(string message) : Exception(message);

/// <summary>A folder on another machine, reached with rsync over ssh. The other side needs rsync and nothing else; its
/// host key must be the pinned one.</summary>
internal sealed class RemoteFolder(GrabberOptions source)
{
    /// <summary>Some files could not be copied or removed; the others were.</summary>
    private static readonly int[] partly = [23, 24];

    /// <summary>Links and whatever is no file are left where they are, and so is what has no final name yet. A file has
    /// its name here only when it is whole, checked and on the disk.</summary>
    private static readonly string[] copying =
    [
        "--recursive", "--times", "--compress", "--fsync", "--protect-args", "--prune-empty-dirs",
        "--chmod=D700,F640", "--exclude=*.partial", "--exclude=.*",
    ];

    /// <summary>Copies what is new or has changed into a folder of ours; nothing is removed over there.</summary>
    /// <returns>What went wrong with some of the files; null when all are here.</returns>
    /// <exception cref="RsyncException">The machine cannot be reached, or refuses.</exception>
    public Task<string?> CopyToAsync(string folder, CancellationToken cancellation) =>
        RunAsync(copying, folder, "", cancellation);

    /// <summary>Removes files over there that are the same here, by size and time. One that has changed is copied
    /// first; one that is gone is passed over.</summary>
    /// <param name="files">Paths below both folders.</param>
    /// <returns>What went wrong with some of the files; null when none is left.</returns>
    /// <exception cref="RsyncException">The machine cannot be reached, or refuses.</exception>
    public Task<string?> RemoveAsync(IEnumerable<string> files, string folder, CancellationToken cancellation) =>
        RunAsync([.. copying, "--remove-source-files", "--ignore-missing-args", "--from0", "--files-from=-"],
            folder, string.Concat(files.Select(file => file + '\0')), cancellation);

    private async Task<string?> RunAsync(
        string[] options, string folder, string list, CancellationToken cancellation)
    {
        var seconds = ((int)source.Timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var run = await SystemCommand.RunAsync("rsync",
        [
            .. options, $"--timeout={seconds}", "--rsh", Ssh(seconds),
            $"{source.RemoteUser}@{source.RemoteHost}:{source.RemoteDir.TrimEnd('/')}/", folder + '/',
        ], list, cancellation);
        return run.ExitCode switch
        {
            0 => null,
            _ when partly.Contains(run.ExitCode) => run.Error,
            _ => throw new RsyncException($"rsync ended with code {run.ExitCode}: {run.Error}"),
        };
    }

    private string Ssh(string seconds) => string.Create(CultureInfo.InvariantCulture,
        $"ssh -F none -p {source.RemotePort} -i '{source.PrivateKey}' -o IdentitiesOnly=yes -o BatchMode=yes "
        + $"-o StrictHostKeyChecking=yes -o 'UserKnownHostsFile=\"{source.KnownHosts}\"' "
        + $"-o GlobalKnownHostsFile=none -o ConnectTimeout={seconds}");
}
