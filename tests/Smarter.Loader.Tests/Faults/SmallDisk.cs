using System.Diagnostics;

namespace Smarter.Loader.Tests.Faults;

/// <summary>A file system of its own in memory, which a test can fill. Mounting needs root.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("disk-");

    private SmallDisk()
    {
    }

    public string Path => folder.FullName;

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    public static async Task<SmallDisk> MountAsync(int megabytes, string? owner = null)
    {
        Assert.True(Environment.IsPrivilegedProcess, "This test mounts a small disk: run ./smarter test as root.");
        var disk = new SmallDisk();
        await RunAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", disk.Path);
        if (owner is not null)
            await RunAsync("chown", $"{owner}:{owner}", disk.Path);
        return disk;
    }

    /// <summary>Writes until nothing more goes in.</summary>
    public void Fill()
    {
        using var ballast = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            var block = new byte[4096];
            while (true)
                ballast.Write(block);
        }
        catch (IOException)
        {
            // full
        }
    }

    /// <summary>Gives back all that <see cref="Fill"/> took.</summary>
    public void Free() => File.Delete(Ballast);

    public async ValueTask DisposeAsync()
    {
        await RunAsync("umount", "--lazy", Path);
        folder.Delete();
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var run = Process.Start(program, arguments);
        await run.WaitForExitAsync();
        Assert.Equal(0, run.ExitCode);
    }
}
