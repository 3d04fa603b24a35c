using System.ComponentModel;
using Smarter.Hosting;

namespace Smarter.Loader.LandingZone;

/// <summary>The argument <c>sftp</c>:
/// what an operator does with tenants and users of the landing zone, as root.</summary>
internal static class SftpCommand
{
    private const int Refused = 1;
    private const int WrongUsage = 64;
    private const int NotAllowed = 77;
    private const int WrongSetting = 78;

    private const string Usage = """
        Smarter.Loader sftp ACTION, as root:

          init                         make the landing zone's folders and group
          cleanup                      remove them; refused while users are left
          add-tenant    -t TENANT
          remove-tenant -t TENANT      refused while it has users
          add-user      -u USER -t TENANT -r ROLE [KEY] [--password-stdin]
                        ROLE is sftparrivals, sftpdepartures or filerouter;
                        filerouter needs no tenant
                        KEY is --ssh-key "ssh-ed25519 AAAA…" or --ssh-key-file FILE
          remove-user   -u USER        its home and jails too, with their files

        Settings: the section Sftp; see docs/settings.md.
        """;

    /// <returns>True when <paramref name="args"/> ask for this command.</returns>
    public static bool IsAskedFor(string[] args) => args is ["sftp", ..];

    /// <summary>Runs one action; what it does goes to the log, and so to the console.</summary>
    /// <returns>0; 1 when it was refused; 64, 77 or 78 (sysexits.h) when the arguments, the user or a setting is
    /// wrong; with the reason on standard error.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["sftp", "--help" or "-h"])
        {
            Console.WriteLine(Usage);
            return 0;
        }
        if (SftpArguments.Read(args[1..]) is not { } asked)
            return await RefuseAsync(Usage, WrongUsage);
        var builder = SmarterHost.CreateBuilder([], "sftp");
        builder.AddSftpZone();
        builder.Services.AddSingleton<SftpAccounts>();
        await using var app = builder.Build();
        if (app.WrongSettings() is { Count: > 0 } wrong)
            return await RefuseAsync($"Wrong setting: {string.Join("; ", wrong)}", WrongSetting);
        if (!Environment.IsPrivilegedProcess)
            return await RefuseAsync("sftp makes users of the operating system: run it as root.", NotAllowed);
        try
        {
            return await RunAsync(app.Services.GetRequiredService<SftpAccounts>(), asked);
        }
        catch (Exception refusal) when (refusal is SftpRefusedException or IOException or UnauthorizedAccessException
            or Win32Exception)
        {
            return await RefuseAsync($"sftp: {refusal.Message}", Refused);
        }
    }

    private static async Task<int> RunAsync(SftpAccounts accounts, SftpArguments asked)
    {
        switch (asked)
        {
            case { Action: "init", Names: 0 }:
                await accounts.InitAsync(CancellationToken.None);
                return 0;
            case { Action: "cleanup", Names: 0 }:
                await accounts.CleanUpAsync(CancellationToken.None);
                return 0;
            case { Action: "add-tenant", Tenant: { } tenant, Names: 1 }:
                accounts.AddTenant(tenant);
                return 0;
            case { Action: "remove-tenant", Tenant: { } tenant, Names: 1 }:
                accounts.RemoveTenant(tenant);
                return 0;
            case { Action: "add-user", User: { } user, Role: { } role } when RoleOf(role) is { } known
                && (asked.Tenant is not null || known == SftpRole.FileRouter):
                await AddUserAsync(accounts, asked, user, known);
                return 0;
            case { Action: "remove-user", User: { } user, Names: 1 }:
                await accounts.RemoveUserAsync(user, CancellationToken.None);
                return 0;
            default:
                return await RefuseAsync(Usage, WrongUsage);
        }
    }

    private static async Task AddUserAsync(SftpAccounts accounts, SftpArguments asked, string user, SftpRole role)
    {
        var keys = asked.KeyFile is null ? asked.Key : await File.ReadAllTextAsync(asked.KeyFile);
        var password = asked.HasPassword ? await Console.In.ReadLineAsync() ?? "" : null;
        await accounts.AddUserAsync(
            new NewSftpUser(user, asked.Tenant ?? "", role, keys ?? "", password), CancellationToken.None);
        if (password is null)
            Console.WriteLine($"{user} has no password. Set one, if it is to have one, with: passwd {user}");
    }

    private static SftpRole? RoleOf(string name) => name switch
    {
        "sftparrivals" => SftpRole.SftpArrivals,
        "sftpdepartures" => SftpRole.SftpDepartures,
        "filerouter" => SftpRole.FileRouter,
        _ => null,
    };

    private static async Task<int> RefuseAsync(string reason, int exitCode)
    {
        await Console.Error.WriteLineAsync(reason);
        return exitCode;
    }
}

/// <summary>The arguments behind <c>sftp</c>.</summary>
/// <param name="Names">How many of the options that take a value were given.</param>
internal sealed record SftpArguments(
    string Action, string? User, string? Tenant, string? Role, string? Key, string? KeyFile, bool HasPassword,
    int Names)
{
    /// <returns>Null when something is unknown, given twice, or has no value.</returns>
    public static SftpArguments? Read(string[] args)
    {
        if (args is not [var action, .. var rest])
            return null;
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var hasPassword = false;
        for (var at = 0; at < rest.Length; at++)
        {
            if (rest[at] == "--password-stdin")
                hasPassword = true;
            else if (NameOf(rest[at]) is not { } name || at + 1 == rest.Length || !values.TryAdd(name, rest[++at]))
                return null;
        }
        string? Value(string name) => values.GetValueOrDefault(name);
        return Value("key") is not null && Value("key-file") is not null
            ? null
            : new SftpArguments(action, Value("user"), Value("tenant"), Value("role"), Value("key"), Value("key-file"),
                hasPassword, values.Count);
    }

    private static string? NameOf(string option) => option switch
    {
        "-u" or "--user" => "user",
        "-t" or "--tenant" => "tenant",
        "-r" or "--role" => "role",
        "--ssh-key" => "key",
        "--ssh-key-file" => "key-file",
        _ => null,
    };
}
