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
/// <remarks>What a rule returns is the position behind the field that it wrote, or below zero the complement of the
/// error's code: a row has near a hundred values, and most are good.</remarks>
internal sealed class RowChecker
{
    private readonly CsvHeader header;
    private readonly RowRules rules;
    private readonly Column[] columns;
    private readonly int dateTaken;
    private readonly int operation;
    private readonly int firstRace;
    private readonly DateOnly birthBefore;
    private readonly int futureDay; // birthBefore as yyyymmdd
    private readonly int fileColumns;
    private readonly int[] starts;
    private readonly CsvRow fields;
    private byte[] encoded = new byte[16 * 1024];
    private int takenOn; // yyyymmdd
    private readonly List<(ErrorCode Code, string Column)> faults = [];
    private long rowNumber;
    private bool hasLineEnds;

    public RowChecker(CsvHeader header, RowRules rules)
    {
        this.header = header;
        this.rules = rules;
        dateTaken = header.Layout.Find("date_taken");
        operation = header.Layout.Find("rec_status");
        firstRace = header.Layout.Find("dmg_eth_hsp");
        birthBefore = rules.Today.AddDays(1);
        futureDay = birthBefore.Year * 10_000 + birthBefore.Month * 100 + birthBefore.Day;
        fileColumns = header.CanonicalOfFileColumn.Count;
        fields = new CsvRow(fileColumns);
        columns = [.. header.Layout.Columns.Select((column, index) => ColumnOf(column, index))];
        starts = new int[columns.Length + RepeatedValues.RoomStarts];
        FindIntegers();
        foreach (var (first, last) in header.Layout.Repeating)
            RepeatWhereNeighbours(header.Layout.IndexOf(first), header.Layout.IndexOf(last));
    }

    /// <summary>The day of <c>date_taken</c> of the assessment row that <see cref="Check"/> accepted last.</summary>
    public DateOnly TakenOn => new(takenOn / 10_000, takenOn / 100 % 100, takenOn % 100);

    /// <summary>Derived ethnicity, 0 to 7, of the assessment row that <see cref="Check"/> accepted last.</summary>
    public short Ethnicity =>
        Core.Ethnicity.Derive(Flag(0), Flag(1), Flag(2), Flag(3), Flag(4), Flag(5), Flag(6));

