using Smarter.Core;

namespace Smarter.Loader.Checking;

/// <summary>Why a row was rejected, or what to know about it.</summary>
/// <param name="Row">Data row of the CSV, from 1.</param>
/// <param name="Code">The kind of error.</param>
/// <param name="Column">CSV header; null when the whole row is meant.</param>
internal readonly record struct RowError(long Row, ErrorCode Code, string? Column)
{
    /// <returns>The message for err_list and receipts; it never repeats a value of the row.</returns>
    public static string Message(ErrorCode code) => code switch
    {
        ErrorCode.RowWidth => "The row does not have as many values as the header.",
        ErrorCode.ValueTooLong => "The value is longer than its column.",
        ErrorCode.ValueMissing => "The value is required and empty.",
        ErrorCode.NotAnInteger => "The value is not a whole number.",
        ErrorCode.NumberOutOfRange => "The number is outside -32768 to 32767.",
        ErrorCode.DateInvalid => "The value is not a date in a known form, or no day of the calendar.",
        ErrorCode.ValueUnknown => "The value is not one of the words known for this column.",
        ErrorCode.CharacterNotAllowed => "The row holds a NUL, a stray line end or bytes that are not UTF-8.",
        ErrorCode.QuoteUnbalanced => "A quotation mark is opened and not closed.",
        ErrorCode.RowTooLong => $"The row is longer than {CsvBlockReader.MaxRowBytes / 1024} KiB.",
        ErrorCode.SupersededInFile =>
            "A later row of the same file has the same student, assessment and date, or is the same registration, "
            + "and counts instead.",
        ErrorCode.StudentRegisteredTwice =>
            "Warning: the file registers this student in different ways; all of these rows count.",
        ErrorCode.StudentDescribedTwice =>
            "Warning: the file describes this student in different ways; its last row counts.",
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "Not a code of a row."),
    };
}
