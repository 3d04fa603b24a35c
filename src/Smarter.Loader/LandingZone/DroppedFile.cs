namespace Smarter.Loader.LandingZone;

/// <summary>A file in a drop folder as it was seen once. Two looks at an unchanged file are equal.</summary>
/// <param name="Tenant">First folder below arrivals.</param>
/// <param name="User">Second folder.</param>
/// <param name="Folders">The folders below the user's, joined by <c>/</c>; never empty.</param>
internal sealed record DroppedFile(
    string Tenant, string User, string Folders, string Name, long Size, DateTime ChangedAt)
{
    public const string Extension = ".gpg";
    public const string DoneExtension = ".gpg.done";

    /// <summary>True for a checksum file.</summary>
    public bool IsDone => Name.EndsWith(DoneExtension, StringComparison.Ordinal);

    /// <summary>Path below arrivals; for a checksum file the path of the file that it belongs to.</summary>
    public string SourcePath => $"{Tenant}/{User}/{Folders}/{SourceName}";

    public string SourceName => IsDone ? Name[..^".done".Length] : Name;

    public string DoneName => SourceName + ".done";

    /// <summary>Path below arrivals.</summary>
    public string Path => $"{Tenant}/{User}/{Folders}/{Name}";

    /// <summary>Names with a dot in front, and all but <c>.gpg</c> and <c>.gpg.done</c>, are somebody's unfinished
    /// work; a name with control characters could not be passed on in a list.</summary>
    public static bool IsWatched(string name) =>
        name[0] != '.' && !name.Any(char.IsControl)
        && (name.EndsWith(Extension, StringComparison.Ordinal)
            || name.EndsWith(DoneExtension, StringComparison.Ordinal));
}
