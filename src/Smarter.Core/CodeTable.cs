namespace Smarter.Core;

/// <summary>What a code takes out of a load.</summary>
public enum Rejects
{
    /// <summary>The whole file: nothing of it is loaded.</summary>
    File,

    /// <summary>The row that it names; the other rows load.</summary>
    Row,

    /// <summary>Nothing: it is worth knowing.</summary>
    Note,
}

/// <summary>What a code means, in plain text without student data.</summary>
/// <param name="Meaning">One or two sentences for the submitter; the reason in receipts when a row is meant.</param>
/// <param name="Mend">What the submitter does about it.</param>
public sealed record CodeEntry(ErrorCode Code, Rejects Rejects, string Meaning, string Mend)
{
    /// <summary>The code's name, such as <c>DateInvalid</c>.</summary>
    public string Name => Code.ToString();
}

/// <summary>
/// Every code with its meaning and its mend: receipts take their words from here, and the table of
/// docs/error-codes.md is written from it (<c>./smarter error-codes</c>).
/// </summary>
/// <remarks>Codes of rows lie from 5101 to 5119, notes from 5120 to 5139: the view <c>udl2.ledger_fault</c> tells them
/// apart by that.</remarks>
public static class CodeTable
{
    /// <summary>In ascending order of the codes.</summary>
    public static IReadOnlyList<CodeEntry> Entries { get; } =
    [
        new(ErrorCode.DeleteRecordNotFound, Rejects.File,
            "A row with Op = D finds no current outcome of this student, assessment and date, neither in production "
            + "nor in a file that was loaded before and waits for its migration.",
            "Remove the row, or correct its StudentIdentifier, AssessmentGuid or "
            + "AssessmentAdministrationFinishDate. If the outcome was sent only just now, wait until that file is "
            + "loaded."),
        new(ErrorCode.DeletedTwice, Rejects.File,
            "The same outcome is deleted by more than one row of the file.",
            "Keep one of the delete rows."),
        new(ErrorCode.BatchFailed, Rejects.File,
            "Every row was rejected, or more rows than the tenant allows (Checking:MaxRejectedShares).",
            "Mend the rows that the receipt lists."),
        new(ErrorCode.FileHasNoData, Rejects.File,
            "The delivered file or its CSV is empty, or the CSV has a header and no row.",
            "Send a CSV with at least one row."),
        new(ErrorCode.WrongDelimiter, Rejects.File,
            "The first line of the CSV has no comma.",
            "Separate the values by commas."),
        new(ErrorCode.HeadersMismatch, Rejects.File,
            "A column is missing from the header, or a name is unknown. The message names up to five of each.",
            "Use the 91 column names of an assessment (AdministrationCondition, CompleteStatus and Op may be left "
            + "out) or the 33 of a student registration (ConfirmationCode may be added). Order and case do not "
            + "matter."),
        new(ErrorCode.HeadersMismatchData, Rejects.File,
            "The first row does not have as many values as the header.",
            "Check the header and the export; often a comma in a value is not quoted."),
        new(ErrorCode.NoHeaders, Rejects.File,
            "The first line holds no known column name, or is not UTF-8 text.",
            "Put the header in the first line; write the file in UTF-8."),
        new(ErrorCode.FileTypeNotSupported, Rejects.File,
            "The archive holds a file that is neither .csv nor .json nor .err.",
            "Pack only the CSV and the JSON."),
        new(ErrorCode.DuplicateHeaders, Rejects.File,
            "The header names a column twice.",
            "Remove one of the two columns."),
        new(ErrorCode.JsonInvalid, Rejects.File,
            "The JSON, or the .err file, cannot be read as JSON. The message gives line and byte of the JSON.",
            "Correct the JSON at that place."),
        new(ErrorCode.JsonPathMissing, Rejects.File,
            "The JSON lacks a member that it must have.",
            "Add the member that the message names; its value may be empty where it is optional."),
        new(ErrorCode.AssessmentGuidMismatch, Rejects.File,
            "The AssessmentGuid of a row is not the Identification.Guid of the JSON.",
            "Pack each CSV with the JSON of its own assessment; one assessment for each file."),
        new(ErrorCode.ChecksumWrong, Rejects.File,
            "The .done file does not hold the MD5 of the delivered file, and neither changed for "
            + "Arrival:RejectAfter.",
            "Send the file again, then its .done."),
        new(ErrorCode.ChecksumAbsent, Rejects.File,
            "No .done file came within Arrival:RejectAfter.",
            "Send the file again, then its .done."),
        new(ErrorCode.FileLost, Rejects.File,
            "The delivered file left the work zone before it was loaded, or the file to check was gone.",
            "Send it again. The operator looks for what removes files there."),
        new(ErrorCode.CannotDecrypt, Rejects.File,
            "The file is no OpenPGP message, is damaged or cut off, or is not encrypted to the loader's key.",
            "Encrypt it to the loader's public key and send it again."),
        new(ErrorCode.NotSigned, Rejects.File,
            "The file is encrypted, but not signed.",
            "Sign it with the key that the operator knows."),
        new(ErrorCode.SignerNotTrusted, Rejects.File,
            "The signing key is not in the tenant's ring.",
            "Sign with the right key, or have the operator add your key to the ring."),
        new(ErrorCode.SignatureBad, Rejects.File,
            "The signature does not fit the content.",
            "The file was changed or damaged after it was signed: sign and send it again."),
        new(ErrorCode.SignatureExpired, Rejects.File,
            "The signature or the signing key has expired, or the key was revoked.",
            "Renew the key, give the operator its public part, sign again."),
        new(ErrorCode.ArchiveDamaged, Rejects.File,
            "Inside the encryption there is no gzip-compressed tar, or it is cut off.",
            "Pack again with tar -czf."),
        new(ErrorCode.MemberNameUnsafe, Rejects.File,
            "A name in the archive is absolute, or climbs out of the archive with \"..\".",
            "Pack with plain names; folders in front of a name are allowed and dropped."),
        new(ErrorCode.MemberNotAFile, Rejects.File,
            "The archive holds a link, a device or something else that is no plain file.",
            "Pack the files themselves."),
        new(ErrorCode.MembersUnexpected, Rejects.File,
            "The archive does not hold exactly one CSV and one JSON (and at most one .err).",
            "Pack one CSV and one JSON; one assessment for each archive."),
        new(ErrorCode.ArchiveTooLarge, Rejects.File,
            "The archive grows past a limit of the section Archive of the settings: total size, ratio, number of "
            + "members, or size of the JSON.",
            "Split the rows over several files. A real file far below the limits: ask the operator."),
        new(ErrorCode.BatcherErrorsOnly, Rejects.File,
            "The archive holds the score batcher's .err file in the place of the CSV: the batcher met errors, and its "
            + "errors are in the notification.",
            "Mend what the batcher reports and have it send the file again."),
        new(ErrorCode.WrongState, Rejects.File,
            "A row names another state than the tenant's.",
            "Send the rows of each state to its own tenant."),
        new(ErrorCode.LoadTypeUnknown, Rejects.File,
            "JSON Content is neither assessment nor StudentRegistration, or Identification.Type is none of the three "
            + "types.",
            "Correct the JSON."),
        new(ErrorCode.JsonValueInvalid, Rejects.File,
            "A value of the JSON is empty, too long, or not a number, date or subject as it must be.",
            "Correct the value at the path that the message names."),
        new(ErrorCode.TooManySchools, Rejects.File,
            "The file names more than 100,000 schools, each spelling of a school counted.",
            "The district or school column holds something else: check the export."),
        new(ErrorCode.CannotBeProcessed, Rejects.File,
            "The loader failed on the file three times for a reason that nobody foresaw; its log has it under "
            + "the batch guid.",
            "Send the log and the batch guid to support; send the file again after the mend."),
        new(ErrorCode.RowWidth, Rejects.Row,
            "The row does not have as many values as the header.",
            "Often a comma in a value is not quoted, or a line is broken."),
        new(ErrorCode.ValueTooLong, Rejects.Row,
            "A text is longer than its column.",
            "Shorten it; the lengths stand in docs/tables."),
        new(ErrorCode.ValueMissing, Rejects.Row,
            "A required value is empty.",
            "Fill it in."),
        new(ErrorCode.NotAnInteger, Rejects.Row,
            "The value must be a whole number and is not. A fraction such as 12.5 is not rounded.",
            "Write a whole number; a year has four digits."),
        new(ErrorCode.NumberOutOfRange, Rejects.Row,
            "The number lies outside -32768 to 32767.",
            "Correct it."),
        new(ErrorCode.DateInvalid, Rejects.Row,
            "The value is no date of a known form, or no day of the calendar; or a birth date lies in the "
            + "future.",
            "Write yyyymmdd or yyyy-mm-dd."),
        new(ErrorCode.ValueUnknown, Rejects.Row,
            "The value is none of the words known for its column (grade, sex, subject, type, yes or no, "
            + "condition, completeness, Op).",
            "Use a known word; words are matched whole, in any case."),
        new(ErrorCode.CharacterNotAllowed, Rejects.Row,
            "The row holds a NUL, bytes that are not UTF-8, or a line end inside a value without quotes.",
            "Write the file in UTF-8 with one kind of line end."),
        new(ErrorCode.QuoteUnbalanced, Rejects.Row,
            "A quotation mark is opened and not closed.",
            "Close it; double a quotation mark inside a quoted value."),
        new(ErrorCode.RowTooLong, Rejects.Row,
            "The row is longer than 256 KiB.",
            "Usually a quotation mark or a line end is missing."),
        new(ErrorCode.SupersededInFile, Rejects.Note,
            "A later row of the same file has the same student, assessment and date, or is the same registration, "
            + "and counts instead. The row is counted as superseded, not as rejected.",
            "Nothing, if that is meant; else remove one of the rows."),
        new(ErrorCode.StudentDescribedTwice, Rejects.Note,
            "A warning: the file describes one student in two ways (name, birth date, demographics, groups). All "
            + "outcomes load; the last description counts.",
            "Nothing, if the last row is right."),
        new(ErrorCode.StudentRegisteredTwice, Rejects.Note,
            "A warning: the file registers one student more than once, and not alike. All of these rows load.",
            "Nothing, if that is meant, for example at two schools; else send a snapshot without the wrong row."),
        new(ErrorCode.DeletesNotChecked, Rejects.Note,
            "Only in a check: the row deletes an outcome, and only a load sees whether production has that outcome "
            + "(1000).",
            "Nothing."),
    ];

    private static readonly Dictionary<ErrorCode, CodeEntry> ByCode = Entries.ToDictionary(entry => entry.Code);

    /// <exception cref="KeyNotFoundException">No code of ours.</exception>
    public static CodeEntry Of(ErrorCode code) => ByCode[code];

    /// <returns>The entries as a Markdown table, each line ended by LF.</returns>
    public static string ToMarkdown() => string.Concat(Entries
        .Select(entry => $"| {entry.Code:D} | {entry.Name} | {entry.Meaning} | {entry.Rejects} | {entry.Mend} |\n")
        .Prepend("| Code | Name | Meaning | Rejects | How to mend it |\n|---:|---|---|---|---|\n"));
}
