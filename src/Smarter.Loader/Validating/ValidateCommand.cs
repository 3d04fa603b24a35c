using Microsoft.Extensions.Options;
using Smarter.Database;
using Smarter.Hosting;
using Smarter.Loader.Batches;
using Smarter.Loader.Checking;
using Smarter.Loader.Unpacking;

namespace Smarter.Loader.Validating;

/// <summary>The argument <c>validate FILE… [--tenant T] [--state SS]</c>: checks files as a load would, in the
/// foreground and without any server, and prints a receipt for each as JSON.</summary>
internal static class ValidateCommand
{
    private const int WrongUsage = 64;

    /// <returns>True when <paramref name="args"/> ask for the validate command.</returns>
    public static bool IsAskedFor(string[] args) => args is ["validate", ..];

    /// <returns>0 when every file is accepted; 1 when one has a fault or cannot be read;
    /// 64 (EX_USAGE) with a line on standard error.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            var (paths, tenant, state) = Parse(args[1..]);
            var files = FileToCheck.Find(paths);
            await using var app = Build();
            var checks = app.Services.GetRequiredService<FileChecks>();
            RequireKeys(files, checks, tenant);
            state ??= app.Configuration[$"{DatabaseOptions.Section}:Tenants:{tenant}:StateCode"];
            return await RunAsync(files, checks, tenant, state);
        }
        catch (Exception misused) when (misused is ArgumentException or FileNotFoundException)
        {
            return await RefuseAsync(misused.Message, WrongUsage);
        }
        catch (Exception unreadable) when (WorldTrouble.CauseOf(unreadable) is not null)
        {
            return await RefuseAsync(unreadable.Message, 1);
        }
    }

    /// <summary>The rules of a load without its servers.</summary>
    public static IServiceCollection AddFileChecks(this IServiceCollection services, IConfiguration configuration)
    {
        var hasKeys = configuration.GetSection(GpgOptions.Section).Exists();
        return services.AddSingleton(provider => new FileChecks(
            hasKeys ? provider.GetRequiredService<IOptions<GpgOptions>>().Value : null,
            provider.GetRequiredService<IOptions<ArchiveLimits>>(),
            provider.GetRequiredService<IOptions<CheckingOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
    }

    private static WebApplication Build()
    {
        var builder = SmarterHost.CreateBuilder([], "validate");
        builder.Logging.ClearProviders(); // standard output is the receipts'
        builder.Services.AddSettings<GpgOptions>(GpgOptions.Section);
        builder.Services.AddSettings<ArchiveLimits>(ArchiveLimits.Section);
        builder.Services.AddSettings<CheckingOptions>(CheckingOptions.Section);
        builder.Services.AddFileChecks(builder.Configuration);
        return builder.Build();
    }

    private static async Task<int> RunAsync(
        IReadOnlyList<FileToCheck> files, FileChecks checks, string? tenant, string? state)
    {
        var failed = false;
        foreach (var file in files)
        {
            var receipt = await checks.Begin(file, new CheckContext(null, tenant, state, Path.GetTempPath()))
                .RunAsync(CancellationToken.None);
            Console.WriteLine(receipt.ToJson());
            failed |= receipt.Errors.Count > 0 || receipt.Fault is not null;
        }
        return failed ? 1 : 0;
    }

    private static (List<string> Paths, string? Tenant, string? State) Parse(string[] args)
    {
        var paths = new List<string>();
        string? tenant = null;
        string? state = null;
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--tenant" when i + 1 < args.Length:
                    tenant = args[++i];
                    break;
                case "--state" when i + 1 < args.Length && args[i + 1].Length == 2:
                    state = args[++i].ToUpperInvariant();
                    break;
                case ['-', ..]:
                    throw new ArgumentException("Usage: Smarter.Loader validate FILE... [--tenant T] [--state SS]");
                default:
                    paths.Add(args[i]);
                    break;
            }
        }
        return (paths, tenant, state);
    }

    private static void RequireKeys(IReadOnlyList<FileToCheck> files, FileChecks checks, string? tenant)
    {
        if (files.FirstOrDefault(file => file.IsEncrypted) is not { } encrypted)
            return;
        if (!checks.HasKeys)
            throw new ArgumentException(
                $"{encrypted.Path} is encrypted: that needs the loader's keys (Gpg:Home). Name its .tar.gz instead.");
        if (tenant is null)
            throw new ArgumentException(
                $"{encrypted.Path} is signed: say with --tenant whose keys may have signed it.");
    }

    private static async Task<int> RefuseAsync(string reason, int exitCode)
    {
        await Console.Error.WriteLineAsync(reason);
        return exitCode;
    }
}
