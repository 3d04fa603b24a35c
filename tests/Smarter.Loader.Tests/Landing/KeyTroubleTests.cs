using System.Diagnostics;
using Smarter.Core;
using Smarter.Loader.Batches;
using Smarter.Loader.Unpacking;

namespace Smarter.Loader.Tests.Landing;

/// <summary>Who is to blame when gpg does not decrypt: the file, which is refused, or the loader's key, for which a
/// file waits.</summary>
public sealed class KeyTroubleTests(LandingKeys keys) : IAsyncLifetime
{
    /// <summary>A copy of the loader's home, with an agent of its own that remembers no passphrase.</summary>
    private readonly string home = Directory.CreateTempSubdirectory("kt-").FullName;

    public ValueTask InitializeAsync()
    {
        foreach (var file in new[] { "pubring.kbx", "tenants/wy.kbx", "private-keys-v1.d/*.key" }.SelectMany(
            pattern => Directory.GetFiles(keys.Settings()["Gpg:Home"]!, pattern)))
        {
            var copy = Path.Combine(home, Path.GetRelativePath(keys.Settings()["Gpg:Home"]!, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await Process.Start("gpgconf", ["--homedir", home, "--kill", "all"]).WaitForExitAsync();
        Directory.Delete(home, recursive: true);
    }

    [Theory(Timeout = 20_000)]
    [InlineData("wrong")]
    [InlineData("")]
    [InlineData(null)]
    public async Task A_file_waits_while_the_passphrase_is_wrong_empty_or_missing(string? passphrase)
    {
        var path = Path.Combine(home, "passphrase");
        if (passphrase is not null)
            await File.WriteAllTextAsync(path, passphrase + "\n");

        var trouble = await RefusalAsync(await keys.SealAsync("x"u8.ToArray()), path);

        Assert.Contains("Gpg:PassphraseFile", WorldTrouble.CauseOf(trouble), StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_file_waits_while_the_loader_has_no_secret_key()
    {
        Directory.Delete(Path.Combine(home, "private-keys-v1.d"), recursive: true);

        var trouble = await RefusalAsync(await keys.SealAsync("x"u8.ToArray()), keys.Settings()["Gpg:PassphraseFile"]);

        Assert.Contains("Gpg:Home", WorldTrouble.CauseOf(trouble), StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_file_for_somebody_else_s_key_is_refused_whatever_the_passphrase()
    {
        var wrong = Path.Combine(home, "passphrase");
        await File.WriteAllTextAsync(wrong, "wrong\n");
        var file = await keys.SealForAnotherAsync("x"u8.ToArray());

        foreach (var passphrase in new[] { keys.Settings()["Gpg:PassphraseFile"], wrong })
        {
            var refusal = Assert.IsType<FileRejectedException>(await RefusalAsync(file, passphrase));
            Assert.Equal(ErrorCode.CannotDecrypt, refusal.Code);
        }
    }

    private async Task<Exception> RefusalAsync(byte[] file, string? passphraseFile)
    {
        var path = Path.Combine(home, "x.gpg");
        await File.WriteAllBytesAsync(path, file);
        var options = new GpgOptions { Home = home, PassphraseFile = passphraseFile };
        await using var decryption = GpgDecryption.Start(path, "wy", options, allowedBytes: 1000);
        return (await Record.ExceptionAsync(() => decryption.VerifyAsync(TestContext.Current.CancellationToken)))!;
    }
}
