using System.Globalization;

namespace Smarter.Benchmarks;

/// <summary>What to measure and how long.</summary>
internal sealed record BenchmarkOptions(long Rows, int Pairs, bool Busy, string? Out)
{
    /// <returns>Null when the words are not understood.</returns>
    public static BenchmarkOptions? Parse(string[] args)
    {
        if (args is not ["load", ..])
            return null;
        var options = new BenchmarkOptions(1_000_000, 5, false, null);
        for (var i = 1; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--busy":
                    options = options with { Busy = true };
                    continue;
                case "--rows" when long.TryParse(value, CultureInfo.InvariantCulture, out var rows) && rows > 0:
                    options = options with { Rows = rows };
                    break;
                case "--pairs" when int.TryParse(value, CultureInfo.InvariantCulture, out var pairs) && pairs > 0:
                    options = options with { Pairs = pairs };
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
}
