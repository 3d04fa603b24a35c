using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Smarter.Loader.Checking;

/// <summary>
/// Writes fields of PostgreSQL's binary COPY format: four bytes of length, big-endian, and the value. Each method
/// returns the position behind the field. They store more bytes than the field has, as that needs no look at its
/// length: the buffer must have <see cref="RoomBytes"/> behind it.
/// </summary>
internal static class CopyField
{
    /// <summary>How many bytes behind the length of a field may be overwritten.</summary>
    public const int RoomBytes = 64;

    private const int LengthBytes = sizeof(int);

    public static int WriteNull(byte[] buffer, int at)
    {
        BinaryPrimitives.WriteInt32BigEndian(buffer.AsSpan(at), -1);
        return at + LengthBytes;
    }

    public static int WriteFlag(byte[] buffer, int at, bool value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(buffer.AsSpan(at), 1ul << 32 | (value ? 1ul << 24 : 0));
        return at + LengthBytes + 1;
    }

    public static int WriteInteger(byte[] buffer, int at, short value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(buffer.AsSpan(at), 2ul << 32 | (ulong)(ushort)value << 16);
        return at + LengthBytes + sizeof(short);
    }

    public static int WriteText(byte[] buffer, int at, ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteInt32BigEndian(buffer.AsSpan(at), value.Length);
        value.CopyTo(buffer.AsSpan(at + LengthBytes));
        return at + LengthBytes + value.Length;
    }

    /// <summary>Writes a part of a text, a short one without a look at how short it is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int WriteText(byte[] buffer, int at, ReadOnlySpan<byte> text, int start, int end)
    {
        var length = end - start;
        if (length > Vector256<byte>.Count || text.Length - start < Vector256<byte>.Count)
            return WriteText(buffer, at, text[start..end]);
        var to = buffer.AsSpan(at, LengthBytes + Vector256<byte>.Count);
        BinaryPrimitives.WriteInt32BigEndian(to, length);
        Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(text), (nuint)start)
            .StoreUnsafe(ref MemoryMarshal.GetReference(to), LengthBytes);
        return at + LengthBytes + length;
    }
}
