using System.Globalization;
using System.Text.RegularExpressions;

namespace Smarter.Loader.LandingZone;

/// <summary>What was asked for cannot be done; the message tells the operator why and what to do.</summary>
internal sealed class SftpRefusedException(string message) : Exception(message);

/// <summary>A user to be made.</summary>
/// <param name="Tenant">Not looked at for <see cref="SftpRole.FileRouter"/>.</param>
/// <param name="Keys">Public keys as <c>authorized_keys</c> holds them, one a line; empty for none.</param>
/// <param name="Password">Null for none: nobody gets in with a password until it is set.</param>
internal sealed record NewSftpUser(string Name, string Tenant, SftpRole Role, string Keys, string? Password);

/// <summary>
/// Makes and removes the tenants and users of the SFTP landing zone (operations.md §3.1 and §3.2). Needs root. Each
/// action can be run again after it was cut off, and then does what is left.
/// </summary>
internal sealed partial class SftpAccounts(SftpZone zone, ILogger<SftpAccounts> log)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnerAndGroup =
        OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;
    private const UnixFileMode Mode0755 = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
    private const UnixFileMode Mode0775 = Mode0755 | UnixFileMode.GroupWrite;

    /// <summary>The staging folders: whoever is in the group may take files out;
    /// new folders keep the group.</summary>
    internal const UnixFileMode Mode2770 = OwnerAndGroup | UnixFileMode.SetGroup;

    private const string NoLogin = "/usr/sbin/nologin";

    /// <summary>A password field that no password fits, but that sshd does not take for a locked account.</summary>
    private const string NoPassword = "*";

    /// <summary>Makes the zone's folders, then the group.</summary>
    public async Task InitAsync(CancellationToken cancellation)
    {
        foreach (var folder in new[]
        {
            zone.Base, zone.Arrivals, zone.Departures, zone.Homes, Home(zone.Arrivals), Home(zone.Departures),
        })
            Make(folder, Mode0755);
        if (await GroupAsync(cancellation) is null)
        {
            await ChangeAsync("groupadd", [zone.Group], cancellation);
            log.LogInformation("The group {Group} was made", zone.Group);
        }
        Directory.CreateDirectory(zone.Staging);
        await ChangeAsync("chown", [$"root:{zone.Group}", zone.Staging], cancellation);
        File.SetUnixFileMode(zone.Staging, Mode2770); // after chown, which clears the group bit
        log.LogInformation("The landing zone is ready below {Folder}", zone.Base);
    }

    /// <summary>Removes the group, then the zone with everything in it.</summary>
    /// <exception cref="SftpRefusedException">The group has members, or files wait in staging.</exception>
    public async Task CleanUpAsync(CancellationToken cancellation)
    {
        if (await GroupAsync(cancellation) is { } group)
        {
            var members = await MembersAsync(group, cancellation);
            if (members.Length > 0)
                throw new SftpRefusedException(
                    $"The group {zone.Group} still has members: {string.Join(", ", members)}. "
                    + "Remove these users first.");
            RefuseWhileFilesWait();
            await ChangeAsync("groupdel", [zone.Group], cancellation);
            log.LogInformation("The group {Group} was removed", zone.Group);
        }
        RefuseWhileFilesWait();
        foreach (var folder in new[] { zone.Base, zone.Staging, Home(zone.Arrivals), Home(zone.Departures) })
            Remove(folder);
        log.LogInformation("The landing zone below {Folder} was removed", zone.Base);
    }

    /// <exception cref="SftpRefusedException">The zone was not made yet, or the name is not allowed.</exception>
    public void AddTenant(string tenant)
    {
        RefuseName("tenant", tenant);
        if (!Directory.Exists(zone.Arrivals))
            throw new SftpRefusedException($"There is no landing zone at {zone.Base}. Make it first: sftp init");
        foreach (var folder in zone.TenantFolders(tenant))
            Make(folder, Mode0755);
        log.LogInformation("The tenant {Tenant} was added", tenant);
    }

    /// <exception cref="SftpRefusedException">It has users, or there is no such tenant.</exception>
    public void RemoveTenant(string tenant)
    {
        RefuseName("tenant", tenant);
        var folders = zone.TenantFolders(tenant).Where(Directory.Exists).ToArray();
        if (folders.Length == 0)
            throw UnknownTenant(tenant);
        if (folders.SelectMany(Directory.EnumerateFileSystemEntries).FirstOrDefault() is { } entry)
            throw new SftpRefusedException(
                $"The tenant {tenant} still has users, such as {Path.GetFileName(entry)}. Remove its users first.");
        foreach (var folder in folders)
            Directory.Delete(folder);
        log.LogInformation("The tenant {Tenant} was removed", tenant);
    }

    /// <remarks>The drop folder is given to the user last: one that is not the user's yet shows that the making was
    /// cut off, and it is then finished instead of refused.</remarks>
    /// <exception cref="SftpRefusedException">In this order: a name is not allowed, the tenant or the group is unknown,
    /// the name is taken, a key cannot be read.</exception>
    public async Task AddUserAsync(NewSftpUser user, CancellationToken cancellation)
    {
        RefuseName("user", user.Name);
        if (user.Role != SftpRole.FileRouter)
            RefuseName("tenant", user.Tenant);
        else if (!zone.IsRouterName(user.Name))
            throw new SftpRefusedException($"The name {user.Name} is a folder of the landing zone. Choose another.");
        var place = zone.PlaceOf(user.Role, user.Tenant, user.Name);
        if (user.Role != SftpRole.FileRouter && !Directory.Exists(zone.TenantFolders(user.Tenant)[0]))
            throw UnknownTenant(user.Tenant);
        if (await GroupAsync(cancellation) is not { } group)
            throw new SftpRefusedException($"The group {zone.Group} does not exist. Make it first: sftp init");
        var account = await AccountAsync(user.Name, cancellation);
        if (account is not null
            && (account.Home != place.Home || account.GroupId != group.Id
                || await IsOwnAsync(place.Drop, user.Name, cancellation)))
            throw new SftpRefusedException(
                $"The user name {user.Name} is taken on this machine. Choose another, or remove that user first.");
        var keys = await ReadKeysAsync(user.Keys, cancellation);

        var owner = $"{user.Name}:{zone.Group}";
        if (account is null)
            await ChangeAsync("useradd",
            [
                "--no-create-home", "--home-dir", place.Home, "--gid", zone.Group, "--shell", NoLogin,
                "--password", NoPassword, "--comment", $"SFTP {user.Role} {user.Tenant}".TrimEnd(), user.Name,
            ], cancellation);
        await MakeHomeAsync(place.Home, owner, keys, cancellation);
        if (user.Password is not null)
            await SetPasswordAsync(user.Name, user.Password, cancellation);
        Make(place.Jail, Mode0755);
        Make(place.Drop, Mode0775);
        await ChangeAsync("chown", [owner, place.Drop], cancellation);
        log.LogInformation("The user {User} was added for tenant {Tenant} as {Role}, with {Keys} keys and {Password}",
            user.Name, user.Tenant, user.Role, keys.Length, user.Password is null ? "no password" : "a password");
    }

    /// <summary>Ends the user's sessions, removes home and jails with every file in them, then the account.</summary>
    /// <exception cref="SftpRefusedException">No user of this landing zone has this name.</exception>
    public async Task RemoveUserAsync(string name, CancellationToken cancellation)
    {
        RefuseName("user", name);
        if (await AccountAsync(name, cancellation) is not { } account)
            throw new SftpRefusedException($"There is no user {name}.");
        if (zone.FoldersOfHome(account.Home) is not { } folders
            || (await GroupAsync(cancellation))?.Id != account.GroupId)
            throw new SftpRefusedException($"The user {name} is none of this landing zone; it is left as it is.");

        // Whoever is locked out and has no session cannot put a link in the way of the removal.
        await ChangeAsync("usermod", ["--lock", "--expiredate", "1", name], cancellation);
        await SystemCommand.RunAsync("pkill", ["-KILL", "-U", account.Id], "", cancellation); // 1: there was none
        foreach (var folder in folders)
        {
            var files = Directory.Exists(folder)
                ? Directory.GetFiles(folder, "*", EverythingBelow).Length
                : 0;
            Remove(folder);
            log.LogInformation("{Folder} was removed with {Files} files", folder, files);
        }
        await ChangeAsync("userdel", [name], cancellation);
        log.LogInformation("The user {User} was removed", name);
    }

    private static readonly EnumerationOptions EverythingBelow =
        new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    [GeneratedRegex("^[A-Za-z0-9_][A-Za-z0-9_-]{0,31}\\z")]
    private static partial Regex AllowedName();

    private static void RefuseName(string kind, string name)
    {
        if (!AllowedName().IsMatch(name) || (kind == "user" && char.IsAsciiDigit(name[0])))
            throw new SftpRefusedException($"\"{name}\" cannot be the name of a {kind}: 1 to 32 of A-Z a-z 0-9 _ - "
                + "are allowed, the first no hyphen, and a user's no digit.");
    }

    private static SftpRefusedException UnknownTenant(string tenant) =>
        new($"There is no tenant {tenant} in the landing zone. Add it first: sftp add-tenant --tenant {tenant}");

    /// <summary>The folder of homes that goes with a folder of jails.</summary>
    private string Home(string jails) => Path.Combine(zone.Homes, Path.GetFileName(jails));

    private static void Make(string folder, UnixFileMode mode)
    {
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, mode); // whatever the umask is
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private void RefuseWhileFilesWait()
    {
        if (Directory.Exists(zone.Staging)
            && Directory.EnumerateFiles(zone.Staging, "*", EverythingBelow).FirstOrDefault() is { } file)
            throw new SftpRefusedException(
                $"Files wait for the grabber, such as {file}. Let it fetch them first, or remove them by hand.");
    }

    private static async Task MakeHomeAsync(string home, string owner, string[] keys, CancellationToken cancellation)
    {
        var ssh = Path.Combine(home, ".ssh");
        var authorized = Path.Combine(ssh, "authorized_keys");
        Make(home, OwnerOnly);
        Make(ssh, OwnerOnly);
        var known = File.Exists(authorized) ? await File.ReadAllLinesAsync(authorized, cancellation) : [];
        await File.AppendAllLinesAsync(authorized, keys.Except(known), cancellation);
        File.SetUnixFileMode(authorized, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await ChangeAsync("chown", ["--no-dereference", owner, home, ssh, authorized], cancellation);
    }

    /// <summary>Sets the password in the shadow file itself:
    /// an sshd with <c>UsePAM no</c> reads it from there.</summary>
    private static async Task SetPasswordAsync(string name, string password, CancellationToken cancellation)
    {
        if (password.Length == 0 || password.AsSpan().IndexOfAny('\r', '\n') >= 0)
            throw new SftpRefusedException("The password on standard input must be one line that is not empty.");
        var set = await SystemCommand.RunAsync(
            "chpasswd", ["--crypt-method", "SHA512"], $"{name}:{password}\n", cancellation);
        if (set.ExitCode != 0)
            throw new SftpRefusedException($"The password was refused: {set.Error}");
    }

    /// <returns>The lines with a key.</returns>
    private async Task<string[]> ReadKeysAsync(string text, CancellationToken cancellation)
    {
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#').ToArray();
        foreach (var line in lines)
        {
            var check = await SystemCommand.RunAsync(
                "ssh-keygen", ["-l", "-f", "/dev/stdin"], line + '\n', cancellation);
            if (check.ExitCode != 0)
                throw new SftpRefusedException("That is no public key. It looks like: ssh-ed25519 AAAA… name");
            log.LogInformation("The key {Fingerprint} is given access", check.Output.Trim());
        }
        return lines;
    }

    private sealed record OsAccount(string Id, string GroupId, string Home);

    private sealed record OsGroup(string Id, string[] Members);

    private static async Task<OsAccount?> AccountAsync(string name, CancellationToken cancellation) =>
        await EntryAsync("passwd", name, cancellation) is [_, _, var id, var group, _, var home, ..]
            ? new OsAccount(id, group, home)
            : null;

    private async Task<OsGroup?> GroupAsync(CancellationToken cancellation) =>
        await EntryAsync("group", zone.Group, cancellation) is [_, _, var id, var members, ..]
            ? new OsGroup(id, members.Split(',', StringSplitOptions.RemoveEmptyEntries))
            : null;

    private static async Task<string[]?> EntryAsync(string database, string name, CancellationToken cancellation)
    {
        var found = await SystemCommand.RunAsync("getent", [database, name], "", cancellation);
        return found.ExitCode == 0 ? found.Output.Trim().Split(':') : null;
    }

    private static async Task<string[]> MembersAsync(OsGroup group, CancellationToken cancellation)
    {
        var accounts = await SystemCommand.RunAsync("getent", ["passwd"], "", cancellation);
        return accounts.Output.Split('\n')
            .Select(line => line.Split(':'))
            .Where(fields => fields.Length > 3 && fields[3] == group.Id)
            .Select(fields => fields[0])
            .Union(group.Members)
            .ToArray();
    }

    private static async Task<bool> IsOwnAsync(string folder, string user, CancellationToken cancellation)
    {
        var owner = await SystemCommand.RunAsync("stat", ["--format=%U", folder], "", cancellation);
        return owner.ExitCode == 0 && owner.Output.Trim() == user;
    }

    private static async Task ChangeAsync(string program, string[] arguments, CancellationToken cancellation)
    {
        var run = await SystemCommand.RunAsync(program, arguments, "", cancellation);
        if (run.ExitCode != 0)
            throw new SftpRefusedException(string.Create(CultureInfo.InvariantCulture,
                $"{program} ended with code {run.ExitCode}: {run.Error} Mend that, then run the same command again."));
    }
}
