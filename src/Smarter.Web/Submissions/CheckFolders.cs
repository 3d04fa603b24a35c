using Microsoft.Extensions.Options;

namespace Smarter.Web.Submissions;

/// <summary>The folders <c>&lt;Checks:Folder&gt;/&lt;tenant&gt;/&lt;submission id&gt;</c>, in which files wait for the
/// loader; the loader removes each when its check has ended.</summary>
internal sealed class CheckFolders(IOptions<ChecksOptions> options)
{
    /// <summary>Whether files can be checked on this site.</summary>
    public bool AreSetUp => !string.IsNullOrEmpty(options.Value.Folder);

    /// <summary>Makes the folder of a check, which its group may write and others not enter: the loader removes it,
    /// perhaps as another user.</summary>
    /// <returns>Its path.</returns>
    public string Create(Guid submissionId, string tenant)
    {
        var ofTenant = Path.Combine(options.Value.Folder!, tenant);
        if (!Directory.Exists(ofTenant))
            OpenToGroup(ofTenant);
        return OpenToGroup(Path.Combine(ofTenant, submissionId.ToString()));
    }

    /// <summary>Removes the folder with all that is in it.</summary>
    public static void Remove(string folder) => Directory.Delete(folder, recursive: true);

    private static string OpenToGroup(string folder)
    {
        const UnixFileMode groupWrites = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.SetGroup;
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, groupWrites);
        return folder;
    }
}
