using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Smarter.Loader.Checking;

/// <summary>
/// Remembers how a run of neighbouring columns was encoded, such as a school's five or fifteen accommodations: most
/// rows say there what an earlier row has said, byte by byte, and need no second look. What was remembered is a pure
/// function of those bytes. Memory is bounded and used again; one instance serves one thread.
/// </summary>
/// <param name="first">Canonical position of the first column.</param>
/// <param name="last">Of the last column.</param>
internal sealed class RepeatedValues(int first, int last)
{
    /// <summary>How many elements behind the last start of a run are overwritten at most.</summary>
    public const int RoomStarts = 16;

    private const int Slots = 256;
    private const int LongestBytes = 256;

    private readonly Memory[] slots = new Memory[Slots];

    public int First => first;

    public int Last => last;

    /// <summary>Writes the fields of these columns as an earlier row brought them.</summary>
    /// <param name="raw">The bytes of the columns in the row, commas between them included.</param>
    /// <param name="encoded">Takes the fields, from <paramref name="written"/> on; it must have
    /// <see cref="CopyField.RoomBytes"/> behind them.</param>
    /// <param name="starts">Takes where each field begins, by canonical position; it must have
    /// <see cref="RoomStarts"/> behind them.</param>
    /// <returns>Where the fields end; -1 when no earlier row had just these bytes, as far as is remembered.</returns>
    public int TryRecall(ReadOnlySpan<byte> raw, byte[] encoded, int written, int[] starts)
    {
        ref readonly var known = ref slots[SlotOf(raw)];
        if (known.RawLength != raw.Length || !raw.SequenceEqual(known.Raw.AsSpan(0, raw.Length)))
            return -1;
        Copy(known.Encoded, encoded.AsSpan(written), known.EncodedLength);
        MoveBy(written, known.Starts, starts.AsSpan(first));
        return written + known.EncodedLength;
    }

    /// <summary>Remembers a run that was accepted, in the place of another one.</summary>
    public void Remember(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> encoded, ReadOnlySpan<int> starts)
    {
        if (raw.Length is 0 or > LongestBytes)
            return;
        ref var place = ref slots[SlotOf(raw)];
        Keep(raw, ref place.Raw);
        Keep(encoded, ref place.Encoded);
        place.RawLength = raw.Length;
        place.EncodedLength = encoded.Length;
        place.Starts ??= new int[RoundedUp(last - first + 1, RoomStarts)];
        for (var i = 0; i <= last - first; i++)
            place.Starts[i] = starts[first + i] - starts[first];
    }

    private static void Keep(ReadOnlySpan<byte> bytes, ref byte[]? kept)
    {
        if (kept is null || kept.Length < bytes.Length)
            kept = new byte[RoundedUp(bytes.Length, CopyField.RoomBytes)];
        bytes.CopyTo(kept);
    }

    private static int RoundedUp(int count, int step) => (count + step - 1) / step * step;

    /// <summary>Copies by steps of 64 bytes, for which both have room.</summary>
    private static void Copy(ReadOnlySpan<byte> from, Span<byte> to, int length)
    {
        for (var i = 0; i < length; i += Vector512<byte>.Count)
            Vector512.Create(from[i..]).CopyTo(to[i..]);
    }

    private static void MoveBy(int distance, ReadOnlySpan<int> from, Span<int> to)
    {
        for (var i = 0; i < from.Length; i += Vector512<int>.Count)
            (Vector512.Create(from[i..]) + Vector512.Create(distance)).CopyTo(to[i..]);
    }

    private static uint SlotOf(ReadOnlySpan<byte> raw)
    {
        var hash = (uint)raw.Length;
        if (raw.Length < sizeof(ulong))
        {
            foreach (var one in raw)
                hash = BitOperations.Crc32C(hash, one);
            return hash % Slots;
        }
        ref var bytes = ref MemoryMarshal.GetReference(raw);
        var lastEight = raw.Length - sizeof(ulong);
        for (var i = 0; i < lastEight; i += sizeof(ulong))
            hash = BitOperations.Crc32C(hash, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, i)));
        return BitOperations.Crc32C(hash, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, lastEight))) % Slots;
    }

    private struct Memory
    {
        public int RawLength; // 0 while nothing is remembered: a run of two columns or more has a comma
        public int EncodedLength;
        public byte[]? Raw;
        public byte[]? Encoded;
        public int[]? Starts;
    }
}
