using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Smarter.Loader.LandingZone;

/// <summary>
/// A folder that is held open, reached without following a link. A submitter may change what lies in the drop folder
/// at any time; by <see cref="Path"/> it is still this folder that is meant, and not one that a link put in its place.
/// </summary>
internal sealed class HeldFolder : IDisposable
{
    private const int NoEntry = 2;
    private const int ReadOnly = 0;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;

    // Of Linux; the two differ between processors.
    private static readonly bool isArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
    private static readonly int onlyFolder = isArm ? 0x4000 : 0x10000;
    private static readonly int noLink = isArm ? 0x8000 : 0x20000;

    private readonly SafeFileHandle handle;

    private HeldFolder(SafeFileHandle handle) => this.handle = handle;

    /// <summary>Stands for the folder while this object lives.</summary>
    public string Path => $"/proc/self/fd/{handle.DangerousGetHandle()}";

    /// <param name="root">A folder that no submitter can change; links in its path are followed.</param>
    /// <param name="below">Names of folders, one inside the other.</param>
    /// <exception cref="IOException">One of them is no folder, or cannot be entered.</exception>
    public static HeldFolder Open(string root, params ReadOnlySpan<string> below)
    {
        var folder = new HeldFolder(OpenOrThrow(AtWorkingFolder, root, onlyFolder));
        foreach (var name in below)
        {
            using var outer = folder;
            folder = outer.Open(name);
        }
        return folder;
    }

    /// <exception cref="IOException">The entry is no folder, or cannot be entered.</exception>
    public HeldFolder Open(string name) => new(OpenOrThrow(Descriptor, name, onlyFolder | noLink));

    /// <returns>The file, for reading; null when it is gone, or is anything but a regular file.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public SafeFileHandle? OpenFile(string name)
    {
        var file = OpenAt(Descriptor, Bytes(name), ReadOnly | NonBlocking | CloseOnExec | noLink);
        if (file < 0)
            return Marshal.GetLastPInvokeError() == NoEntry ? null : throw Trouble(name);
        var opened = new SafeFileHandle(file, ownsHandle: true);
        if (IsRegular(opened))
            return opened;
        opened.Dispose();
        return null;
    }

    /// <summary>Renames an entry of this folder to a path of the same file system, replacing what is there.</summary>
    /// <exception cref="IOException">It is gone, or the path is on another file system.</exception>
    public void Move(string name, string target)
    {
        if (Rename(Bytes($"{Path}/{name}"), Bytes(target)) != 0)
            throw Trouble(name);
    }

    public void Dispose() => handle.Dispose();

    private const int AtWorkingFolder = -100;

    private int Descriptor => (int)handle.DangerousGetHandle();

    private static SafeFileHandle OpenOrThrow(int folder, string name, int flags)
    {
        var opened = OpenAt(folder, Bytes(name), ReadOnly | CloseOnExec | flags);
        return opened >= 0 ? new SafeFileHandle(opened, ownsHandle: true) : throw Trouble(name);
    }

    /// <summary>A pipe has no length, and a folder cannot be read.</summary>
    private static bool IsRegular(SafeFileHandle file)
    {
        try
        {
            RandomAccess.GetLength(file);
            return !File.GetAttributes($"/proc/self/fd/{file.DangerousGetHandle()}").HasFlag(FileAttributes.Directory);
        }
        catch (NotSupportedException)
        {
            return false;
        }
    }

    private static byte[] Bytes(string path) => Encoding.UTF8.GetBytes(path + '\0');

    private static IOException Trouble(string name) =>
        new($"{name}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [DllImport("libc", EntryPoint = "openat", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int OpenAt(int folder, byte[] path, int flags);

    [DllImport("libc", EntryPoint = "rename", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Rename(byte[] from, byte[] to);
}
