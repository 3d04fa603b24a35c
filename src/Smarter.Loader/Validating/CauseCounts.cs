using Smarter.Core;
using Smarter.Loader.Checking;
using Smarter.Loader.Finishing;

namespace Smarter.Loader.Validating;

/// <summary>Counts what is wrong with rows, by cause, and keeps the first ten rows of each: as much memory for a
/// million errors as for ten.</summary>
internal sealed class CauseCounts
{
    private const int RowsShown = 10;

    private readonly Dictionary<(ErrorCode Code, string? Column), Cause> causes = [];

    private sealed class Cause
    {
        public long Rows { get; set; }

        /// <summary>Ascending.</summary>
        public List<long> First { get; } = new(RowsShown + 1);
    }

    /// <param name="row">Rows may come in any order.</param>
    public void Add(ErrorCode code, string? column, long row)
    {
        if (!causes.TryGetValue((code, column), out var cause))
            causes.Add((code, column), cause = new Cause());
        cause.Rows++;
        if (cause.First.Count == RowsShown && cause.First[^1] < row)
            return;
        cause.First.Insert(~cause.First.BinarySearch(row), row);
        if (cause.First.Count > RowsShown)
            cause.First.RemoveAt(RowsShown);
    }

    public void Add(RowError error) => Add(error.Code, error.Column, error.Row);

    /// <returns>How many rows have this code, and the first of them; zeros when none has.</returns>
    public (long Rows, long First) Of(ErrorCode code) =>
        causes.TryGetValue((code, null), out var cause) ? (cause.Rows, cause.First[0]) : (0, 0);

    public IEnumerable<ReceiptCause> ToReceipt() => causes.Select(cause => ReceiptCause.From(
        cause.Key.Code, RowError.Message(cause.Key.Code), cause.Key.Column, cause.Value.Rows,
        [.. cause.Value.First]));
}
