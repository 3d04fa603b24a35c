using System.Diagnostics;

namespace Smarter.Testing;

/// <summary>A program of this system as a process of its own, to be asked, stopped and killed.</summary>
public sealed class RunningProgram : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly Process process;
    private readonly TaskCompletionSource<Uri> address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunningProgram(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine(); // a pipe that nobody reads stops the process
    }

    /// <summary>Where it listens; set when it has started.</summary>
    public Task<Uri> Address => address.Task;

    /// <summary>Ends with the process, however that ends.</summary>
    public Task Ended => process.WaitForExitAsync();

    /// <param name="program">Name of an assembly that the test project references, such as <c>Smarter.Loader</c>.</param>
    /// <param name="settings">Become environment variables, <c>:</c> written as <c>__</c>.</param>
    public static RunningProgram Start(
        string program, IEnumerable<KeyValuePair<string, string?>> settings, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["Urls"] = "http://127.0.0.1:0";
        foreach (var (key, value) in settings)
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        return new RunningProgram(Process.Start(start)!);
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

    private void Note(string? line)
    {
        if (line?.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and { } at)
            address.TrySetResult(new Uri(line[(at + Listening.Length)..].Trim()));
        else if (line is null)
            address.TrySetException(new InvalidOperationException("The program ended before it listened."));
    }
}
