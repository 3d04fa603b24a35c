using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Smarter.Loader.Checking;

/// <summary>
/// Reads a score with its two bounds and its level as most rows have them, <c>2492,2471,2513,2</c>, and writes the four
/// fields: sixteen bytes at once, without a branch for each value.
/// </summary>
internal static class ScoreGroup
{
    public const int Columns = 4;

    /// <summary>Bytes of the four fields.</summary>
    public const int EncodedBytes = Columns * FieldBytes;

    private const int RawBytes = 16;
    private const int FieldBytes = sizeof(int) + sizeof(short);
    private const uint Commas = 0b0100_0010_0001_0000;

    /// <summary>Writes the fields of four neighbouring columns of integers.</summary>
    /// <param name="text">The text that the values are a part of.</param>
    /// <param name="start">Where the first begins.</param>
    /// <param name="end">Where the last ends.</param>
    /// <param name="buffer">Must have <see cref="CopyField.RoomBytes"/> behind the fields.</param>
    /// <param name="written">Where the first field begins.</param>
    /// <param name="starts">Takes where each field begins.</param>
    /// <returns>False, and nothing of use is written, when the values have another form.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryEncode(
        ReadOnlySpan<byte> text, int start, int end, byte[] buffer, int written, Span<int> starts)
    {
        if (end - start != RawBytes)
            return false;
        var digits = Vector128.Create(text.Slice(start, RawBytes)) ^ Vector128.Create((byte)'0');
        var commas = Vector128.Equals(digits, Vector128.Create((byte)(',' ^ '0'))).ExtractMostSignificantBits();
        var others = Vector128.GreaterThan(digits, Vector128.Create((byte)9)).ExtractMostSignificantBits();
        if (commas != Commas || others != Commas)
            return false;

        // The digits of a value lie in a lane of four bytes, the first the lowest; 255 stands for a zero before them.
        var lanes = Vector128.Shuffle(
            digits, Vector128.Create((byte)0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 13, 255, 255, 255, 15)).AsUInt32();
        var pairs = (lanes * 10 + (lanes >> 8)) & Vector128.Create(0x00FF00FFu);
        var values = (pairs * 100 + (pairs >> 16)).AsByte(); // of each lane the two lowest bytes
        var to = buffer.AsSpan(written, 2 * RawBytes);
        (Vector128.Shuffle(values, Vector128.Create(
                (byte)255, 255, 255, 255, 1, 0, 255, 255, 255, 255, 5, 4, 255, 255, 255, 255))
            | Vector128.Create((byte)0, 0, 0, 2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 2)).CopyTo(to);
        (Vector128.Shuffle(values, Vector128.Create(
                (byte)9, 8, 255, 255, 255, 255, 13, 12, 255, 255, 255, 255, 255, 255, 255, 255))
            | Vector128.Create((byte)0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)).CopyTo(to[RawBytes..]);
        (Vector128.Create(0, FieldBytes, 2 * FieldBytes, 3 * FieldBytes) + Vector128.Create(written)).CopyTo(starts);
        return true;
    }
}
