using System.Diagnostics;
using Smarter.Core;

namespace Smarter.Loader.Unpacking;

/// <summary>
/// One run of gpg that decrypts a file to a stream and judges its signature. What is read from <see cref="Plain"/>
/// may be believed only after <see cref="VerifyAsync"/> returned: until then it can be forged.
/// </summary>
internal sealed class GpgDecryption : IAsyncDisposable
{
    private const uint CodeOfError = 0xFFFF; // of libgpg-error; the bits above tell which part met it
    private const uint BadPassphrase = 11;
    private const uint NoPassphrase = 177;

    private readonly Process gpg;
    private readonly Task<IReadOnlyList<string>> status;
    private readonly GpgOptions options;
    private readonly string tenant;

    private GpgDecryption(Process gpg, GpgOptions options, string tenant, long allowedBytes)
    {
        (this.gpg, this.options, this.tenant) = (gpg, options, tenant);
        status = ReadStatusAsync(gpg.StandardError);
        Plain = new LimitedStream(gpg.StandardOutput.BaseStream, allowedBytes);
    }

    /// <summary>The decrypted bytes, as gpg yields them.</summary>
    public Stream Plain { get; }

    /// <summary>Fingerprint of the key whose signature was verified;
    /// null before <see cref="VerifyAsync"/> and without signature.</summary>
    public string? SignerFingerprint { get; private set; }

    /// <summary>Starts gpg on a file.</summary>
    /// <param name="file">Absolute path of the OpenPGP message, binary or armored.</param>
    /// <param name="tenant">Whose ring must hold the signer's key.</param>
    /// <param name="allowedBytes">How much may come out before the file is refused (5024):
    /// a message can be compressed too.</param>
    public static GpgDecryption Start(string file, string tenant, GpgOptions options, long allowedBytes)
    {
        var start = new ProcessStartInfo(options.Program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        };
        // Status lines share standard error with gpg's own messages; only lines with the [GNUPG:] mark are read.
        string[] arguments =
        [
            "--homedir", options.Home, "--batch", "--no-tty", "--no-auto-key-locate", "--trust-model", "always",
            "--no-default-keyring", "--keyring", RingOf(tenant, options),
            "--keyring", Path.Combine(options.Home, "pubring.kbx"), // gpg finds the loader's own key by it
            "--status-fd", "2",
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        if (options.PassphraseFile is { Length: > 0 } passphrase)
        {
            start.ArgumentList.Add("--pinentry-mode");
            start.ArgumentList.Add("loopback");
            start.ArgumentList.Add("--passphrase-file");
            start.ArgumentList.Add(passphrase);
        }
        start.ArgumentList.Add("--decrypt");
        start.ArgumentList.Add(file);
        var gpg = Process.Start(start) ?? throw new InvalidOperationException($"{options.Program} does not start.");
        gpg.StandardInput.Close();
        return new GpgDecryption(gpg, options, tenant, allowedBytes);
    }

    /// <summary>Reads what is left of <see cref="Plain"/>, waits for gpg and judges decryption and signature.</summary>
    /// <exception cref="FileRejectedException">5010 to 5014.</exception>
    /// <exception cref="KeyNotUsableException">The loader's key or its passphrase is missing or wrong.</exception>
    public async Task VerifyAsync(CancellationToken cancellation)
    {
        await Plain.CopyToAsync(Stream.Null, cancellation);
        await gpg.WaitForExitAsync(cancellation);
        var lines = await status;
        bool Said(string keyword) =>
            lines.Any(line => line == keyword || line.StartsWith(keyword + ' ', StringComparison.Ordinal));

        // gpg ends there, without a word on the decryption: the content was changed, or came damaged.
        if (Said("BADSIG") && !Said("DECRYPTION_FAILED") && !options.TenantsWithoutSignature.Contains(tenant))
            throw new FileRejectedException(
                ErrorCode.SignatureBad, $"The signature of {KeyOf(lines)} does not fit the content.");
        if (!Said("DECRYPTION_OKAY") && await TroubleWithKeyAsync(lines, cancellation) is { } trouble)
            throw new KeyNotUsableException(trouble);
        if (!Said("DECRYPTION_OKAY") || Said("DECRYPTION_FAILED"))
            throw new FileRejectedException(ErrorCode.CannotDecrypt,
                "The file is no OpenPGP message, is damaged, or is not encrypted to the loader's key.");
        if (options.TenantsWithoutSignature.Contains(tenant))
            return;
        var key = KeyOf(lines);
        if (Said("EXPSIG") || Said("EXPKEYSIG") || Said("REVKEYSIG"))
            throw new FileRejectedException(
                ErrorCode.SignatureExpired, $"The signature or its key, {key}, has expired or was revoked.");
        if (Said("ERRSIG") || Said("NO_PUBKEY"))
            throw NotTrusted(key);
        var valid = lines.FirstOrDefault(line => line.StartsWith("VALIDSIG ", StringComparison.Ordinal));
        if (valid is null || !Said("GOODSIG"))
            throw new FileRejectedException(ErrorCode.NotSigned, "The file is not signed.");
        if (gpg.ExitCode != 0)
            throw new FileRejectedException(ErrorCode.CannotDecrypt, $"gpg ended with code {gpg.ExitCode}.");
        if (!await IsInRingAsync(valid.Split(' ')[^1], cancellation))
            throw NotTrusted(key);
        SignerFingerprint = key;
    }

    /// <summary>Ends gpg when it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!gpg.HasExited)
        {
            gpg.Kill();
            await gpg.WaitForExitAsync();
        }
        await status;
        gpg.Dispose();
    }

