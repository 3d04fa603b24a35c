namespace Smarter.Core;

/// <summary>
/// What can be wrong with a landing file or one of its rows. Codes below 5000 keep the meaning
/// that states know (loader.md §3.4; 4000 to 4999 belong to the score batcher's <c>.err</c> files);
/// 5000 and above are ours. <see cref="CodeTable"/> explains each with its mend.
/// </summary>
public enum ErrorCode
{
    /// <summary>A delete row has no current outcome in production: the whole file is rejected.</summary>
    DeleteRecordNotFound = 1000,

    /// <summary>The same outcome is deleted twice in one file: the whole file is rejected.</summary>
    DeletedTwice = 1001,

    /// <summary>No row of the file could be loaded, or more rows were rejected than the tenant allows.</summary>
    BatchFailed = 2005,

    FileHasNoData = 3003,
    WrongDelimiter = 3005,
    HeadersMismatch = 3006,
    HeadersMismatchData = 3008,
    NoHeaders = 3009,
    FileTypeNotSupported = 3010,
    DuplicateHeaders = 3011,
    JsonInvalid = 3012,
    JsonPathMissing = 3013,
    AssessmentGuidMismatch = 3014,

    /// <summary>The <c>.done</c> file does not hold the MD5 of the delivered file.</summary>
    ChecksumWrong = 5001,

    /// <summary>No <c>.done</c> file came.</summary>
    ChecksumAbsent = 5002,

    /// <summary>The delivered file left the work zone before it was loaded.</summary>
    FileLost = 5003,

    /// <summary>Not an OpenPGP message, damaged, or not encrypted to the loader's key.</summary>
    CannotDecrypt = 5010,

    NotSigned = 5011,

    /// <summary>Signed, but not by a key of the tenant's ring.</summary>
    SignerNotTrusted = 5012,

    SignatureBad = 5013,

    /// <summary>The signature or its key has expired or was revoked.</summary>
    SignatureExpired = 5014,

    ArchiveDamaged = 5020,

    /// <summary>A member has an absolute name or climbs out of the archive with <c>..</c>.</summary>
    MemberNameUnsafe = 5021,

    /// <summary>A member is a link, a device or something else that is no file.</summary>
    MemberNotAFile = 5022,

    /// <summary>The archive does not hold exactly one CSV and one JSON (and at most one <c>.err</c>).</summary>
    MembersUnexpected = 5023,

    /// <summary>The archive grows past the limits on size, ratio or number of members.</summary>
    ArchiveTooLarge = 5024,

    /// <summary>The archive holds the score batcher's <c>.err</c> file in the place of the CSV.</summary>
    BatcherErrorsOnly = 5025,

    /// <summary>A row belongs to another state than the tenant's.</summary>
    WrongState = 5030,

    /// <summary>JSON <c>Content</c> or <c>Identification.Type</c> names no load type that this loader takes.</summary>
    LoadTypeUnknown = 5031,

    /// <summary>A JSON value is missing, has the wrong form or is too long.</summary>
    JsonValueInvalid = 5033,

    /// <summary>More schools than the stated limit: the file is not what it says.</summary>
    TooManySchools = 5034,

    /// <summary>The loader failed on the file again and again for a reason that nobody foresaw.</summary>
    CannotBeProcessed = 5040,

    RowWidth = 5101,
    ValueTooLong = 5102,
    ValueMissing = 5103,
    NotAnInteger = 5104,
    NumberOutOfRange = 5105,
    DateInvalid = 5106,
    ValueUnknown = 5107,
    CharacterNotAllowed = 5110,
    QuoteUnbalanced = 5111,
    RowTooLong = 5112,

    /// <summary>Not an error of its own: a later row of the file replaced this one, or, of a registration file,
    /// says the same.</summary>
    SupersededInFile = 5120,

    /// <summary>A warning: the file describes one student in two ways; the last one counts.</summary>
    StudentDescribedTwice = 5121,

    /// <summary>A warning: the file registers one student more than once, and not alike; all these rows load.</summary>
    StudentRegisteredTwice = 5122,

    /// <summary>Only in a check: a delete, whose match in production only a load looks for.</summary>
    DeletesNotChecked = 5130,
}
