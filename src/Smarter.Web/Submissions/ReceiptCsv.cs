using System.Buffers;
using System.Globalization;
using System.Text;
using Smarter.Web.Texts;

namespace Smarter.Web.Submissions;

/// <summary>The receipt of the page as a table for a spreadsheet, in the page's language: the counts, the fault, the
/// errors and the notes.</summary>
internal static class ReceiptCsv
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n\t'");

    /// <summary>UTF-8 with a byte order mark, lines ending in CR LF.</summary>
    public static byte[] Of(SubmissionReceipt receipt, bool isCheck, TextBundle texts)
    {
        var csv = new StringBuilder();
        void Line(params object?[] cells) => csv.AppendJoin(',', cells.Select(Cell)).Append("\r\n");
        void Causes(string kind, IReadOnlyList<SubmissionReceipt.Cause>? causes)
        {
            foreach (var cause in causes ?? [])
                Line(kind, cause.Code, cause.Name, cause.Reason, cause.Column, cause.Rows,
                    SubmissionWords.FirstRows(cause), cause.Mend);
        }

        Line(texts["receipt.kind"], texts["receipt.code"], texts["receipt.name"], texts["receipt.reason"],
            texts["receipt.column"], texts["receipt.rows"], texts["receipt.firstRows"], texts["receipt.mend"]);
        if (receipt.Rows is { } rows)
        {
            Line(texts["sub.rows"], null, texts["sub.received"], null, null, rows.Received, null, null);
            Line(texts["sub.rows"], null, isCheck ? texts["sub.wouldLoad"] : texts["sub.loaded"], null, null,
                rows.Loaded, null, null);
            Line(texts["sub.rows"], null, texts["sub.rejected"], null, null, rows.Rejected, null, null);
            Line(texts["sub.rows"], null, texts["sub.superseded"], null, null, rows.Superseded, null, null);
        }
        if (receipt.Fault is { } fault)
            Line(texts["receipt.fault"], fault.Code, fault.Name, fault.Reason, null, null, null, fault.Mend);
        Causes(texts["receipt.errors"], receipt.Errors);
        Causes(texts["receipt.notes"], receipt.Notes);
        return [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(csv.ToString())];
    }

    /// <summary>A cell that a spreadsheet would run as a formula is written with a leading <c>'</c>
    /// (decisions.md §5.3).</summary>
    private static string Cell(object? value)
    {
        var text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        if (text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..])
            text = "'" + text;
        return text.AsSpan().ContainsAny(Quoted)
            ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : text;
    }
}
