using System.Diagnostics;
using System.Security.Cryptography;
using Smarter.SampleData.Archive;

namespace Smarter.SampleData.Tests.Archive;

public sealed class LandingArchiveTests(SubmitterAndLoader keys) : IClassFixture<SubmitterAndLoader>, IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_loader_can_open_a_packed_file_and_sees_who_signed_it()
    {
        await keys.Loader.ImportAsync(await keys.Submitter.ExportPublicKeyAsync(keys.SubmitterKey));

        await PackAsync(keys.SubmitterKey, keys.LoaderKey);

        var (told, _) = await RunAsync(
            "gpg", "--batch", "--homedir", keys.Loader.Path, "--pinentry-mode", "loopback", "--passphrase-file",
            keys.PassphraseFile, "--status-fd", "1", "--output", folder["a.tar.gz"], "--decrypt",
            folder["a.tar.gz.gpg"]);
        Assert.Contains($"VALIDSIG {keys.SubmitterKey}", told, StringComparison.Ordinal);
        var (members, _) = await RunAsync("tar", "tzf", folder["a.tar.gz"]);
        Assert.Equal("a.json\na.csv\n", members);
        var (csv, _) = await RunAsync("tar", "xzOf", folder["a.tar.gz"], "a.csv");
        Assert.Equal("x,y\n1,2\n", csv);
    }

    [Fact]
    public async Task The_done_file_holds_the_checksum_and_no_partial_file_stays()
    {
        var checksum = await PackAsync(keys.SubmitterKey, keys.LoaderKey);

#pragma warning disable CA5351 // MD5 by contract.
        var md5 = Convert.ToHexStringLower(MD5.HashData(await File.ReadAllBytesAsync(folder["a.tar.gz.gpg"])));
#pragma warning restore CA5351
        Assert.Equal(md5, checksum);
        Assert.Equal($"{md5} a.tar.gz.gpg\n", await File.ReadAllTextAsync(folder["a.tar.gz.gpg.done"]));
        Assert.Empty(Directory.GetFiles(folder.Path, "*.partial"));
    }

    [Fact]
    public async Task An_unknown_recipient_leaves_nothing_behind()
    {
        await Assert.ThrowsAsync<GpgException>(() => PackAsync(keys.SubmitterKey, "nobody at all"));

        Assert.Empty(Directory.GetFiles(folder.Path, "*.gpg*"));
    }

    [Fact]
    public async Task A_ring_file_holds_the_keys_put_into_it()
    {
        var submitter = await keys.Submitter.ExportPublicKeyAsync(keys.SubmitterKey);

        await keys.Loader.ImportIntoRingAsync(submitter, folder["ring.kbx"]);

        var (told, _) = await RunAsync(
            "gpg", "--batch", "--trust-model", "always", "--homedir", keys.Loader.Path, "--no-default-keyring",
            "--keyring", folder["ring.kbx"], "--with-colons", "--list-keys");
        Assert.Contains(keys.SubmitterKey, told, StringComparison.Ordinal);
        Assert.DoesNotContain(keys.LoaderKey, told, StringComparison.Ordinal);
    }

    private async Task<string> PackAsync(string signer, string recipient)
    {
        await File.WriteAllTextAsync(folder["a.csv"], "x,y\n1,2\n");
        await File.WriteAllTextAsync(folder["a.json"], "{}");
        return await LandingArchive.PackAsync(
            [folder["a.json"], folder["a.csv"]], folder["a.tar.gz.gpg"], keys.Submitter, signer, recipient);
    }

    private static async Task<(string Output, string Errors)> RunAsync(string program, params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(program, words)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return (output, await errors);
    }
}
