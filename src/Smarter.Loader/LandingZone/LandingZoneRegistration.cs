using Microsoft.Extensions.Options;
using Smarter.Hosting;
using Smarter.Loader.Locking;

namespace Smarter.Loader.LandingZone;

internal static class LandingZoneRegistration
{
    /// <summary>The folders of the SFTP landing zone, with their settings checked.</summary>
    public static WebApplicationBuilder AddSftpZone(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<SftpOptions>, SftpOptionsRules>();
        builder.Services.AddSettings<SftpOptions>(SftpOptions.Section);
        builder.Services.AddSingleton<SftpZone>();
        return builder;
    }

    /// <summary>The process that watches the drop folders: <c>Smarter.Loader watch</c>.</summary>
    public static WebApplicationBuilder AddLandingZoneWatcher(this WebApplicationBuilder builder)
    {
        builder.AddSftpZone();
        builder.Services.AddSingleton<SoleWorker>();
        builder.Services.AddSingleton<DropFolders>();
        builder.Services.AddSingleton<Handover>();
        builder.Services.AddSingleton<RemoteUpload>();
        builder.Services.AddHostedService<LandingZoneWatcher>();
        return builder;
    }
}

/// <summary>What attributes cannot say of the section <c>Sftp</c>.</summary>
internal sealed class SftpOptionsRules : IValidateOptions<SftpOptions>
{
    public ValidateOptionsResult Validate(string? name, SftpOptions options)
    {
        var wrong = Wrong(options).ToArray();
        return wrong.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static IEnumerable<string> Wrong(SftpOptions options)
    {
        foreach (var (key, path) in new[]
        {
            ("Home", options.Home), ("UserHomeBaseDir", options.UserHomeBaseDir), ("StagingDir", options.StagingDir),
        })
        {
            if (!Path.IsPathFullyQualified(path))
                yield return $"Sftp:{key}: an absolute path is needed.";
        }
        foreach (var (key, folder) in new[]
        {
            ("ArrivalsDir", options.ArrivalsDir), ("SftpDeparturesDir", options.SftpDeparturesDir),
            ("UserPathSftparrivalsDir", options.UserPathSftparrivalsDir),
            ("UserPathSftpdeparturesDir", options.UserPathSftpdeparturesDir),
            ("UserPathFilerouterDir", options.UserPathFilerouterDir),
        })
        {
            if (folder is "." or ".." || folder.Contains('/', StringComparison.Ordinal))
                yield return $"Sftp:{key}: the name of one folder is needed, without \"/\".";
        }
        if (options.FileMoveType != FileMoveType.Sftp)
            yield break;
        if (options.Remote is not { } remote || remote.LandingZoneHostname.Length == 0)
            yield return "Sftp:Remote:LandingZoneHostname: needed when Sftp:FileMoveType is Sftp.";
        else if (!File.Exists(remote.PrivateKeyFile))
            yield return "Sftp:Remote:PrivateKeyFile: there is no such file.";
        else if (!File.Exists(remote.KnownHostsFile))
            yield return "Sftp:Remote:KnownHostsFile: there is no such file.";
    }
}
