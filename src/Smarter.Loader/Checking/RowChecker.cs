using System.Buffers.Binary;
using System.Text.Unicode;
using Smarter.Core;

namespace Smarter.Loader.Checking;

/// <summary>What every row of a file is checked against.</summary>
/// <param name="StateCode">The tenant's state, two upper-case ASCII letters.</param>
/// <param name="AssessmentGuid">JSON <c>Identification.Guid</c>, UTF-8; empty for a file of no assessment.</param>
/// <param name="IsBlockFile">Whether the overall and claim 2 to 4 columns are left unread (loader.md §2.6).</param>
/// <param name="Today">First day that is in the future for a birth date is the day after.</param>
internal sealed record RowRules(byte[] StateCode, byte[] AssessmentGuid, bool IsBlockFile, DateOnly Today)
{
    /// <summary>The columns of the file.</summary>
    public CsvLayout Layout { get; init; } = AssessmentLayout.Csv;
}

/// <summary>
/// Checks CSV rows and encodes each value once as a field of PostgreSQL's binary COPY format,
/// in canonical column order, so that a table's tuple is a few copies of neighbouring fields.
/// One instance serves one thread.
/// </summary>
internal sealed class RowChecker
{
    private readonly CsvHeader header;
    private readonly RowRules rules;
    private readonly CsvColumn[] columns;
    private readonly int dateTaken;
    private readonly int operation;
    private readonly int firstRace;
    private readonly DateOnly birthBefore;
    private readonly int fileColumns;
    private readonly int[] fileColumnOf;
    private readonly int[] starts;
    private readonly RepeatedValues?[] repeatedFrom;
    private readonly CsvRow fields;
    private byte[] encoded = new byte[16 * 1024];
    private int written;
    private bool hasLineEnds;

    public RowChecker(CsvHeader header, RowRules rules)
    {
        this.header = header;
        this.rules = rules;
        columns = [.. header.Layout.Columns];
        dateTaken = header.Layout.Find("date_taken");
        operation = header.Layout.Find("rec_status");
        firstRace = header.Layout.Find("dmg_eth_hsp");
        fileColumnOf = new int[columns.Length];
        starts = new int[columns.Length + 1];
        birthBefore = rules.Today.AddDays(1);
        fileColumns = header.CanonicalOfFileColumn.Count;
        fields = new CsvRow(fileColumns);
        Array.Fill(fileColumnOf, -1);
        for (var i = 0; i < fileColumns; i++)
            fileColumnOf[header.CanonicalOfFileColumn[i]] = i;
        repeatedFrom = new RepeatedValues?[columns.Length];
        foreach (var (first, last) in header.Layout.Repeating)
            RepeatWhereNeighbours(header.Layout.IndexOf(first), header.Layout.IndexOf(last));
    }

    /// <summary>The day of <c>date_taken</c> of the assessment row that <see cref="Check"/> accepted last.</summary>
    public DateOnly TakenOn { get; private set; }

    /// <summary>Derived ethnicity, 0 to 7, of the assessment row that <see cref="Check"/> accepted last.</summary>
    public short Ethnicity { get; private set; }

    /// <summary>Whether that row asks for a delete.</summary>
    public bool IsDelete { get; private set; }

    /// <summary>The encoded fields of the canonical columns <paramref name="first"/> to <paramref name="last"/>,
    /// both included, of the row that <see cref="Check"/> accepted last.</summary>
    public ReadOnlySpan<byte> Encoded(int first, int last) => encoded.AsSpan(starts[first]..starts[last + 1]);

    /// <summary>Checks one row of a block and encodes it; one that was cut off is too long.</summary>
    /// <param name="position">In <see cref="CsvBlock.Rows"/>.</param>
    /// <param name="errors">Takes every error of the row.</param>
    /// <returns>True when the row is accepted; false when it is rejected.</returns>
    /// <exception cref="FileRejectedException">5030 or 3014: the row shows that the whole file is wrong.</exception>
    public bool CheckRowOf(CsvBlock block, int position, List<RowError> errors)
    {
        var number = block.FirstRow + position;
        return block.CutRows.Contains(position)
            ? Reject(errors, number, ErrorCode.RowTooLong)
            : Check(block.Bytes.AsSpan(block.Rows[position]), number, errors);
    }

