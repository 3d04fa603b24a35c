using Smarter.Core;

namespace Smarter.Loader.Checking;

/// <summary>Why a row was rejected, or what to know about it.</summary>
/// <param name="Row">Data row of the CSV, from 1.</param>
/// <param name="Code">The kind of error.</param>
/// <param name="Column">CSV header; null when the whole row is meant.</param>
internal readonly record struct RowError(long Row, ErrorCode Code, string? Column)
{
    /// <returns>The message for err_list and receipts; it never repeats a value of the row.</returns>
    public static string Message(ErrorCode code) => CodeTable.Of(code).Meaning;
}
