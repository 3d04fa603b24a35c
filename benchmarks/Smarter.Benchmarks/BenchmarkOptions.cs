using System.Globalization;

namespace Smarter.Benchmarks;

/// <summary>What to measure and how long.</summary>
/// <param name="Rows">Of the file of B1, B2 and B3.</param>
/// <param name="Largest">Of the largest file of B9 and of the curve; the others have a tenth and a hundredth.</param>
/// <param name="Pairs">How often both sides run.</param>
/// <param name="Busy">Measure although the machine is busy.</param>
/// <param name="Only">Parts to measure, of <see cref="Parts"/>; empty for all.</param>
/// <param name="Out">File for the results as JSON; null for none.</param>
internal sealed record BenchmarkOptions(
    long Rows, long Largest, int Pairs, bool Busy, IReadOnlySet<string> Only, string? Out)
{
    private const long SmallestLargest = 10_000;

    public static IReadOnlyList<string> Parts { get; } = ["B1", "B2", "B3", "B9", "B11", "curve"];

    /// <summary>Whether one of the parts is asked for.</summary>
    public bool Has(params string[] parts) => Only.Count == 0 || parts.Any(Only.Contains);

    /// <param name="words">Behind the name of the benchmark.</param>
    /// <returns>Null when the words are not understood.</returns>
    public static BenchmarkOptions? Parse(IReadOnlyList<string> words)
    {
        var options = new BenchmarkOptions(1_000_000, 10_000_000, 5, false, new HashSet<string>(), null);
        for (var i = 0; i < words.Count; i++)
        {
            var value = i + 1 < words.Count ? words[i + 1] : null;
            switch (words[i])
            {
                case "--busy":
                    options = options with { Busy = true };
                    continue;
                case "--rows" when IsNumber(value, out var rows) && rows > 0:
                    options = options with { Rows = rows };
                    break;
                case "--largest" when IsNumber(value, out var largest) && largest >= SmallestLargest:
                    options = options with { Largest = largest };
                    break;
                case "--pairs" when IsNumber(value, out var pairs) && pairs is > 0 and < 1000:
                    options = options with { Pairs = (int)pairs };
                    break;
                case "--only" when value?.Split(',') is { } only && only.All(Parts.Contains):
                    options = options with { Only = only.ToHashSet() };
                    break;
                case "--out" when value is not null:
                    options = options with { Out = value };
                    break;
                default:
                    return null;
            }
            i++;
        }
        return options;
    }

    private static bool IsNumber(string? word, out long number) =>
        long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