    /// <summary>Checks one row and encodes it.</summary>
    /// <param name="row">The row without its line end.</param>
    /// <param name="number">Its number in the file, from 1.</param>
    /// <param name="errors">Takes every error of the row.</param>
    /// <returns>True when the row is accepted; false when it is rejected.</returns>
    /// <exception cref="FileRejectedException">5030 or 3014: the row shows that the whole file is wrong.</exception>
    public bool Check(ReadOnlySpan<byte> row, long number, List<RowError> errors)
    {
        if (!Utf8.IsValid(row) || row.Contains((byte)0))
            return Reject(errors, number, ErrorCode.CharacterNotAllowed);
        var width = fields.Split(row);
        if (width < 0)
            return Reject(errors, number, ErrorCode.QuoteUnbalanced);
        if (width != fileColumns)
            return Reject(errors, number, ErrorCode.RowWidth);

        if (encoded.Length < row.Length + columns.Length * 24)
            encoded = new byte[2 * (row.Length + columns.Length * 24)];
        written = 0;
        hasLineEnds = row.ContainsAny((byte)'\r', (byte)'\n');
        var before = errors.Count;
        for (var i = 0; i < columns.Length; i++)
        {
            if (repeatedFrom[i] is { } repeated)
            {
                EncodeRun(repeated, row, number, errors);
                i = repeated.Last;
                continue;
            }
            EncodeColumn(i, row, number, errors);
        }
        starts[columns.Length] = written;
        if (errors.Count > before)
            return false;

        if (operation < 0)
            return true;
        Ethnicity = Core.Ethnicity.Derive(Flag(0), Flag(1), Flag(2), Flag(3), Flag(4), Flag(5), Flag(6));
        IsDelete = encoded[starts[operation] + sizeof(int)] == (byte)'W';
        return true;
    }

    /// <summary>Columns whose values are remembered must lie beside each other in the file too.</summary>
    private void RepeatWhereNeighbours(int first, int last)
    {
        for (var i = first; i <= last; i++)
        {
            if (fileColumnOf[i] < 0 || fileColumnOf[i] != fileColumnOf[first] + i - first)
                return;
        }
        repeatedFrom[first] = new RepeatedValues(first, last);
    }

    private void EncodeRun(RepeatedValues repeated, ReadOnlySpan<byte> row, long number, List<RowError> errors)
    {
        var run = fields.Run(row, fileColumnOf[repeated.First], fileColumnOf[repeated.Last]);
        if (!run.IsEmpty && repeated.TryRecall(run, encoded, ref written, starts))
            return;
        var begin = written;
        var before = errors.Count;
        for (var i = repeated.First; i <= repeated.Last; i++)
            EncodeColumn(i, row, number, errors);
        if (!run.IsEmpty && errors.Count == before)
            repeated.Remember(run, encoded.AsSpan(begin, written - begin), starts);
    }

    private void EncodeColumn(int index, ReadOnlySpan<byte> row, long number, List<RowError> errors)
    {
        starts[index] = written;
        var fileColumn = fileColumnOf[index];
        var value = fileColumn < 0 ? default : fields.Value(row, fileColumn);
        if (Encode(index, value, number) is { } code)
        {
            errors.Add(new RowError(number, code, columns[index].Header));
            WriteNull();
        }
    }

    private static bool Reject(List<RowError> errors, long number, ErrorCode code)
    {
        errors.Add(new RowError(number, code, null));
        return false;
    }

    private bool? Flag(int race) =>
        BinaryPrimitives.ReadInt32BigEndian(encoded.AsSpan(starts[firstRace + race])) < 0
            ? null
            : encoded[starts[firstRace + race] + sizeof(int)] == 1;

    /// <returns>What is wrong with the value; null when it was encoded.</returns>
    private ErrorCode? Encode(int index, ReadOnlySpan<byte> value, long number)
    {
        var column = columns[index];
        if (rules.IsBlockFile && column.OverallOnly)
            return WriteNull();
        if (value.IsEmpty)
        {
            if (column.Required)
                return ErrorCode.ValueMissing;
            return column.Rule == FieldRule.Operation ? WriteWord("C"u8) : WriteNull();
        }
        return column.Rule switch
        {
            FieldRule.Text => WriteText(value, column.MaxLength),
            FieldRule.YesNo => WriteFlag(FieldValues.YesNo(value)),
            FieldRule.Integer => WriteInteger(
                FieldValues.FourDigits(value) is >= 0 and var score ? score : FieldValues.Integer(value)),
            FieldRule.Grade => WriteGrade(FieldValues.Grade(value)),
            FieldRule.Date => WriteDate(FieldValues.Date(value, null), value, index),
            FieldRule.BirthDate => WriteDate(FieldValues.Date(value, birthBefore), value, index),
            FieldRule.Gender => WriteWord(FieldValues.Gender(value)),
            FieldRule.MaleOrFemale => WriteWord(FieldValues.MaleOrFemale(value)),
            FieldRule.Year => value.Length == 4 && char.IsAsciiDigit((char)value[0])
                ? WriteInteger(FieldValues.Integer(value))
                : ErrorCode.NotAnInteger,
            FieldRule.AssessmentType => WriteWord(FieldValues.AssessmentType(value)),
            FieldRule.Subject => WriteWord(FieldValues.Subject(value)),
            FieldRule.Condition => WriteWord(FieldValues.Condition(value)),
            FieldRule.Completeness => WriteFlag(FieldValues.Completeness(value)),
            FieldRule.Operation => WriteWord(FieldValues.Operation(value)),
            FieldRule.StateCode => WriteState(value, number),
            FieldRule.AssessmentGuid => WriteGuid(value, column.MaxLength, number),
            _ => throw new InvalidOperationException($"No rule {column.Rule}."),
        };
    }

