using System.Globalization;
using Microsoft.Extensions.Options;
using Quartz;

namespace Smarter.Loader.Grabbing;

/// <summary>One source of files (the older system's <c>file-grabber.&lt;name&gt;.*</c>). The section
/// <c>FileGrabber</c> holds one entry for each, by name.</summary>
public sealed class GrabberOptions
{
    public const string Section = "FileGrabber";

    /// <summary>False leaves this source alone. Default true.</summary>
    public bool Enable { get; init; } = true;

    /// <summary>When to look, as a cron expression of Quartz in UTC: seconds, minutes, hours, day of month, month, day
    /// of week. Default each minute.</summary>
    public string Schedule { get; init; } = "0 * * * * ?";

    /// <summary>Account on the machine that has the files.</summary>
    public string RemoteUser { get; init; } = "";

    /// <summary>Its host name or address.</summary>
    public string RemoteHost { get; init; } = "";

    /// <summary>TCP port of its sshd. Default 22.</summary>
    public int RemotePort { get; init; } = 22;

    /// <summary>Absolute folder over there; what is below it keeps its path below arrivals.</summary>
    public string RemoteDir { get; init; } = "";

    /// <summary>Private key of the account, readable by the grabber's user only.</summary>
    public string PrivateKey { get; init; } = "";

    /// <summary>File with the machine's host key in the form of <c>known_hosts</c>; another key is refused.</summary>
    public string KnownHosts { get; init; } = "";

    /// <summary>Folder, on any mounted storage, that keeps a copy of every file in a folder for the minute; null for
    /// no archive.</summary>
    public string? Archive { get; init; }

    /// <summary>Folder below <see cref="Archive"/>; null for none.</summary>
    public string? ArchivePrefix { get; init; }

    /// <summary>How long a connection may be silent before it is given up. 1 s to 1 hour; default 1 minute.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>Every source by its name.</summary>
public sealed class GrabberSources : Dictionary<string, GrabberOptions>;

/// <summary>What the section <c>FileGrabber</c> must hold.</summary>
internal sealed class GrabberRules : IValidateOptions<GrabberSources>
{
    public ValidateOptionsResult Validate(string? name, GrabberSources options)
    {
        var wrong = options.Count == 0
            ? ["FileGrabber: at least one source is needed, such as FileGrabber:lz."]
            : options.SelectMany(source => Wrong(source.Value).Select(text => $"FileGrabber:{source.Key}:{text}"))
                .ToArray();
        return wrong.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static IEnumerable<string> Wrong(GrabberOptions source)
    {
        if (!CronExpression.IsValidExpression(source.Schedule))
            yield return "Schedule: no cron expression of six fields, such as 0 * * * * ? for each minute.";
        if (source.RemoteUser.Length == 0 || source.RemoteUser[0] == '-')
            yield return "RemoteUser: an account is needed.";
        if (source.RemoteHost.Length == 0 || source.RemoteHost[0] == '-')
            yield return "RemoteHost: a host is needed.";
        if (source.RemotePort is < 1 or > 65535)
            yield return "RemotePort: 1 to 65535.";
        if (!source.RemoteDir.StartsWith('/'))
            yield return "RemoteDir: an absolute path is needed.";
        if (!File.Exists(source.PrivateKey) || !CanBeQuoted(source.PrivateKey))
            yield return "PrivateKey: there is no such file, or its path has a quotation mark.";
        if (!File.Exists(source.KnownHosts) || !CanBeQuoted(source.KnownHosts))
            yield return "KnownHosts: there is no such file, or its path has a quotation mark.";
        if (source.Archive is not null && !Directory.Exists(source.Archive))
            yield return "Archive: there is no such folder; is its storage mounted?";
        if (source.Timeout < TimeSpan.FromSeconds(1) || source.Timeout > TimeSpan.FromHours(1))
            yield return string.Create(CultureInfo.InvariantCulture, $"Timeout: 1 second to 1 hour.");
    }

    private static bool CanBeQuoted(string path) => path.AsSpan().IndexOfAny('\'', '"') < 0;
}
