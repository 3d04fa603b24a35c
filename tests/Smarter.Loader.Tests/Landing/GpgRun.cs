using System.Diagnostics;

namespace Smarter.Loader.Tests.Landing;

/// <summary>One run of gpg in a home folder, with bytes in and bytes out.</summary>
internal static class GpgRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <returns>What gpg wrote to standard output.</returns>
    /// <exception cref="InvalidOperationException">gpg refused; the message is its own.</exception>
    public static async Task<byte[]> InAsync(string home, ReadOnlyMemory<byte> input, params string[] arguments)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var gpg = Process.Start(new ProcessStartInfo("gpg",
            ["--homedir", home, "--batch", "--yes", "--no-tty", "--quiet",
                "--trust-model", "always", "--no-auto-key-locate", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            using var output = new MemoryStream();
            var reading = gpg.StandardOutput.BaseStream.CopyToAsync(output, limit.Token);
            var complaints = gpg.StandardError.ReadToEndAsync(limit.Token);
            await gpg.StandardInput.BaseStream.WriteAsync(input, limit.Token);
            gpg.StandardInput.Close();
            await reading;
            await gpg.WaitForExitAsync(limit.Token);
            return gpg.ExitCode == 0 ? output.ToArray() : throw new InvalidOperationException(await complaints);
        }
        finally
        {
            if (!gpg.HasExited)
                gpg.Kill();
        }
    }
}
