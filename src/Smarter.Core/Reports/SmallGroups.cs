namespace Smarter.Core.Reports;

/// <summary>Which groups are too telling to be shown (reporting.md §2.3, suppression).</summary>
public static class SmallGroups
{
    /// <summary>The minimum that holds when a tenant has set none.</summary>
    public const int DefaultMinimum = 10;

    /// <summary>
    /// A group is hidden when it has <paramref name="minimum"/> outcomes or fewer, and when every outcome lies in the
    /// lower half of the levels (1 and 2 of 4), because then each student's lack of proficiency would be known.
    /// </summary>
    /// <param name="counts">Outcomes per level, lowest level first.</param>
    /// <param name="minimum">The largest group that stays hidden; at least 1.</param>
    public static bool Hide(IReadOnlyList<int> counts, int minimum)
    {
        var total = counts.Sum();
        return total <= minimum || total == counts.Take(counts.Count / 2).Sum();
    }
}
