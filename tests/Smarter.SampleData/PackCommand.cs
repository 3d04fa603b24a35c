using Smarter.SampleData.Archive;

namespace Smarter.SampleData;

/// <summary>
/// The verb <c>pack</c>: makes a signed and encrypted archive of one landing file, and its <c>.done</c>.
/// </summary>
internal static class PackCommand
{
    public static async Task<int> RunAsync(IReadOnlyList<string> words)
    {
        var line = new CommandLine(
            words, "csv", "json", "err", "out", "homedir", "signer", "recipient", "passphrase-file");
        string[] members = [line.Required("json"), line.Required("csv"), .. line.All("err")];
        var submitter = new GpgHome(line.Required("homedir"), line.Optional("passphrase-file"));
        var checksum = await LandingArchive.PackAsync(
            members, line.Required("out"), submitter, line.Required("signer"), line.Required("recipient"));
        Console.WriteLine($"{checksum} {line.Required("out")}");
        return 0;
    }
}