    /// <summary>Whether that row asks for a delete.</summary>
    public bool IsDelete => encoded[starts[operation] + sizeof(int)] == (byte)'W';

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
        return block.CutRows.Count > 0 && block.CutRows.Contains(position)
            ? Reject(errors, number, ErrorCode.RowTooLong)
            : Check(block.Row(position), number, errors);
    }

    /// <summary>Checks one row and encodes it.</summary>
    /// <param name="row">The row without its line end.</param>
    /// <param name="number">Its number in the file, from 1.</param>
    /// <param name="errors">Takes every error of the row.</param>
    /// <returns>True when the row is accepted; false when it is rejected.</returns>
    /// <exception cref="FileRejectedException">5030 or 3014: the row shows that the whole file is wrong.</exception>
    public bool Check(ReadOnlySpan<byte> row, long number, List<RowError> errors)
    {
        var width = fields.Split(row);
        if (!fields.IsAscii && !Utf8.IsValid(row) || fields.HasControls && row.Contains((byte)0))
            return Reject(errors, number, ErrorCode.CharacterNotAllowed);
        if (width < 0)
            return Reject(errors, number, ErrorCode.QuoteUnbalanced);
        if (width != fileColumns)
            return Reject(errors, number, ErrorCode.RowWidth);

        var longest = row.Length + columns.Length * 24 + CopyField.RoomBytes;
        if (encoded.Length < longest)
            encoded = new byte[2 * longest];
        hasLineEnds = fields.HasControls && row.ContainsAny((byte)'\r', (byte)'\n');
        rowNumber = number;
        return Encode(fields.Text(row), errors);
    }

    private bool Encode(ReadOnlySpan<byte> text, List<RowError> errors)
    {
        faults.Clear();
        var written = 0;
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i].Repeated is { } repeated && !fields.HasQuotes)
            {
                written = EncodeRun(repeated, text, written);
                i = repeated.Last;
                continue;
            }
            if (columns[i].IntegersTo > i)
            {
                written = EncodeIntegers(i, text, written);
                i = columns[i].IntegersTo;
                continue;
            }
            written = EncodeColumn(i, text, written);
        }
        starts[columns.Length] = written;
        foreach (var (code, column) in faults)
            errors.Add(new RowError(rowNumber, code, column));
        return faults.Count == 0;
    }

    private Column ColumnOf(CsvColumn column, int index)
    {
        var fileColumn = -1;
        for (var i = 0; i < fileColumns; i++)
        {
            if (header.CanonicalOfFileColumn[i] == index)
                fileColumn = i;
        }
        return new Column
        {
            Rule = column.Rule,
            FileColumn = rules.IsBlockFile && column.OverallOnly ? -1 : fileColumn,
            MaxLength = column.MaxLength,
            Empty = rules.IsBlockFile && column.OverallOnly ? EmptyValue.Null
                : column.Required ? EmptyValue.Missing
                : column.Rule == FieldRule.Operation ? EmptyValue.Current
                : EmptyValue.Null,
        };
    }

    /// <summary>Finds columns of integers that lie beside each other in the file too.</summary>
    private void FindIntegers()
    {
        for (var i = columns.Length - 1; i >= 0; i--)
        {
            var goesOn = i + 1 < columns.Length && columns[i + 1].IntegersTo > 0
                && columns[i + 1].FileColumn == columns[i].FileColumn + 1;
            columns[i].IntegersTo = columns[i].Rule != FieldRule.Integer || columns[i].FileColumn < 0 ? 0
                : goesOn ? columns[i + 1].IntegersTo
                : i;
        }
    }

    /// <summary>Columns whose values are remembered must lie beside each other in the file too.</summary>
    private void RepeatWhereNeighbours(int first, int last)
    {
        for (var i = first; i <= last; i++)
        {
            if (columns[i].FileColumn < 0 || columns[i].FileColumn != columns[first].FileColumn + i - first)
                return;
        }
        columns[first].Repeated = new RepeatedValues(first, last);
    }

    private int EncodeRun(RepeatedValues repeated, ReadOnlySpan<byte> text, int written)
    {
        var run = fields.Run(text, columns[repeated.First].FileColumn, columns[repeated.Last].FileColumn);
        if (repeated.TryRecall(run, encoded, written, starts) is >= 0 and var known)
            return known;
        var begin = written;
        var before = faults.Count;
        for (var i = repeated.First; i <= repeated.Last; i++)
            written = EncodeColumn(i, text, written);
        if (faults.Count == before)
            repeated.Remember(run, encoded.AsSpan(begin, written - begin), starts);
        return written;
    }

    /// <summary>Scores stand in a row of twenty columns: what is good there needs no look at its column.</summary>
    private int EncodeIntegers(int first, ReadOnlySpan<byte> text, int written)
    {
        var bounds = fields.Bounds(columns[first].FileColumn, columns[columns[first].IntegersTo].FileColumn);
        var positions = starts.AsSpan(first, bounds.Length - 1);
        for (var i = 0; i < positions.Length; i++)
        {
            if (positions.Length - i >= ScoreGroup.Columns && ScoreGroup.TryEncode(
                    text, bounds[i] + 1, bounds[i + ScoreGroup.Columns], encoded, written, positions[i..]))
            {
                written += ScoreGroup.EncodedBytes;
                i += ScoreGroup.Columns - 1;
                continue;
            }
            positions[i] = written;
            written = FieldValues.FewDigits(text, bounds[i] + 1, bounds[i + 1]) is >= 0 and var few
                ? CopyField.WriteInteger(encoded, written, (short)few)
                : EncodeColumn(first + i, text, written);
        }
        return written;
    }

    private int EncodeColumn(int index, ReadOnlySpan<byte> text, int written)
    {
        starts[index] = written;
        ref readonly var column = ref columns[index];
        var (start, end) = column.FileColumn < 0 ? default : fields.Place(text, column.FileColumn);
        var next = start == end ? EncodeEmpty(column.Empty, written)
            : column.Rule == FieldRule.Integer ? EncodeInteger(text, start, end, written)
            : column.Rule == FieldRule.Text ? EncodeText(text, start, end, column.MaxLength, written)
            : EncodeOther(index, text[start..end], written);
        return next >= 0 ? next : EncodeFault(index, (ErrorCode)~next, written);
    }

    private int EncodeFault(int index, ErrorCode code, int written)
    {
        faults.Add((code, header.Layout.Columns[index].Header));
        return CopyField.WriteNull(encoded, written);
    }

    private static bool Reject(List<RowError> errors, long number, ErrorCode code)
    {
        errors.Add(new RowError(number, code, null));
        return false;
    }

    private static int Fault(ErrorCode code) => ~(int)code;

    private bool? Flag(int race) =>
        BinaryPrimitives.ReadInt32BigEndian(encoded.AsSpan(starts[firstRace + race])) < 0
            ? null
            : encoded[starts[firstRace + race] + sizeof(int)] == 1;

    private int EncodeEmpty(EmptyValue meaning, int written) => meaning switch
    {
        EmptyValue.Null => CopyField.WriteNull(encoded, written),
        EmptyValue.Current => CopyField.WriteText(encoded, written, "C"u8),
        _ => Fault(ErrorCode.ValueMissing),
    };

    private int EncodeInteger(ReadOnlySpan<byte> text, int start, int end, int written)
    {
        if (FieldValues.FewDigits(text, start, end) is >= 0 and var few)
            return CopyField.WriteInteger(encoded, written, (short)few);
        return EncodeInteger(FieldValues.Integer(text[start..end]), written);
    }

    private int EncodeInteger(int? number, int written) => number switch
    {
        null => Fault(ErrorCode.NotAnInteger),
        < short.MinValue or > short.MaxValue => Fault(ErrorCode.NumberOutOfRange),
        _ => CopyField.WriteInteger(encoded, written, (short)number.Value),
    };

    private int EncodeText(ReadOnlySpan<byte> text, int start, int end, int maxLength, int written)
    {
        if (hasLineEnds && text[start..end].ContainsAny((byte)'\r', (byte)'\n'))
            return Fault(ErrorCode.CharacterNotAllowed);
        if (end - start > maxLength && CharacterCount(text[start..end]) > maxLength)
            return Fault(ErrorCode.ValueTooLong);
        return CopyField.WriteText(encoded, written, text, start, end);
    }

    /// <summary>Counts code points, as PostgreSQL counts the length of a varchar.</summary>
    private static int CharacterCount(ReadOnlySpan<byte> utf8)
    {
        var continuations = 0;
        foreach (var unit in utf8)
            continuations += (unit & 0xC0) == 0x80 ? 1 : 0;
        return utf8.Length - continuations;
    }

    private int EncodeOther(int index, ReadOnlySpan<byte> value, int written) => columns[index].Rule switch
    {
        FieldRule.YesNo => EncodeFlag(FieldValues.YesNo(value), written),
        FieldRule.Grade => EncodeGrade(FieldValues.Grade(value), written),
        FieldRule.Date => EncodeDate(value, isBirth: false, index, written),
        FieldRule.BirthDate => EncodeDate(value, isBirth: true, index, written),
        FieldRule.Gender => EncodeWord(FieldValues.Gender(value), written),
        FieldRule.MaleOrFemale => EncodeWord(FieldValues.MaleOrFemale(value), written),
        FieldRule.Year => value.Length == 4 && char.IsAsciiDigit((char)value[0])
            ? EncodeInteger(FieldValues.Integer(value), written)
            : Fault(ErrorCode.NotAnInteger),
        FieldRule.AssessmentType => EncodeWord(FieldValues.AssessmentType(value), written),
        FieldRule.Subject => EncodeWord(FieldValues.Subject(value), written),
        FieldRule.Condition => EncodeWord(FieldValues.Condition(value), written),
        FieldRule.Completeness => EncodeFlag(FieldValues.Completeness(value), written),
        FieldRule.Operation => EncodeWord(FieldValues.Operation(value), written),
        FieldRule.StateCode => EncodeState(value, written),
        FieldRule.AssessmentGuid => EncodeGuid(value, columns[index].MaxLength, written),
        var rule => throw new InvalidOperationException($"No rule {rule}."),
    };

    private int EncodeState(ReadOnlySpan<byte> value, int written)
    {
        if (!System.Text.Ascii.EqualsIgnoreCase(value, rules.StateCode))
            throw new FileRejectedException(ErrorCode.WrongState,
                $"Row {rowNumber} belongs to another state than "
                + $"{System.Text.Encoding.ASCII.GetString(rules.StateCode)}.",
                "StateAbbreviation");
        return EncodeWord(rules.StateCode, written);
    }

    private int EncodeGuid(ReadOnlySpan<byte> value, int maxLength, int written)
    {
        if (!value.SequenceEqual(rules.AssessmentGuid))
            throw new FileRejectedException(ErrorCode.AssessmentGuidMismatch,
                $"The AssessmentGuid of row {rowNumber} is not the Identification.Guid of the JSON.", "AssessmentGuid");
        return EncodeText(value, 0, value.Length, maxLength, written);
    }

    private int EncodeWord(ReadOnlySpan<byte> word, int written) =>
        word.IsEmpty ? Fault(ErrorCode.ValueUnknown) : CopyField.WriteText(encoded, written, word);

    private int EncodeFlag(bool? flag, int written) =>
        flag is { } known ? CopyField.WriteFlag(encoded, written, known) : Fault(ErrorCode.ValueUnknown);

    private int EncodeGrade((byte First, byte Second)? grade, int written) =>
        grade is var (first, second)
            ? CopyField.WriteText(encoded, written, [first, second])
            : Fault(ErrorCode.ValueUnknown);

    private int EncodeDate(ReadOnlySpan<byte> value, bool isBirth, int column, int written)
    {
        var day = FieldValues.StoredDay(value);
        if (day < 0)
            return EncodeWrittenDate(value, isBirth, column, written);
        if (isBirth && day >= futureDay)
            return Fault(ErrorCode.DateInvalid);
        if (column == dateTaken)
            takenOn = day;
        return CopyField.WriteText(encoded, written, value);
    }

    private int EncodeWrittenDate(ReadOnlySpan<byte> value, bool isBirth, int column, int written)
    {
        if (FieldValues.Date(value, isBirth ? birthBefore : null) is not { } date)
            return Fault(ErrorCode.DateInvalid);
        Span<byte> stored = stackalloc byte[8];
        date.TryFormat(stored, out _, "yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture);
        return EncodeDate(stored, isBirth, column, written);
    }

    /// <summary>What an empty value of a column means.</summary>
    private enum EmptyValue
    {
        Null,
        Missing,

        /// <summary>The operation is to store the row.</summary>
        Current,
    }

    /// <summary>What is done with a canonical column of this file.</summary>
    private struct Column
    {
        public FieldRule Rule;

        /// <summary>Position in the file; -1 for a column that is absent or not read.</summary>
        public int FileColumn;
        public int MaxLength;
        public EmptyValue Empty;

        /// <summary>The last of the neighbouring columns of integers that begin here; 0 for other columns.</summary>
        public int IntegersTo;

        /// <summary>For the first column of a run that earlier rows may have brought.</summary>
        public RepeatedValues? Repeated;
    }
}
