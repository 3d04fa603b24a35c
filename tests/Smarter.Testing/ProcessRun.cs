using System.Diagnostics;

namespace Smarter.Testing;

/// <summary>A program of this system that was started by a test and has ended.</summary>
public sealed record ProcessRun(int ExitCode, string Output, string Error)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Starts a program that the test project references and waits for its end, one minute at most.</summary>
    /// <param name="program">Name of its assembly, such as <c>Smarter.Migrator</c>.</param>
    /// <param name="settings">Become environment variables, <c>:</c> written as <c>__</c>.</param>
    /// <exception cref="OperationCanceledException">It did not end in time; it was killed.</exception>
    public static async Task<ProcessRun> ToEndAsync(
        string program, string[] arguments, params IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var assembly = Path.Combine(AppContext.BaseDirectory, $"{program}.dll");
        var start = new ProcessStartInfo("dotnet", [assembly, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["Urls"] = "http://127.0.0.1:0";
        foreach (var (key, value) in settings)
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;

        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new ProcessRun(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
