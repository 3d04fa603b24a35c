using Smarter.Loader.Batches;

namespace Smarter.Loader.LandingZone;

/// <summary>Looks through the drop folders of every user. Links are never followed.</summary>
internal sealed class DropFolders(SftpZone zone, ILogger<DropFolders> log)
{
    /// <summary>A submitter could make folders without end.</summary>
    private const int MaxDepth = 8;

    private static readonly EnumerationOptions WithoutLinks = new()
    {
        AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Device,
        IgnoreInaccessible = true,
    };

    private readonly HashSet<string> warnedOf = new(StringComparer.Ordinal);

    /// <summary>Every file that is to be watched, by its path below arrivals.</summary>
    /// <exception cref="IOException">The folder of arrivals cannot be entered.</exception>
    public Dictionary<string, DroppedFile> Look()
    {
        using var arrivals = HeldFolder.Open(zone.Arrivals);
        return Folders(arrivals, "")
            .SelectMany(tenant => FoldersOf(arrivals, tenant)
                .SelectMany(user => LookInto(tenant, user)))
            .ToDictionary(file => file.Path, StringComparer.Ordinal);
    }

    private List<DroppedFile> LookInto(string tenant, string user)
    {
        var found = new List<DroppedFile>();
        try
        {
            using var jail = HeldFolder.Open(zone.Arrivals, tenant, user);
            foreach (var folder in Folders(jail, $"{tenant}/{user}"))
                LookInto(jail, folder, "", 1);
        }
        catch (IOException trouble)
        {
            log.LogError(trouble, "The folder of user {User} of {Tenant} cannot be looked at now", user, tenant);
        }
        return found;

        void LookInto(HeldFolder outer, string name, string outerPath, int depth)
        {
            using var folder = outer.Open(name);
            var path = outerPath + name;
            foreach (var file in new DirectoryInfo(folder.Path + "/").EnumerateFiles("*", WithoutLinks))
            {
                if (DroppedFile.IsWatched(file.Name) && IsFound(file, $"{tenant}/{user}/{path}"))
                    found.Add(new DroppedFile(tenant, user, path, file.Name, file.Length, file.LastWriteTimeUtc));
            }
            if (depth == MaxDepth)
                return;
            foreach (var inner in Folders(folder, $"{tenant}/{user}/{path}"))
                LookInto(folder, inner, path + '/', depth + 1);
        }
    }

    private string[] FoldersOf(HeldFolder outer, string name)
    {
        using var folder = outer.Open(name);
        return Folders(folder, name);
    }

    private string[] Folders(HeldFolder folder, string where) =>
        [.. new DirectoryInfo(folder.Path + "/").EnumerateDirectories("*", WithoutLinks)
            .Where(inner => IsFound(inner, where))
            .Select(inner => inner.Name).Order(StringComparer.Ordinal)];

    /// <param name="where">Path of its folder, below arrivals.</param>
    /// <returns>False for what has gone since, and for a name that is not UTF-8, of which it warns once.</returns>
    private bool IsFound(FileSystemInfo entry, string where)
    {
        if (entry.Exists)
            return true;
        if (ShownName.HasLostBytes(entry.Name) && warnedOf.Add($"{where}/{entry.Name}"))
            log.LogWarning("{File} in {Folder} is left alone: its name is not UTF-8", ShownName.Of(entry.Name), where);
        return false;
    }
}
