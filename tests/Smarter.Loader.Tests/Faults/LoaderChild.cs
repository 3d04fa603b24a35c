using System.Diagnostics;

namespace Smarter.Loader.Tests.Faults;

/// <summary>The built loader as a process of its own, to be killed.</summary>
internal sealed class LoaderChild : IAsyncDisposable
{
    /// <summary>The virtual host that the loader always asks for.</summary>
    public const string VirtualHost = "edudl";

    private readonly Process process;

    private LoaderChild(Process process) => this.process = process;

    public static LoaderChild Start(IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Smarter.Loader.dll")])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["Urls"] = "http://127.0.0.1:0";
        foreach (var (key, value) in settings)
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { }; // a pipe that nobody reads stops the process
        process.BeginOutputReadLine();
        return new LoaderChild(process);
    }

    /// <summary>SIGKILL: nothing of the process runs any more when this returns.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as an operator stops it.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="OperationCanceledException">It has not ended after <paramref name="patience"/>.</exception>
    public async Task<int> StopAsync(TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        await Process.Start("kill", ["-TERM", $"{process.Id}"]).WaitForExitAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            await KillAsync();
        process.Dispose();
    }
}
