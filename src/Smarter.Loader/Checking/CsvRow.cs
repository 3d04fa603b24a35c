using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Smarter.Loader.Checking;

/// <summary>Splits one CSV row into its values.
/// One instance serves one thread and is used again for every row.</summary>
internal sealed class CsvRow(int expectedFields)
{
    private const byte Quote = (byte)'"';
    private const byte Comma = (byte)',';

    // Field i lies between ends[i - 1] and ends[i], both commas, while the row holds no quotes.
    private readonly int[] ends = new int[expectedFields];
    private readonly (int Start, int Length)[] unquoted = new (int, int)[expectedFields];
    private byte[] unquotedBytes = [];
    private bool hasQuotes;

    /// <returns>How many values the row has, counted up to one more than expected;
    /// -1 when a quote is not closed.</returns>
    public int Split(ReadOnlySpan<byte> row)
    {
        hasQuotes = row.Contains(Quote);
        return hasQuotes ? SplitQuoted(row) : SplitPlain(row);
    }

    /// <summary>The bytes from the start of one column of the file to the end of another, commas between them included.
    /// </summary>
    /// <param name="row">The row last given to <see cref="Split"/>.</param>
    /// <returns>Empty when the row holds quotes: then values need not lie beside each other.</returns>
    public ReadOnlySpan<byte> Run(ReadOnlySpan<byte> row, int firstField, int lastField) =>
        hasQuotes ? default : row[(firstField == 0 ? 0 : ends[firstField - 1] + 1)..ends[lastField]];

    /// <summary>The value of a column of the file,
    /// without surrounding blanks and, when it was quoted, without line ends.</summary>
    /// <param name="row">The row last given to <see cref="Split"/>.</param>
    /// <param name="field">Position in the file, from 0.</param>
    public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> row, int field)
    {
        ReadOnlySpan<byte> value;
        if (hasQuotes)
        {
            value = unquotedBytes.AsSpan(unquoted[field].Start, unquoted[field].Length);
        }
        else
        {
            var start = field == 0 ? 0 : ends[field - 1] + 1;
            value = row[start..ends[field]];
        }
        return value is [(byte)' ', ..] or [.., (byte)' '] ? value.Trim((byte)' ') : value;
    }

    private int SplitPlain(ReadOnlySpan<byte> row)
    {
        var fields = 0;
        var position = 0;
        ref var first = ref MemoryMarshal.GetReference(row);
        ref var end = ref MemoryMarshal.GetArrayDataReference(ends);
        for (; position + Vector512<byte>.Count <= row.Length; position += Vector512<byte>.Count)
        {
            var commas = Vector512.Equals(Vector512.LoadUnsafe(ref first, (nuint)position), Vector512.Create(Comma))
                .ExtractMostSignificantBits();
            if (fields + BitOperations.PopCount(commas) > ends.Length - 1)
                return ends.Length + 1;
            for (; commas != 0; commas &= commas - 1)
                Unsafe.Add(ref end, fields++) = position + BitOperations.TrailingZeroCount(commas);
        }
        for (; position < row.Length; position++)
        {
            if (row[position] != Comma)
                continue;
            if (fields >= ends.Length - 1)
                return ends.Length + 1;
            ends[fields++] = position;
        }
        ends[fields++] = row.Length;
        return fields;
    }

    private int SplitQuoted(ReadOnlySpan<byte> row)
    {
        if (unquotedBytes.Length < row.Length)
            unquotedBytes = new byte[Math.Max(row.Length, 4096)];
        var fields = 0;
        var position = 0;
        var written = 0;
        while (true)
        {
            if (fields == unquoted.Length)
                return fields + 1;
            var start = written;
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
                    unquotedBytes[written++] = character;
                }
            }
            while (position < row.Length && row[position] != Comma)
                unquotedBytes[written++] = row[position++];
            unquoted[fields++] = (start, written - start);
            if (position >= row.Length)
                return fields;
            position++;
        }
    }
}