    private ErrorCode? WriteState(ReadOnlySpan<byte> value, long number)
    {
        if (!System.Text.Ascii.EqualsIgnoreCase(value, rules.StateCode))
            throw new FileRejectedException(ErrorCode.WrongState,
                $"Row {number} belongs to another state than {System.Text.Encoding.ASCII.GetString(rules.StateCode)}.",
                "StateAbbreviation");
        return WriteWord(rules.StateCode);
    }

    private ErrorCode? WriteGuid(ReadOnlySpan<byte> value, int maxLength, long number)
    {
        if (!value.SequenceEqual(rules.AssessmentGuid))
            throw new FileRejectedException(ErrorCode.AssessmentGuidMismatch,
                $"The AssessmentGuid of row {number} is not the Identification.Guid of the JSON.", "AssessmentGuid");
        return WriteText(value, maxLength);
    }

    private ErrorCode? WriteText(ReadOnlySpan<byte> value, int maxLength)
    {
        if (hasLineEnds && value.ContainsAny((byte)'\r', (byte)'\n'))
            return ErrorCode.CharacterNotAllowed;
        if (value.Length > maxLength && CharacterCount(value) > maxLength)
            return ErrorCode.ValueTooLong;
        return WriteWord(value);
    }

    /// <summary>Counts code points, as PostgreSQL counts the length of a varchar.</summary>
    private static int CharacterCount(ReadOnlySpan<byte> utf8)
    {
        var continuations = 0;
        foreach (var unit in utf8)
            continuations += (unit & 0xC0) == 0x80 ? 1 : 0;
        return utf8.Length - continuations;
    }

    private ErrorCode? WriteWord(ReadOnlySpan<byte> word)
    {
        if (word.IsEmpty)
            return ErrorCode.ValueUnknown;
        BinaryPrimitives.WriteInt32BigEndian(encoded.AsSpan(written), word.Length);
        word.CopyTo(encoded.AsSpan(written + sizeof(int)));
        written += sizeof(int) + word.Length;
        return null;
    }

    private ErrorCode? WriteFlag(bool? flag)
    {
        if (flag is null)
            return ErrorCode.ValueUnknown;
        BinaryPrimitives.WriteInt32BigEndian(encoded.AsSpan(written), 1);
        encoded[written + sizeof(int)] = flag.Value ? (byte)1 : (byte)0;
        written += sizeof(int) + 1;
        return null;
    }

    private ErrorCode? WriteInteger(int? number)
    {
        if (number is null)
            return ErrorCode.NotAnInteger;
        if (number is < short.MinValue or > short.MaxValue)
            return ErrorCode.NumberOutOfRange;
        BinaryPrimitives.WriteInt32BigEndian(encoded.AsSpan(written), sizeof(short));
        BinaryPrimitives.WriteInt16BigEndian(encoded.AsSpan(written + sizeof(int)), (short)number.Value);
        written += sizeof(int) + sizeof(short);
        return null;
    }

    private ErrorCode? WriteGrade((byte First, byte Second)? grade)
    {
        if (grade is null)
            return ErrorCode.ValueUnknown;
        return WriteWord([grade.Value.First, grade.Value.Second]);
    }

    private ErrorCode? WriteDate(DateOnly? date, ReadOnlySpan<byte> value, int column)
    {
        if (date is null)
            return ErrorCode.DateInvalid;
        if (column == dateTaken)
            TakenOn = date.Value;
        if (value.Length == 8 && !value.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return WriteWord(value); // as it is stored
        Span<byte> text = stackalloc byte[8];
        date.Value.TryFormat(text, out _, "yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture);
        return WriteWord(text);
    }

    private ErrorCode? WriteNull()
    {
        BinaryPrimitives.WriteInt32BigEndian(encoded.AsSpan(written), -1);
        written += sizeof(int);
        return null;
    }
}
