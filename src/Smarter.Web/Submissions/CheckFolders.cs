using Dapper;
using Microsoft.Extensions.Options;
using Smarter.Database;

namespace Smarter.Web.Submissions;

/// <summary>The folders <c>&lt;Checks:Folder&gt;/&lt;tenant&gt;/&lt;submission id&gt;</c>, in which files wait for the
/// loader; the loader removes each when its check has ended.</summary>
internal sealed class CheckFolders(IOptions<ChecksOptions> options, Databases databases, TimeProvider clock)
{
    private const string FindUnknown = """
        SELECT id FROM unnest(@ids) AS id
         WHERE NOT EXISTS (SELECT FROM submission WHERE submission_id = id)
        """;

    /// <summary>No upload lasts that long.</summary>
    private static readonly TimeSpan LongestUpload = TimeSpan.FromDays(1);

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

    /// <summary>Removes what a site that was killed during an upload left of the tenant's: folders that nobody has
    /// changed for a day and of which no row knows.</summary>
    public async Task RemoveAbandonedAsync(string tenant, CancellationToken cancellation)
    {
        var ofTenant = new DirectoryInfo(Path.Combine(options.Value.Folder!, tenant));
        if (!ofTenant.Exists)
            return;
        var latest = clock.GetUtcNow().UtcDateTime - LongestUpload;
        var old = ofTenant.EnumerateDirectories()
            .Where(folder => folder.LastWriteTimeUtc < latest && Guid.TryParseExact(folder.Name, "D", out _))
            .ToDictionary(folder => Guid.ParseExact(folder.Name, "D"));
        if (old.Count == 0)
            return;
        await using var connection = await databases.Stats.OpenConnectionAsync(cancellation);
        var unknown = await connection.QueryAsync<Guid>(
            new CommandDefinition(FindUnknown, new { ids = old.Keys.ToArray() }, cancellationToken: cancellation));
        foreach (var id in unknown)
            old[id].Delete(recursive: true);
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
