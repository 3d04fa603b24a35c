using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Smarter.Core;
using Smarter.Loader.Checking;

namespace Smarter.Loader.Tests.Checking;

/// <summary>The rules of a row once more, as plainly as they can be said, for a canonical header.</summary>
internal static partial class PlainRowCheck
{
    /// <returns>The errors, or the fields one behind the other when there is none.</returns>
    public static (IReadOnlyList<(ErrorCode Code, string? Column)> Errors, byte[] Fields) Check(
        byte[] row, RowRules rules)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(row);
        }
        catch (DecoderFallbackException)
        {
            return ([(ErrorCode.CharacterNotAllowed, null)], []);
        }
        if (text.Contains('\0'))
            return ([(ErrorCode.CharacterNotAllowed, null)], []);
        var columns = rules.Layout.Columns;
        if (Split(text, columns.Count) is not { } cells)
            return ([(ErrorCode.QuoteUnbalanced, null)], []);
        if (cells.Count != columns.Count)
            return ([(ErrorCode.RowWidth, null)], []);

        var errors = new List<(ErrorCode, string?)>();
        var fields = new List<byte>();
        foreach (var (column, cell) in columns.Zip(cells))
        {
            var (error, value) = Judge(column, cell.Trim(' '), rules);
            if (error is { } code)
                errors.Add((code, column.Header));
            var length = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32BigEndian(length, value?.Length ?? -1);
            fields.AddRange([.. length, .. value ?? []]);
        }
        return (errors, [.. fields]);
    }

    /// <returns>Null when a quote is not closed before there are too many values.</returns>
    private static List<string>? Split(string row, int expected)
    {
        var cells = new List<string>();
        var rest = row;
        while (cells.Count < expected)
        {
            var cell = "";
            if (rest.StartsWith('"'))
            {
                var quoted = Quoted().Match(rest);
                if (!quoted.Success)
                    return null;
                cell = quoted.Groups[1].Value.Replace("\"\"", "\"", StringComparison.Ordinal);
                cell = Regex.Replace(cell, "[\r\n]", "");
                rest = rest[quoted.Length..];
            }
            var comma = rest.IndexOf(',', StringComparison.Ordinal);
            cells.Add(cell + (comma < 0 ? rest : rest[..comma]));
            if (comma < 0)
                return cells;
            rest = rest[(comma + 1)..];
        }
        return [.. cells, rest];
    }

    private static (ErrorCode? Error, byte[]? Value) Judge(CsvColumn column, string cell, RowRules rules)
    {
        var utf8 = Encoding.UTF8.GetBytes(cell);
        if (cell.Length == 0)
            return column.Required ? (ErrorCode.ValueMissing, null)
                : column.Rule == FieldRule.Operation ? (null, "C"u8.ToArray())
                : (null, null);
        return column.Rule switch
        {
            FieldRule.Text or FieldRule.AssessmentGuid =>
                cell.IndexOfAny(['\r', '\n']) >= 0 ? (ErrorCode.CharacterNotAllowed, null)
                : cell.EnumerateRunes().Count() > column.MaxLength ? (ErrorCode.ValueTooLong, null)
                : (null, utf8),
            FieldRule.Integer => Integer(cell),
            FieldRule.Year => FourDigits().IsMatch(cell) ? Integer(cell) : (ErrorCode.NotAnInteger, null),
            FieldRule.Date => Date(utf8, null),
            FieldRule.BirthDate => Date(utf8, rules.Today.AddDays(1)),
            FieldRule.YesNo => Flag(FieldValues.YesNo(utf8)),
            FieldRule.Completeness => Flag(FieldValues.Completeness(utf8)),
            FieldRule.StateCode => (null, rules.StateCode),
            FieldRule.Grade => FieldValues.Grade(utf8) is var (first, second)
                ? (null, [first, second])
                : (ErrorCode.ValueUnknown, null),
            FieldRule.Gender => Word(FieldValues.Gender(utf8)),
            FieldRule.AssessmentType => Word(FieldValues.AssessmentType(utf8)),
            FieldRule.Subject => Word(FieldValues.Subject(utf8)),
            FieldRule.Condition => Word(FieldValues.Condition(utf8)),
            FieldRule.Operation => Word(FieldValues.Operation(utf8)),
            _ => throw new InvalidOperationException($"No rule {column.Rule}."),
        };
    }

    private static (ErrorCode?, byte[]?) Integer(string cell)
    {
        if (!Number().IsMatch(cell))
            return (ErrorCode.NotAnInteger, null);
        if (!short.TryParse(cell, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return (ErrorCode.NumberOutOfRange, null);
        var value = new byte[sizeof(short)];
        BinaryPrimitives.WriteInt16BigEndian(value, number);
        return (null, value);
    }

    private static (ErrorCode?, byte[]?) Date(byte[] cell, DateOnly? birthBefore) =>
        FieldValues.Date(cell, birthBefore) is { } date
            ? (null, Encoding.ASCII.GetBytes(date.ToString("yyyyMMdd", CultureInfo.InvariantCulture)))
            : (ErrorCode.DateInvalid, null);

    private static (ErrorCode?, byte[]?) Flag(bool? flag) =>
        flag is { } known ? (null, [known ? (byte)1 : (byte)0]) : (ErrorCode.ValueUnknown, null);

    private static (ErrorCode?, byte[]?) Word(ReadOnlySpan<byte> word) =>
        word.IsEmpty ? (ErrorCode.ValueUnknown, null) : (null, word.ToArray());

    [GeneratedRegex("^\"((?:[^\"]|\"\")*)\"", RegexOptions.Singleline)]
    private static partial Regex Quoted();

    [GeneratedRegex("^[+-]?[0-9]+\\z")]
    private static partial Regex Number();

    [GeneratedRegex("^[0-9]{4}\\z")]
    private static partial Regex FourDigits();
}
