namespace Smarter.Core.Reports;

/// <summary>Whole percentages that always add up to 100 (reporting.md §2.1, percentage normalisation).</summary>
public static class Percentages
{
    /// <summary>The share of each count in their sum, by largest remainder; equal remainders favour the later
    /// one.</summary>
    /// <param name="counts">Outcomes per level, lowest level first; none negative.</param>
    /// <returns>As many whole percentages as counts, in the same order, adding up to 100; all 0 when the sum is
    /// 0.</returns>
    public static IReadOnlyList<int> Of(IReadOnlyList<int> counts)
    {
        var total = counts.Sum();
        return total == 0
            ? new int[counts.Count]
            : Normalize([.. counts.Select(count => (double)count / total * 100)]);
    }

    /// <summary>Rounds each share down and gives the missing points to the largest remainders, ties to the later
    /// one.</summary>
    /// <param name="shares">Percentages that add up to 100, but for rounding.</param>
    public static IReadOnlyList<int> Normalize(IReadOnlyList<double> shares)
    {
        var whole = shares.Select(share => (int)Math.Floor(share)).ToArray();
        var missing = 100 - whole.Sum();
        var byRemainder = Enumerable.Range(0, whole.Length).OrderBy(level => shares[level] - whole[level]);
        foreach (var level in byRemainder.TakeLast(missing))
            whole[level]++;
        return whole;
    }
}
