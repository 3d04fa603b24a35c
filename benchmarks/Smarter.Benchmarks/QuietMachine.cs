using System.Globalization;

namespace Smarter.Benchmarks;

/// <summary>A ratio measured beside other work says little: wait for the machine to be ours.</summary>
internal static class QuietMachine
{
    private const double Quiet = 1.5;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <returns>The load average of the last minute.</returns>
    public static double LoadAverage() =>
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    /// <returns>False when the machine stayed busy for five minutes; nothing must be measured then.</returns>
    public static async Task<bool> WaitAsync(bool measureAnyway)
    {
        for (var waited = TimeSpan.Zero; !measureAnyway && LoadAverage() > Quiet; waited += TimeSpan.FromSeconds(5))
        {
            if (waited >= Patience)
            {
                await Console.Error.WriteLineAsync(
                    $"The load average is {LoadAverage():F1}: no ratio is printed. End other work, or measure with --busy.");
                return false;
            }
            if (waited == TimeSpan.Zero)
                Console.WriteLine($"waiting for the load average ({LoadAverage():F1}) to fall to {Quiet}");
            await Task.Delay(TimeSpan.FromSeconds(5));
        }
        return true;
    }
}
