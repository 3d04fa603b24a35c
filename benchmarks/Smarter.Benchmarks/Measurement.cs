using System.Text.Json;
using System.Text.Json.Serialization;

namespace Smarter.Benchmarks;

/// <summary>One ratio of benchmarks: ours against an anchor that ran in the same minutes.</summary>
/// <param name="Ratio">Median over the pairs; above 1 is better than the anchor,
/// unless <paramref name="LowerIsBetter"/>.</param>
/// <param name="Ours">Median of ours, in <paramref name="Unit"/>.</param>
/// <param name="Anchor">Median of the anchor, in <paramref name="Unit"/>.</param>
/// <param name="Goal">In the unit of <paramref name="Ratio"/>.</param>
/// <param name="Floor">The least that may land; where none is agreed on, the goal.</param>
/// <param name="Low">Smallest ratio of a pair.</param>
/// <param name="High">Largest ratio of a pair.</param>
/// <param name="LoadAverage">Of the last minute before the first pair.</param>
internal sealed record Measurement(
    string Id, string Metric, double Ratio, double Ours, double Anchor, string Unit, long Rows,
    double Goal, double Floor, double Low, double High, double LoadAverage, string Commit,
    [property: JsonIgnore] bool LowerIsBetter)
{
    private static readonly JsonSerializerOptions Json =
        new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    private static string CommitMeasured => Environment.GetEnvironmentVariable("SMARTER_COMMIT") ?? "unknown";

    /// <summary>A rate, more is better.</summary>
    /// <param name="amount">What each run works on, in the unit whose rate <paramref name="unit"/> is.</param>
    /// <param name="ours">Seconds of each pair, in the order of <paramref name="anchor"/>.</param>
    /// <param name="anchor">Seconds of each pair.</param>
    public static Measurement OfRates(
        string id, string metric, double amount, string unit, IReadOnlyList<double> ours, IReadOnlyList<double> anchor,
        long rows, double goal, double floor, double loadAverage)
    {
        var ratios = ours.Zip(anchor, (our, their) => their / our).ToArray();
        return new Measurement(
            id, metric, Median(ratios), amount / Median(ours), amount / Median(anchor), unit, rows, goal, floor,
            ratios.Min(), ratios.Max(), loadAverage, CommitMeasured, LowerIsBetter: false);
    }

    /// <summary>A cost, less is better.</summary>
    /// <param name="ours">Of each run, in <paramref name="unit"/>, in the order of <paramref name="anchor"/>.</param>
    public static Measurement OfCosts(
        string id, string metric, string unit, IReadOnlyList<double> ours, IReadOnlyList<double> anchor, long rows,
        double goal, double floor, double loadAverage)
    {
        var ratios = ours.Zip(anchor, (our, their) => our / their).ToArray();
        return new Measurement(
            id, metric, Median(ratios), Median(ours), Median(anchor), unit, rows, goal, floor,
            ratios.Min(), ratios.Max(), loadAverage, CommitMeasured, LowerIsBetter: true);
    }

    public static void Print(IReadOnlyList<Measurement> measurements, bool busy)
    {
        Console.WriteLine();
        Console.WriteLine("id   metric                        ours   anchor ratio (range)       goal floor");
        foreach (var m in measurements)
        {
            string Figure(double value) => m.Ours < 100 ? $"{value:N2}" : $"{value:N0}";
            Console.WriteLine(
                $"{m.Id,-4} {m.Metric + (m.LowerIsBetter ? " ↓" : ""),-26} {Figure(m.Ours),8} "
                + $"{Figure(m.Anchor),8} {m.Ratio,5:F2} {$"({m.Low:F2}-{m.High:F2})",-13} "
                + $"{m.Goal,5:0.##} {m.Floor,5:0.##}");
        }
        Console.WriteLine(
            $"medians; ↓ less is better; load average {measurements[0].LoadAverage:F1} before"
            + (busy ? "; MEASURED ON A BUSY MACHINE" : ""));
    }

    public static Task WriteAsync(IReadOnlyList<Measurement> measurements, string path) =>
        File.WriteAllTextAsync(path, JsonSerializer.Serialize(measurements, Json) + "\n");

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1
            ? sorted[sorted.Length / 2]
            : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
