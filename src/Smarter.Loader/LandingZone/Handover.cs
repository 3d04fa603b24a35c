using Microsoft.Win32.SafeHandles;
using Smarter.Loader.Arrival;

namespace Smarter.Loader.LandingZone;

/// <summary>
/// Moves a complete file from its drop folder to staging, first the file and then its checksum file. The grabber
/// takes pairs only; so a move that was cut off in between is finished by the next round.
/// </summary>
internal sealed class Handover(SftpZone zone, ILogger<Handover> log)
{
    private const UnixFileMode GroupMayRead =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private const UnixFileMode AllMayRead = UnixFileMode.UserRead | UnixFileMode.UserWrite
        | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Writes the checksum file that the submitter left out.</summary>
    /// <returns>False when there is one by now, or when the file is gone or no regular file.</returns>
    /// <exception cref="IOException">The file cannot be read, or the folder not written to.</exception>
    public async Task<bool> WriteDoneAsync(DroppedFile file, CancellationToken cancellation)
    {
        using var folder = Open(file);
        using var content = folder.OpenFile(file.Name);
        var done = $"{folder.Path}/{file.DoneName}";
        if (content is null || File.Exists(done))
            return false;
        var md5 = await Md5Async(content, cancellation);
        var unfinished = $"{folder.Path}/.{file.DoneName}.{Guid.NewGuid():N}";
        await File.WriteAllTextAsync(unfinished, $"{md5} {file.Name}\n", cancellation);
        File.SetUnixFileMode(unfinished, AllMayRead); // its group is the watcher's, not the submitter's
        try
        {
            File.Move(unfinished, done, overwrite: false);
            log.LogInformation("{File} came without a checksum file; one was written", file.Path);
            return true;
        }
        catch (IOException) when (File.Exists(done))
        {
            File.Delete(unfinished);
            return false;
        }
    }

    /// <summary>Moves one file of a pair.</summary>
    /// <returns>False when it must wait: a file of its name is still in staging, or it is a checksum file whose file
    /// has not come yet, or it is no regular file.</returns>
    /// <exception cref="IOException">It is gone, cannot be read by the group, or cannot be moved.</exception>
    public bool TryMove(DroppedFile file)
    {
        using var folder = Open(file);
        var staging = Path.Combine(zone.Staging, file.Tenant, file.User);
        var target = Path.Combine(staging, file.Name);
        var isDoneInStaging = File.Exists(Path.Combine(staging, file.DoneName));
        if (isDoneInStaging)
            return false;
        if (file.IsDone && (File.Exists($"{folder.Path}/{file.SourceName}")
            || !File.Exists(Path.Combine(staging, file.SourceName))))
            return false;
        using (var content = folder.OpenFile(file.Name))
        {
            if (content is null)
                return false;
            OpenToGroup(content, file);
        }
        MakeStaging(Path.Combine(zone.Staging, file.Tenant));
        MakeStaging(staging);
        var partial = target + ".partial";
        folder.Move(file.Name, partial);
        if (new FileInfo(partial).LinkTarget is not null) // put there between the look and the move
        {
            File.Delete(partial);
            throw new IOException("A link took the place of the file; it was removed.");
        }
        File.Move(partial, target, overwrite: true);
        return true;
    }

    private HeldFolder Open(DroppedFile file) =>
        HeldFolder.Open(zone.Arrivals, [file.Tenant, file.User, .. file.Folders.Split('/')]);

    /// <summary>The grabber reads as a member of the group; a submitter's client may have set other rights.</summary>
    private static void OpenToGroup(SafeFileHandle content, DroppedFile file)
    {
        if (File.GetUnixFileMode(content).HasFlag(UnixFileMode.GroupRead))
            return;
        try
        {
            File.SetUnixFileMode(content, GroupMayRead);
        }
        catch (UnauthorizedAccessException)
        {
            throw new IOException($"The rights of {file.Name} keep the group from reading it.");
        }
    }

    private static void MakeStaging(string folder)
    {
        if (Directory.Exists(folder))
            return;
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, SftpAccounts.Mode2770);
    }

    private static async Task<string> Md5Async(SafeFileHandle file, CancellationToken cancellation)
    {
        await using var content = new FileStream(file, FileAccess.Read);
        return await Checksum.OfAsync(content, cancellation);
    }
}
