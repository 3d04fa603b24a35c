using System.Diagnostics;
using System.Globalization;

namespace Smarter.Benchmarks.Load;

/// <summary>
/// B9: peak memory of a load. The steps run in a process of their own, under the runtime settings of the loader's
/// program, and load one file; what the kernel noted as the most that was resident (VmHWM) is the figure.
/// </summary>
internal static class MemoryBenchmark
{
    public const string Verb = "load-once";

    /// <summary>Loads the file in a process of its own.</summary>
    /// <returns>Peak resident megabytes (10⁶ bytes).</returns>
    public static async Task<double> PeakMegabytesAsync(BenchFile file)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Smarter.Benchmarks");
        using var child = Process.Start(new ProcessStartInfo("dotnet",
        [
            "exec", "--runtimeconfig", Path.Combine(AppContext.BaseDirectory, "Smarter.Loader.runtimeconfig.json"),
            "--depsfile", $"{program}.deps.json", $"{program}.dll", Verb, file.ArchivePath,
        ])
        {
            RedirectStandardOutput = true,
        })!;
        var output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        return child.ExitCode == 0
            ? double.Parse(output.Trim().Split(' ')[^1], CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"The load in a process of its own failed: {output}");
    }

    /// <summary>What the process of its own does.</summary>
    public static async Task<int> LoadOnceAsync(string[] args)
    {
        await using var loader = LoaderSteps.Start(args);
        await using (var load = await loader.RegisterAsync(args[1]))
        {
            await loader.StageAsync(load);
            await loader.BuildAsync(load);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"peak {PeakKilobytes() * 1024 / 1e6:F1}"));
        }
        return 0;
    }

    private static double PeakKilobytes() => double.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
        CultureInfo.InvariantCulture);
}
