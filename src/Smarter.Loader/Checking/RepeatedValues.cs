using System.Numerics;
using System.Runtime.InteropServices;

namespace Smarter.Loader.Checking;

/// <summary>
/// Remembers how a run of neighbouring columns was encoded, such as a school's five or fifteen accommodations: most rows
/// say there what an earlier row has said, byte by byte, and need no second look. What was remembered is a pure function
/// of those bytes. Memory is bounded; one instance serves one thread.
/// </summary>
/// <param name="first">Canonical position of the first column.</param>
/// <param name="last">Of the last column.</param>
internal sealed class RepeatedValues(int first, int last)
{
    private const int Slots = 256;
    private const int LongestBytes = 256;

    // Values that never come again would else cost more to remember than they save.
    private const int ForgetsAtEvery = 8;

    private readonly Memory[] slots = new Memory[Slots];
    private int misses;

    private struct Memory
    {
        public byte[]? Raw;
        public byte[] Encoded;
        public int[] Starts;
    }

    public int First => first;

    public int Last => last;

    /// <summary>Writes the fields of these columns as an earlier row brought them.</summary>
    /// <param name="raw">The bytes of the columns in the row, commas between them included.</param>
    /// <param name="encoded">Takes the fields, from <paramref name="written"/> on; it must have room.</param>
    /// <param name="starts">Takes where each field begins, by canonical position.</param>
    /// <returns>False when no earlier row had just these bytes, as far as is remembered.</returns>
    public bool TryRecall(ReadOnlySpan<byte> raw, byte[] encoded, ref int written, int[] starts)
    {
        ref var known = ref slots[SlotOf(raw)];
        if (known.Raw is null || !raw.SequenceEqual(known.Raw))
            return false;
        known.Encoded.CopyTo(encoded.AsSpan(written));
        MoveBy(written, known.Starts, starts.AsSpan(first, known.Starts.Length));
        written += known.Encoded.Length;
        return true;
    }

    /// <summary>Remembers a run that was accepted, where there is room or now and then in the place of another one.
    /// </summary>
    public void Remember(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> encoded, ReadOnlySpan<int> starts)
    {
        ref var place = ref slots[SlotOf(raw)];
        if (raw.Length > LongestBytes || (place.Raw is not null && ++misses % ForgetsAtEvery != 0))
            return;
        var relative = new int[last - first + 1];
        for (var i = 0; i < relative.Length; i++)
            relative[i] = starts[first + i] - starts[first];
        place = new Memory { Raw = raw.ToArray(), Encoded = encoded.ToArray(), Starts = relative };
    }

    private static void MoveBy(int distance, ReadOnlySpan<int> from, Span<int> to)
    {
        var i = 0;
        for (; i + Vector<int>.Count <= from.Length; i += Vector<int>.Count)
            (new Vector<int>(from[i..]) + new Vector<int>(distance)).CopyTo(to[i..]);
        for (; i < from.Length; i++)
            to[i] = distance + from[i];
    }

    private static int SlotOf(ReadOnlySpan<byte> raw)
    {
        var hash = (uint)raw.Length;
        foreach (var eight in MemoryMarshal.Cast<byte, ulong>(raw))
            hash = BitOperations.Crc32C(hash, eight);
        foreach (var one in raw[(raw.Length & ~7)..])
            hash = BitOperations.Crc32C(hash, one);
        return (int)(hash % Slots);
    }
}
