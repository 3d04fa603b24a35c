using System.ComponentModel.DataAnnotations;

namespace Smarter.Loader.LandingZone;

/// <summary>How the watcher hands a file on.</summary>
public enum FileMoveType
{
    /// <summary>By renaming into <see cref="SftpOptions.StagingDir"/>.</summary>
    Local,

    /// <summary>As <see cref="Local"/>, and from there with the sftp client to another machine.</summary>
    Sftp,
}

/// <summary>Where submitters deliver by SFTP, and how their folders are watched (the older system's keys
/// <c>sftp.*</c>, operations.md §3).</summary>
public sealed class SftpOptions
{
    public const string Section = "Sftp";

    /// <summary>What <see cref="BaseDir"/> is relative to. Default the root folder.</summary>
    [Required]
    public string Home { get; init; } = "/";

    /// <summary>Folder of the jails: where sshd's <c>ChrootDirectory</c> makes of <see cref="UserHomeBaseDir"/>. An
    /// absolute path stands for itself.</summary>
    [Required]
    public string BaseDir { get; init; } = "/sftp/opt/edware/home";

    /// <summary>Below <see cref="BaseDir"/> and <see cref="UserHomeBaseDir"/>: those who deliver files.</summary>
    [Required]
    public string ArrivalsDir { get; init; } = "arrivals";

    /// <summary>Below the same two: those who collect files.</summary>
    [Required]
    public string SftpDeparturesDir { get; init; } = "departures";

    /// <summary>The home folders of users outside their jails, with their <c>.ssh</c>.</summary>
    [Required]
    public string UserHomeBaseDir { get; init; } = "/opt/edware/home";

    /// <summary>Where the watcher puts what is complete, as <c>tenant/user/file</c>; on the file system of
    /// <see cref="BaseDir"/>.</summary>
    [Required]
    public string StagingDir { get; init; } = "/sftp/opt/edware/staging";

    /// <summary>Primary group of every SFTP user; sshd jails its members.</summary>
    [Required, RegularExpression("^[A-Za-z_][A-Za-z0-9_-]{0,31}$")]
    public string Group { get; init; } = "edwaredataadmin";

    /// <summary>The one folder of a jail that its user may write to, for the role sftparrivals.</summary>
    [Required]
    public string UserPathSftparrivalsDir { get; init; } = "file_drop";

    /// <summary>The same for the role sftpdepartures.</summary>
    [Required]
    public string UserPathSftpdeparturesDir { get; init; } = "reports";

    /// <summary>The same for the role filerouter.</summary>
    [Required]
    public string UserPathFilerouterDir { get; init; } = "route";

    /// <summary>Default Local.</summary>
    [EnumDataType(typeof(FileMoveType))]
    public FileMoveType FileMoveType { get; init; }

    /// <summary>How often a file's size and time are looked at within <see cref="FileStatWatchPeriod"/>.
    /// 10 ms to 1 hour; default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "01:00:00")]
    public TimeSpan FileStatWatchInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a file must stay unchanged before it counts as complete.
    /// 10 ms to 1 hour; default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "01:00:00")]
    public TimeSpan FileStatWatchPeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Pause between two looks. 10 ms to 1 hour; default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "01:00:00")]
    public TimeSpan FileSystemScanDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Needed for <see cref="FileMoveType.Sftp"/>, else null.</summary>
    public SftpRemoteOptions? Remote { get; init; }
}

/// <summary>The machine that files are sent to.</summary>
public sealed class SftpRemoteOptions
{
    /// <summary>Host name or address.</summary>
    public string LandingZoneHostname { get; init; } = "";

    /// <summary>TCP port of its sshd. Default 22.</summary>
    public int Port { get; init; } = 22;

    /// <summary>Its folder that gets <c>tenant/user/file</c>.</summary>
    public string ArrivalsPath { get; init; } = "/opt/edware/zones/landing/arrivals";

    /// <summary>Account on it.</summary>
    public string SftpUser { get; init; } = "udl2";

    /// <summary>Private key of that account, readable by the watcher's user only.</summary>
    public string PrivateKeyFile { get; init; } = "";

    /// <summary>File with its host key in the form of <c>known_hosts</c>; another key is refused.</summary>
    public string KnownHostsFile { get; init; } = "";
}
