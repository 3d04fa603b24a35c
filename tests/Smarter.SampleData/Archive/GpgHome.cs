using System.Diagnostics;

namespace Smarter.SampleData.Archive;

/// <summary>A gpg home folder of its own: makes keys, exports them, signs and encrypts.</summary>
/// <remarks>
/// gpg puts its agent's socket into the folder, so the path must stay short (below about 90 characters).
/// Disposing ends the agent that gpg started for the folder; the keys stay.
/// </remarks>
public sealed class GpgHome : IAsyncDisposable
{
    private readonly string? passphraseFile;

    /// <param name="directory">Created for this user alone when it does not exist.</param>
    /// <param name="passphraseFile">Holds the passphrase of the secret keys on one line; null when they have
    /// none.</param>
    public GpgHome(string directory, string? passphraseFile = null)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("Landing files are packed on Unix, with gpg.");
        Path = System.IO.Path.GetFullPath(directory);
        this.passphraseFile = passphraseFile;
        if (!Directory.Exists(Path))
            Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public string Path { get; }

    /// <summary>
    /// Makes an RSA-3072 key pair that signs, with an RSA-3072 subkey that encrypts, and never expires.
    /// </summary>
    /// <param name="name">The user id, e.g. <c>Submitter nc</c>; made-up mail addresses are fine.</param>
    /// <returns>The fingerprint: 40 hexadecimal digits.</returns>
    /// <exception cref="GpgException">gpg refused; nothing was made.</exception>
    public async Task<string> CreateKeyAsync(string name, CancellationToken cancellation = default)
    {
        var passphrase = passphraseFile is null
            ? "%no-protection"
            : $"Passphrase: {(await File.ReadAllTextAsync(passphraseFile, cancellation)).TrimEnd('\n')}";
        var order = $"""
            Key-Type: RSA
            Key-Length: 3072
            Key-Usage: sign
            {passphrase}
            Subkey-Type: RSA
            Subkey-Length: 3072
            Subkey-Usage: encrypt
            Name-Real: {name}
            Expire-Date: 0
            %commit

            """;
        var status = await RunAsync(
            ["--status-fd", "1", "--gen-key"], (stdin, stop) => WriteTextAsync(stdin, order, stop), cancellation);
        return status.Split('\n').Single(line => line.StartsWith("[GNUPG:] KEY_CREATED", StringComparison.Ordinal))
            .Split(' ')[3];
    }

    /// <returns>The public key in ASCII armor.</returns>
    public Task<string> ExportPublicKeyAsync(string key, CancellationToken cancellation = default) =>
        RunAsync(["--armor", "--export", key], input: null, cancellation);

    /// <summary>Adds a public key, as another home exported it.</summary>
    public Task ImportAsync(string publicKey, CancellationToken cancellation = default) =>
        RunAsync(["--import"], (stdin, stop) => WriteTextAsync(stdin, publicKey, stop), cancellation);

    /// <summary>
    /// Adds a public key to a ring file, which is made when it does not exist, as the ring of a tenant's submitters.
    /// </summary>
    public Task ImportIntoRingAsync(string publicKey, string ringPath, CancellationToken cancellation = default) =>
        RunAsync(
            ["--no-default-keyring", "--keyring", System.IO.Path.GetFullPath(ringPath), "--import"],
            (stdin, stop) => WriteTextAsync(stdin, publicKey, stop), cancellation);

    /// <summary>
    /// Signs and encrypts what <paramref name="writePlain"/> writes; the plain bytes never touch the disk.
    /// </summary>
    /// <param name="signer">Key id or name; null leaves the file unsigned.</param>
    /// <param name="recipient">Key id or name of a public key in this home.</param>
    /// <param name="outputPath">Is replaced when it exists.</param>
    /// <exception cref="GpgException">gpg refused; no output is left.</exception>
    public async Task EncryptAsync(
        Func<Stream, CancellationToken, Task> writePlain, string? signer, string recipient, string outputPath,
        CancellationToken cancellation = default)
    {
        string[] order =
        [
            "--recipient", recipient, "--compress-algo", "none", "--output", outputPath,
            .. signer is null ? ["--encrypt"] : (string[])["--local-user", signer, "--sign", "--encrypt"],
        ];
        try
        {
            await RunAsync(order, writePlain, cancellation);
        }
        catch
        {
            File.Delete(outputPath);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var gpgconf = Process.Start(new ProcessStartInfo("gpgconf", ["--homedir", Path, "--kill", "all"])
        {
            RedirectStandardError = true,
        })!;
        await gpgconf.StandardError.ReadToEndAsync();
        await gpgconf.WaitForExitAsync();
    }

    private static async Task WriteTextAsync(Stream stdin, string text, CancellationToken cancellation)
    {
        await using var writer = new StreamWriter(stdin, leaveOpen: true);
        await writer.WriteAsync(text.AsMemory(), cancellation);
    }

    private async Task<string> RunAsync(
        string[] order, Func<Stream, CancellationToken, Task>? input, CancellationToken cancellation)
    {
        string[] passphrase = passphraseFile is null
            ? []
            : ["--pinentry-mode", "loopback", "--passphrase-file", passphraseFile];
        using var gpg = Process.Start(new ProcessStartInfo(
            "gpg",
            [
                "--batch", "--yes", "--no-tty", "--homedir", Path, "--trust-model", "always", "--no-auto-key-locate",
                .. passphrase, .. order,
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var output = gpg.StandardOutput.ReadToEndAsync(cancellation);
            var complaints = gpg.StandardError.ReadToEndAsync(cancellation);
            try
            {
                if (input is not null)
                    await input(gpg.StandardInput.BaseStream, cancellation);
                gpg.StandardInput.Close();
            }
            catch (IOException)
            {
                // gpg closed the pipe because it refused; its complaint below says why.
            }

            await gpg.WaitForExitAsync(cancellation);
            return gpg.ExitCode == 0 ? await output : throw new GpgException((await complaints).Trim());
        }
        finally
        {
            if (!gpg.HasExited)
                gpg.Kill();
        }
    }
}

/// <summary>gpg refused; the message is its own.</summary>
public sealed class GpgException(string message) : Exception(message);
