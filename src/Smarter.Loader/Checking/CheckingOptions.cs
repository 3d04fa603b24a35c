using Smarter.Core;

namespace Smarter.Loader.Checking;

/// <summary>How strict a tenant is with its files.</summary>
public sealed class CheckingOptions
{
    public const string Section = "Checking";

    /// <summary>By tenant: the share of rejected rows, 0 to 1, above which the whole file fails (decisions.md §2.5).
    /// A tenant that is not named loads every file that has one good row.</summary>
    public IReadOnlyDictionary<string, double> MaxRejectedShares { get; init; } = new Dictionary<string, double>();

    /// <param name="tenant">Null for a file of nobody's yet: then only a file without a good row is rejected.</param>
    /// <param name="received">Data rows of the file.</param>
    /// <param name="rejected">Of these, how many have an error.</param>
    /// <returns>Why the file is rejected (2005); null when it is not.</returns>
    internal FileRejectedException? Refusal(string? tenant, long received, long rejected)
    {
        if (rejected == received)
            return new FileRejectedException(ErrorCode.BatchFailed, "Every row of the file was rejected.");
        var most = tenant is not null && MaxRejectedShares.TryGetValue(tenant, out var share) ? share : 1;
        return rejected > most * received
            ? new FileRejectedException(
                ErrorCode.BatchFailed, $"{rejected} of {received} rows were rejected; the tenant allows {most:P1}.")
            : null;
    }
}
