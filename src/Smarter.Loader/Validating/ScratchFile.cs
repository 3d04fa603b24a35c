namespace Smarter.Loader.Validating;

/// <summary>A file without a name: only this process can open it, and it is gone when the process ends,
/// however.</summary>
internal static class ScratchFile
{
    /// <param name="folder">Where its space is taken; must exist.</param>
    public static FileStream Create(string folder)
    {
        var path = Path.Combine(folder, $"{Guid.NewGuid()}.scratch");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, options);
        File.Delete(path); // Linux keeps an open file without a name
        return file;
    }
}
