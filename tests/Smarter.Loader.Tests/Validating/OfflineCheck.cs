using Microsoft.Extensions.Options;
using Smarter.Loader.Checking;
using Smarter.Loader.Finishing;
using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Unpacking;
using Smarter.Loader.Validating;

namespace Smarter.Loader.Tests.Validating;

/// <summary>Runs a check without any server, with the loader's keys.</summary>
internal static class OfflineCheck
{
    /// <param name="name">Its ending says what the file is.</param>
    public static async Task<Receipt> RunAsync(
        LandingKeys keys, byte[] file, string name = "check.tar.gz.gpg", string? tenant = "wy", string? stateCode = "WY")
    {
        var folder = Directory.CreateTempSubdirectory("check-");
        try
        {
            var path = Path.Combine(folder.FullName, name);
            await File.WriteAllBytesAsync(path, file);
            return await RunAsync(keys, new FileToCheck(path, null), tenant, stateCode, folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public static async Task<Receipt> RunAsync(
        LandingKeys keys, FileToCheck file, string? tenant, string? stateCode, string scratchFolder)
    {
        var gpg = new GpgOptions
        {
            Home = keys.Settings()["Gpg:Home"]!,
            PassphraseFile = keys.Settings()["Gpg:PassphraseFile"],
        };
        var checks = new FileChecks(
            gpg, Options.Create(new ArchiveLimits()), Options.Create(new CheckingOptions()), TimeProvider.System);
        return await checks.Begin(file, new CheckContext(null, tenant, stateCode, scratchFolder))
            .RunAsync(TestContext.Current.CancellationToken);
    }
}
