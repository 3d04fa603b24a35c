using System.Text.Json;

namespace Smarter.Benchmarks;

/// <summary>One ratio of benchmarks: ours against an anchor that ran in the same minutes.</summary>
/// <param name="Ratio">Median over the pairs; above 1 is better than the anchor.</param>
/// <param name="Ours">Median of ours, in <paramref name="Unit"/>.</param>
/// <param name="Anchor">Median of the anchor, in <paramref name="Unit"/>.</param>
/// <param name="Low">Smallest ratio of a pair.</param>
/// <param name="High">Largest ratio of a pair.</param>
/// <param name="LoadAverage">Of the last minute before the first pair.</param>
internal sealed record Measurement(
    string Id, string Metric, double Ratio, double Ours, double Anchor, string Unit, long Rows, double Goal, double Floor,
    double Low, double High, double LoadAverage, string Commit)
{
    private static readonly JsonSerializerOptions Json =
        new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <param name="ours">Seconds of each pair, in the order of <paramref name="anchor"/>.</param>
    /// <param name="anchor">Seconds of each pair.</param>
    public static Measurement OfSeconds(
        string id, string metric, IReadOnlyList<double> ours, IReadOnlyList<double> anchor, long rows, double goal, double floor,
        double loadAverage)
    {
        var ratios = ours.Zip(anchor, (our, their) => their / our).ToArray();
        return new Measurement(
            id, metric, Median(ratios), rows / Median(ours), rows / Median(anchor), "rows/s", rows, goal, floor,
            ratios.Min(), ratios.Max(), loadAverage, Environment.GetEnvironmentVariable("SMARTER_COMMIT") ?? "unknown");
    }

    public static void Print(IReadOnlyList<Measurement> measurements, bool busy)
    {
        Console.WriteLine();
        Console.WriteLine("id  metric                           ours     anchor  ratio (range)    goal floor");
        foreach (var m in measurements)
            Console.WriteLine($"{m.Id,-3} {m.Metric,-28} {m.Ours,8:N0} {m.Anchor,10:N0}  {m.Ratio,5:F2} ({m.Low:F2}-{m.High:F2}) {m.Goal,5:F2} {m.Floor,5:F2}");
        Console.WriteLine($"{measurements[0].Unit}, medians; {measurements[0].Rows:N0} rows; load average {measurements[0].LoadAverage:F1} before"
            + (busy ? "; measured on a busy machine" : ""));
    }

    public static Task WriteAsync(IReadOnlyList<Measurement> measurements, string path) =>
        File.WriteAllTextAsync(path, JsonSerializer.Serialize(measurements, Json) + "\n");

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1
            ? sorted[sorted.Length / 2]
            : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
