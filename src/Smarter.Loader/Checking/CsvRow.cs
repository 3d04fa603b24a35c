using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Smarter.Loader.Checking;

/// <summary>Splits one CSV row into its values and tells which kinds of bytes it has, in one pass.
/// One instance serves one thread and is used again for every row.</summary>
internal sealed class CsvRow(int expectedFields)
{
    private const byte Quote = (byte)'"';
    private const byte Comma = (byte)',';
    private const byte Blank = (byte)' ';
    private const int ChunkBytes = 64;
    private const int StoredAtOnce = 8;

    // Field i of the text lies between bounds[i] and bounds[i + 1]: two commas, or a place before or behind the text.
    // Behind the last is room for a chunk of nothing but commas, so that they are stored without asking.
    private readonly int[] bounds = new int[expectedFields + 2 + ChunkBytes];
    private readonly byte[] shortRow = new byte[ChunkBytes];
    private byte[] unquoted = [];

    /// <summary>Whether the row has a quote; then its values need not be as they stand in it.</summary>
    public bool HasQuotes { get; private set; }

    /// <summary>Whether the row has a control character, such as a line end.</summary>
    public bool HasControls { get; private set; }

    /// <summary>Whether every byte is below 128.</summary>
    public bool IsAscii { get; private set; }

    /// <returns>How many values the row has, counted up to one more than expected;
    /// -1 when a quote is not closed.</returns>
    public int Split(ReadOnlySpan<byte> row)
    {
        var fields = SplitPlain(row);
        return HasQuotes ? SplitQuoted(row) : fields;
    }

    /// <summary>The bytes that hold the values: those of the row, or those without its quotes.</summary>
    /// <param name="row">The row last given to <see cref="Split"/>.</param>
    public ReadOnlySpan<byte> Text(ReadOnlySpan<byte> row) => HasQuotes ? unquoted : row;

    /// <summary>The bytes from the start of one column of the file to the end of another, commas between them included.
    /// With quotes they tell nothing: two rows of other values may have the same.</summary>
    /// <param name="text"><see cref="Text"/>.</param>
    public ReadOnlySpan<byte> Run(ReadOnlySpan<byte> text, int firstField, int lastField) =>
        text[(bounds[firstField] + 1)..bounds[lastField + 1]];

    /// <summary>Where the commas around neighbouring columns of the file are, one more than columns.</summary>
    public ReadOnlySpan<int> Bounds(int firstField, int lastField) =>
        bounds.AsSpan(firstField, lastField - firstField + 2);

    /// <summary>Where in the text the value of a column of the file lies, without blanks around it; a value that was
    /// quoted has no line ends there.</summary>
    /// <param name="text"><see cref="Text"/>.</param>
    /// <param name="field">Position in the file, from 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (int Start, int End) Place(ReadOnlySpan<byte> text, int field)
    {
        var start = bounds[field] + 1;
        var end = bounds[field + 1];
        return start < end && (text[start] == Blank || text[end - 1] == Blank)
            ? Trimmed(text, start, end)
            : (start, end);
    }

    /// <summary>The value of a column of the file, as <see cref="Place"/> finds it.</summary>
    /// <param name="row">The row last given to <see cref="Split"/>.</param>
    /// <param name="field">Position in the file, from 0.</param>
    public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> row, int field)
    {
        var text = Text(row);
        var (start, end) = Place(text, field);
        return text[start..end];
    }

    private static (int Start, int End) Trimmed(ReadOnlySpan<byte> text, int start, int end)
    {
        while (start < end && text[start] == Blank)
            start++;
        while (start < end && text[end - 1] == Blank)
            end--;
        return (start, end);
    }

    private int SplitPlain(ReadOnlySpan<byte> row)
    {
        var length = row.Length;
        if (length < ChunkBytes)
        {
            shortRow.AsSpan().Fill(Blank); // a byte that no rule looks for
            row.CopyTo(shortRow);
            row = shortRow;
        }
        ref var first = ref MemoryMarshal.GetReference(row);
        var kinds = default(Kinds);
        var commas = 0;
        var position = 0;
        for (; position + ChunkBytes <= row.Length; position += ChunkBytes)
            commas = Store(kinds.See(Vector512.LoadUnsafe(ref first, (nuint)position)), position, commas);
        if (position < row.Length)
        {
            // The last bytes once more with some before them: those are shifted out.
            var known = ChunkBytes - (row.Length - position);
            var last = Vector512.LoadUnsafe(ref first, (nuint)(row.Length - ChunkBytes));
            commas = Store(kinds.See(last) >> known, position, commas);
        }
        bounds[0] = -1;
        bounds[Math.Min(commas, expectedFields) + 1] = length;
        HasQuotes = kinds.Quotes != 0;
        HasControls = kinds.Controls != 0;
        IsAscii = kinds.Highs == 0;
        return Math.Min(commas, expectedFields) + 1;
    }

    /// <summary>Stores where the commas of a chunk are. Commas beyond the expected fields go to one place.</summary>
    /// <returns>How many commas there are up to here.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Store(ulong commas, int position, int before)
    {
        var after = before + BitOperations.PopCount(commas);
        ref var bound = ref bounds[Math.Min(before, expectedFields) + 1];
        while (commas != 0)
        {
            // Eight at a time, though some of them are none: asking after each is mispredicted once a chunk.
            for (var i = 0; i < StoredAtOnce; i++, commas &= commas - 1)
                Unsafe.Add(ref bound, i) = position + BitOperations.TrailingZeroCount(commas);
            bound = ref Unsafe.Add(ref bound, StoredAtOnce);
        }
        return after;
    }

    private int SplitQuoted(ReadOnlySpan<byte> row)
    {
        if (unquoted.Length < row.Length + 1)
            unquoted = new byte[Math.Max(row.Length + 1, 4096)];
        var fields = 0;
        var position = 0;
        var written = 0;
        while (true)
        {
            if (fields == expectedFields)
                return fields + 1;
            if (position < row.Length && row[position] == Quote)
            {
                position++;
                while (true)
                {
                    if (position >= row.Length)
                        return -1;
                    var character = row[position++];
                    if (character == Quote)
                    {
                        if (position >= row.Length || row[position] != Quote)
                            break;
                        position++;
                    }
                    else if (character is (byte)'\r' or (byte)'\n')
                    {
                        continue; // line ends inside a value are dropped (loader.md §5.2, step "clean")
                    }
                    unquoted[written++] = character;
                }
            }
            while (position < row.Length && row[position] != Comma)
                unquoted[written++] = row[position++];
            bounds[++fields] = written;
            if (position >= row.Length)
                return fields;
            unquoted[written++] = Comma;
            position++;
        }
    }

    /// <summary>Which bytes a row has, a bit for each place in a chunk.</summary>
    private struct Kinds
    {
        public ulong Quotes;
        public ulong Controls;
        public ulong Highs;

        /// <returns>Where the commas are.</returns>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ulong See(Vector512<byte> chunk)
        {
            Quotes |= Vector512.Equals(chunk, Vector512.Create(Quote)).ExtractMostSignificantBits();
            Controls |= Vector512.LessThan(chunk, Vector512.Create(Blank)).ExtractMostSignificantBits();
            Highs |= chunk.ExtractMostSignificantBits();
            return Vector512.Equals(chunk, Vector512.Create(Comma)).ExtractMostSignificantBits();
        }
    }
}
