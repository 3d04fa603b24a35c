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

    /// <summary>Every file that is to be watched, by its path below arrivals.</summary>
    /// <exception cref="IOException">The folder of arrivals cannot be entered.</exception>
    public Dictionary<string, DroppedFile> Look()
    {
        using var arrivals = HeldFolder.Open(zone.Arrivals);
        return Folders(arrivals)
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
            foreach (var folder in Folders(jail))
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
                if (DroppedFile.IsWatched(file.Name))
                    found.Add(new DroppedFile(tenant, user, path, file.Name, file.Length, file.LastWriteTimeUtc));
            }
            if (depth == MaxDepth)
                return;
            foreach (var inner in Folders(folder))
                LookInto(folder, inner, path + '/', depth + 1);
        }
    }

    private static string[] FoldersOf(HeldFolder outer, string name)
    {
        using var folder = outer.Open(name);
        return Folders(folder);
    }

    private static string[] Folders(HeldFolder folder) =>
        [.. new DirectoryInfo(folder.Path + "/").EnumerateDirectories("*", WithoutLinks)
            .Select(inner => inner.Name).Order(StringComparer.Ordinal)];
}
