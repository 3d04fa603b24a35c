using Microsoft.Extensions.Options;

namespace Smarter.Loader.LandingZone;

/// <summary>What an SFTP user is for (operations.md §3.1).</summary>
internal enum SftpRole
{
    /// <summary>Delivers landing files.</summary>
    SftpArrivals,

    /// <summary>Collects files.</summary>
    SftpDepartures,

    /// <summary>Routes files, for no tenant.</summary>
    FileRouter,
}

/// <summary>A user's place: jail and home are different folders,
/// so that a session sees nothing of its own keys.</summary>
/// <param name="Home">Holds <c>.ssh</c>; outside the jail.</param>
/// <param name="Jail">What the user sees as <c>/</c>; root's, so that nothing can be written to it.</param>
/// <param name="Drop">The folder of the jail that the user may write to.</param>
internal sealed record SftpPlace(string Home, string Jail, string Drop);

/// <summary>The folders of the SFTP landing zone.</summary>
internal sealed class SftpZone(IOptions<SftpOptions> settings)
{
    private readonly SftpOptions options = settings.Value;

    public string Group => options.Group;

    /// <summary>Folder of all jails.</summary>
    public string Base => Path.GetFullPath(Path.Combine(options.Home, options.BaseDir));

    /// <summary>Folder of all homes.</summary>
    public string Homes => options.UserHomeBaseDir;

    public string Arrivals => Path.Combine(Base, options.ArrivalsDir);

    public string Departures => Path.Combine(Base, options.SftpDeparturesDir);

    /// <summary>What is complete waits here for the grabber, as <c>tenant/user/file</c>.</summary>
    public string Staging => options.StagingDir;

    /// <summary>The four folders of a tenant; the first is its arrivals.</summary>
    public string[] TenantFolders(string tenant) =>
    [
        Path.Combine(Arrivals, tenant), Path.Combine(Departures, tenant),
        Path.Combine(Homes, options.ArrivalsDir, tenant), Path.Combine(Homes, options.SftpDeparturesDir, tenant),
    ];

    /// <param name="tenant">Not looked at for <see cref="SftpRole.FileRouter"/>.</param>
    public SftpPlace PlaceOf(SftpRole role, string tenant, string user) => role switch
    {
        SftpRole.SftpArrivals => Place(
            Path.Combine(options.ArrivalsDir, tenant, user), options.UserPathSftparrivalsDir),
        SftpRole.SftpDepartures => Place(
            Path.Combine(options.SftpDeparturesDir, tenant, user), options.UserPathSftpdeparturesDir),
        _ => Place(user, options.UserPathFilerouterDir),
    };

    /// <summary>The folders that belong to the user of a home: itself, and the jails in arrivals and
    /// departures.</summary>
    /// <returns>Null when no SFTP user has such a home.</returns>
    public string[]? FoldersOfHome(string home) => Path.GetRelativePath(Homes, home).Split('/') switch
    {
        [var kind, var tenant, var user] when (kind == options.ArrivalsDir || kind == options.SftpDeparturesDir)
            && tenant != ".." && user.Length > 0 =>
            [home, Path.Combine(Arrivals, tenant, user), Path.Combine(Departures, tenant, user)],
        [var user] when IsRouterName(user) => [home, Path.Combine(Base, user)],
        _ => null,
    };

    /// <returns>False for a name that would take the place of a folder of the zone.</returns>
    public bool IsRouterName(string user) =>
        user is not ("" or "." or "..") && user != options.ArrivalsDir && user != options.SftpDeparturesDir;

    private SftpPlace Place(string below, string drop) =>
        new(Path.Combine(Homes, below), Path.Combine(Base, below), Path.Combine(Base, below, drop));
}