    /// <returns>What keeps the loader from using its key; null when the file is to blame, which is also one for
    /// somebody else's key.</returns>
    private async Task<string?> TroubleWithKeyAsync(IReadOnlyList<string> lines, CancellationToken cancellation)
    {
        if (lines.Any(line => line.StartsWith("FAILURE option-parser ", StringComparison.Ordinal)))
            return "gpg does not take its settings: Gpg:PassphraseFile cannot be read.";
        // gpg says so only of a key whose secret part it has: a file for another key asks for no passphrase.
        if (lines.Select(line => line.Split(' ')).Any(fields => fields is ["ERROR", "pkdecrypt_failed", var code, ..]
            && uint.TryParse(code, out var error) && (error & CodeOfError) is BadPassphrase or NoPassphrase))
            return "The passphrase of the loader's key is missing or wrong (Gpg:PassphraseFile).";
        return lines.Any(line => line.StartsWith("NO_SECKEY ", StringComparison.Ordinal))
            && !await HasSecretKeyAsync(cancellation)
                ? "The loader has no secret key, or gpg's agent does not run (Gpg:Home)."
                : null;
    }

    private static FileRejectedException NotTrusted(string key) =>
        new(ErrorCode.SignerNotTrusted, $"The signer's key, {key}, is not in the tenant's ring.");

    /// <returns>The signing key's fingerprint where gpg tells it, else its id; empty without a signature.</returns>
    private static string KeyOf(IReadOnlyList<string> lines)
    {
        string[] Fields(string keyword) => lines
            .Where(line => line.StartsWith(keyword + ' ', StringComparison.Ordinal))
            .Select(line => line.Split(' '))
            .FirstOrDefault([]);

        if (Fields("VALIDSIG") is [_, var valid, ..])
            return valid;
        if (Fields("ERRSIG") is [_, var id, _, _, _, _, _, .. var rest])
            return rest is [{ Length: > 1 } fingerprint, ..] ? fingerprint : id;
        return Fields("BADSIG") is [_, var bad, ..] ? bad : "";
    }

    private static string RingOf(string tenant, GpgOptions options) =>
        Path.Combine(options.Home, "tenants", $"{tenant}.kbx");

    /// <summary>gpg also believes in the keys beside the loader's own; only the tenant's ring counts.</summary>
    /// <param name="primary">Fingerprint of the signer's primary key.</param>
    private async Task<bool> IsInRingAsync(string primary, CancellationToken cancellation) =>
        (await ListAsync(cancellation,
            "--no-default-keyring", "--keyring", RingOf(tenant, options), "--list-keys", primary)).IsFound;

    private async Task<bool> HasSecretKeyAsync(CancellationToken cancellation) =>
        (await ListAsync(cancellation, "--list-secret-keys")).Keys.Contains("sec:", StringComparison.Ordinal);

    /// <returns>Whether gpg found all that was asked for, and its list with colons.</returns>
    private async Task<(bool IsFound, string Keys)> ListAsync(CancellationToken cancellation, params string[] what)
    {
        using var listing = Process.Start(new ProcessStartInfo(options.Program,
            ["--homedir", options.Home, "--batch", "--no-tty", "--no-auto-key-locate", "--trust-model", "always",
                "--with-colons", .. what])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        }) ?? throw new InvalidOperationException($"{options.Program} does not start.");
        var complaints = listing.StandardError.ReadToEndAsync(cancellation);
        var keys = await listing.StandardOutput.ReadToEndAsync(cancellation);
        await complaints;
        await listing.WaitForExitAsync(cancellation);
        return (listing.ExitCode == 0, keys);
    }

    private static async Task<IReadOnlyList<string>> ReadStatusAsync(StreamReader standardError)
    {
        const string mark = "[GNUPG:] ";
        var lines = new List<string>();
        while (await standardError.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(mark, StringComparison.Ordinal) && lines.Count < 1000)
                lines.Add(line[mark.Length..]);
        }
        return lines;
    }
}
