using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;

namespace Smarter.Loader.LandingZone;

/// <summary>Sends what lies in staging to another machine with the sftp client (<c>sftp.file_move_type = sftp</c>).
/// A file leaves staging after it has its final name over there.</summary>
internal sealed class RemoteUpload(SftpZone zone, IOptions<SftpOptions> options, ILogger<RemoteUpload> log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1800);

    /// <summary>Sends every pair, the file before its checksum file. A pair that cannot be sent stays.</summary>
    public async Task SendAsync(CancellationToken stopping)
    {
        var pairs = Directory.EnumerateFiles(zone.Staging, "*" + DroppedFile.DoneExtension, SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(done => (Source: done[..^".done".Length], Done: done));
        foreach (var (source, done) in pairs)
        {
            if (!File.Exists(source))
                File.Delete(done); // the rest of a removal that was cut off
            else if (await TrySendAsync([source, done], stopping))
            {
                File.Delete(source);
                File.Delete(done);
                log.LogInformation("{File} was sent on", Path.GetRelativePath(zone.Staging, source));
            }
        }
    }

    private async Task<bool> TrySendAsync(string[] files, CancellationToken stopping)
    {
        var remote = options.Value.Remote!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(Patience);
        var sent = await SystemCommand.RunAsync("sftp",
        [
            "-b", "-", "-q", "-F", "none", "-P", remote.Port.ToString(CultureInfo.InvariantCulture),
            "-i", remote.PrivateKeyFile, "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=yes",
            "-o", $"UserKnownHostsFile=\"{remote.KnownHostsFile}\"", "-o", "ConnectTimeout=20",
            $"{remote.SftpUser}@{remote.LandingZoneHostname}",
        ], Batch(files, remote.ArrivalsPath), limit.Token);
        if (sent.ExitCode != 0)
            log.LogError("{File} cannot be sent on now: {Reason}",
                Path.GetRelativePath(zone.Staging, files[0]), sent.Error);
        return sent.ExitCode == 0;
    }

    /// <summary>A line that begins with a hyphen may fail: the folder is there already.</summary>
    private string Batch(string[] files, string arrivals)
    {
        var batch = new StringBuilder();
        var folder = arrivals;
        foreach (var name in Path.GetRelativePath(zone.Staging, files[0]).Split('/')[..^1])
        {
            folder += $"/{name}";
            batch.Append(CultureInfo.InvariantCulture, $"-mkdir {Quoted(folder)}\n");
        }
        foreach (var file in files)
        {
            var target = $"{folder}/{Path.GetFileName(file)}";
            var partial = Quoted(target + ".partial");
            batch.Append(CultureInfo.InvariantCulture, $"put {Quoted(file)} {partial}\nchmod 600 {partial}\n")
                .Append(CultureInfo.InvariantCulture, $"rename {partial} {Quoted(target)}\n");
        }
        return batch.ToString();
    }

    private static string Quoted(string path) =>
        $"\"{path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
