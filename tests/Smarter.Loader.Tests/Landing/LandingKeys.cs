using System.Diagnostics;
using System.IO.Compression;
using Smarter.SampleData.Archive;

[assembly: AssemblyFixture(typeof(Smarter.Loader.Tests.Landing.LandingKeys))]

namespace Smarter.Loader.Tests.Landing;

/// <summary>The loader's gpg home with the rings of the tenants wy and nc,
/// and a home with the keys of those who send files; made once for all tests.</summary>
public sealed class LandingKeys : IAsyncLifetime
{
    /// <summary>In the ring of the tenant wy.</summary>
    public const string Wyoming = "wyoming@example.test";

    /// <summary>In the ring of the tenant nc only.</summary>
    public const string Carolina = "carolina@example.test";

    /// <summary>In no ring.</summary>
    public const string Stranger = "stranger@example.test";

    /// <summary>In the ring of the tenant wy, valid on 1 January 2020 only.</summary>
    public const string Expired = "expired@example.test";

    /// <summary>In the ring of the tenant wy, and revoked there.</summary>
    public const string Revoked = "revoked@example.test";

    /// <summary>In no ring, but among the keys that lie beside the loader's own.</summary>
    public const string Housemate = "housemate@example.test";

    private const string Loader = "loader@example.test";

    // Readable by this user alone, as gpg wants it, and with short paths, because gpg puts sockets into its homes.
    private readonly string loaderHome = Directory.CreateTempSubdirectory("lt-").FullName;
    private readonly string sendersHome = Directory.CreateTempSubdirectory("lt-").FullName;

    private string PassphraseFile => Path.Combine(loaderHome, "passphrase");

    /// <summary>The section <c>Gpg</c> as keys and values.</summary>
    public IReadOnlyDictionary<string, string?> Settings() => new Dictionary<string, string?>
    {
        ["Gpg:Home"] = loaderHome,
        ["Gpg:PassphraseFile"] = PassphraseFile,
    };

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(loaderHome, "tenants"));
        await File.WriteAllTextAsync(PassphraseFile, "made up for these tests\n");

        await CreateKeyAsync(loaderHome, Loader,
            "--faked-system-time", "20191231T000000", "--pinentry-mode", "loopback",
            "--passphrase-file", PassphraseFile);
        foreach (var sender in new[] { Wyoming, Carolina, Stranger, Revoked, Housemate })
            await CreateKeyAsync(sendersHome, sender, "--passphrase", "");
        await CreateKeyAsync(sendersHome, Expired, "--passphrase", "", "--faked-system-time", "20200101T000000");
        await GpgRun.InAsync(sendersHome, await GpgRun.InAsync(loaderHome, default, "--export", Loader), "--import");
        await TrustAsync("wy", Wyoming, Expired);
        await TrustAsync("nc", Carolina);
        await RevokeAsync();
        await GpgRun.InAsync(
            loaderHome, await GpgRun.InAsync(sendersHome, default, "--export", Housemate), "--import");
    }

    /// <summary>Signs and encrypts as a submitter does.</summary>
    /// <param name="signer">One of the constants; null leaves the message unsigned.</param>
    /// <param name="more">Further options of gpg.</param>
    public Task<byte[]> SealAsync(byte[] plain, string? signer = Wyoming, params string[] more)
    {
        string[] time = signer == Expired ? ["--faked-system-time", "20200101T120000"] : [];
        string[] signature = signer is null ? [] : ["--sign", "--local-user", signer];
        return GpgRun.InAsync(
            sendersHome, plain,
            ["--compress-algo", "none", .. time, .. more, .. signature, "--encrypt", "--recipient", Loader]);
    }

    /// <summary>Encrypts a packed archive with the signature of another one: their gzip headers tell different times.
    /// </summary>
    public async Task<byte[]> SealWithWrongSignatureAsync(byte[] archive)
    {
        const int timeInHeader = 4;
        var message = await GpgRun.InAsync(
            sendersHome, archive, "--compress-algo", "none", "--local-user", Wyoming, "--sign");
        message[message.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x1F, 0x8B, 0x08]) + timeInHeader] ^= 1;
        return await GpgRun.InAsync(
            sendersHome, message, "--compress-algo", "none", "--no-literal", "--encrypt", "--recipient", Loader);
    }

    /// <summary>Packs, signs and encrypts files of any size into a landing file with its checksum.</summary>
    public async Task PackAsync(IReadOnlyList<string> members, string landingFile)
    {
        await using var senders = new GpgHome(sendersHome);
        await LandingArchive.PackAsync(members, landingFile, senders, Wyoming, Loader, CompressionLevel.Fastest);
    }

    /// <summary>Encrypts to a key that is not the loader's, and signs as <see cref="Wyoming"/>.</summary>
    public Task<byte[]> SealForAnotherAsync(byte[] plain) =>
        GpgRun.InAsync(sendersHome, plain, "--sign", "--local-user", Wyoming, "--encrypt", "--recipient", Housemate);

    /// <summary>Gives another tenant the ring of wy.</summary>
    public void TrustAlso(string tenant) => File.Copy(RingOf("wy"), RingOf(tenant));

    /// <returns>The fingerprint of a sender's primary key.</returns>
    public async Task<string> FingerprintOfAsync(string sender) =>
        System.Text.Encoding.ASCII.GetString(
                await GpgRun.InAsync(sendersHome, default, "--with-colons", "--list-keys", sender))
            .Split('\n').First(line => line.StartsWith("fpr:", StringComparison.Ordinal)).Split(':')[9];

    public async ValueTask DisposeAsync()
    {
        foreach (var home in new[] { loaderHome, sendersHome })
        {
            await Process.Start("gpgconf", ["--homedir", home, "--kill", "all"]).WaitForExitAsync();
            Directory.Delete(home, recursive: true);
        }
    }

    /// <summary>The ring learns of the revocation; the sender still has the secret key and signs with it.</summary>
    private async Task RevokeAsync()
    {
        await TrustAsync("wy", Revoked);
        var made = Path.Combine(
            sendersHome, "openpgp-revocs.d", $"{await FingerprintOfAsync(Revoked)}.rev");
        var certificate = (await File.ReadAllTextAsync(made)).Replace(":-----BEGIN", "-----BEGIN", StringComparison.Ordinal);
        await GpgRun.InAsync(loaderHome, System.Text.Encoding.ASCII.GetBytes(certificate),
            "--no-default-keyring", "--keyring", RingOf("wy"), "--import");
    }

    /// <summary>Curve 25519, because RSA keys take seconds to make.</summary>
    private static async Task CreateKeyAsync(string home, string name, params string[] more)
    {
        var expiry = name == Expired ? "1d" : "never";
        await GpgRun.InAsync(home, default,
            [.. more, "--quick-generate-key", name, "future-default", "default", expiry]);
    }

    private string RingOf(string tenant) => Path.Combine(loaderHome, "tenants", $"{tenant}.kbx");

    private async Task TrustAsync(string tenant, params string[] senders)
    {
        foreach (var sender in senders)
        {
            var key = await GpgRun.InAsync(sendersHome, default, "--export", sender);
            await GpgRun.InAsync(loaderHome, key, "--no-default-keyring", "--keyring", RingOf(tenant), "--import");
        }
    }
}
