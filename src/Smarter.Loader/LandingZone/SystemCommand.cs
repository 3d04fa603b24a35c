using System.Diagnostics;

namespace Smarter.Loader.LandingZone;

/// <summary>A program of the operating system that has ended.</summary>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Error">What it wrote to standard error, trimmed.</param>
internal sealed record SystemCommand(int ExitCode, string Output, string Error)
{
    /// <summary>Runs a program to its end, without a shell.</summary>
    /// <param name="input">For its standard input; secrets go here,
    /// because arguments can be seen by every user.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">There is no such program.</exception>
    public static async Task<SystemCommand> RunAsync(
        string program, string[] arguments, string input, CancellationToken cancellation)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        })!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var error = process.StandardError.ReadToEndAsync(cancellation);
            await WriteAsync(process.StandardInput, input);
            await process.WaitForExitAsync(cancellation);
            return new SystemCommand(process.ExitCode, await output, (await error).Trim());
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>A program that ends without reading its input says why on standard error.</summary>
    private static async Task WriteAsync(StreamWriter standardInput, string input)
    {
        try
        {
            await standardInput.WriteAsync(input);
            standardInput.Close();
        }
        catch (IOException)
        {
        }
    }
}
