namespace Smarter.Loader.Checking;

/// <summary>How strict a tenant is with its files.</summary>
public sealed class CheckingOptions
{
    public const string Section = "Checking";

    /// <summary>By tenant: the share of rejected rows, 0 to 1, above which the whole file fails (decisions.md §2.5).
    /// A tenant that is not named loads every file that has one good row.</summary>
    public IReadOnlyDictionary<string, double> MaxRejectedShares { get; init; } = new Dictionary<string, double>();

    internal double MaxRejectedShare(string tenant) => MaxRejectedShares.TryGetValue(tenant, out var share) ? share : 1;
}
