using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Smarter.Loader.Staging;

/// <summary>Tuples in the layout of PostgreSQL's binary COPY format, in memory that is used again.</summary>
internal sealed class CopyBuffer(int capacity) : IDisposable
{
    private byte[] bytes = ArrayPool<byte>.Shared.Rent(capacity);

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => bytes.AsMemory(0, Length);

    /// <summary>Begins a tuple of <paramref name="fields"/> fields.</summary>
    public void Tuple(int fields)
    {
        BinaryPrimitives.WriteInt16BigEndian(Reserve(sizeof(short)), (short)fields);
    }

    /// <summary>Appends fields that are encoded already.</summary>
    public void Fields(ReadOnlySpan<byte> encoded) => encoded.CopyTo(Reserve(encoded.Length));

    public void Bigint(long value)
    {
        var field = Reserve(sizeof(int) + sizeof(long));
        BinaryPrimitives.WriteInt32BigEndian(field, sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(field[sizeof(int)..], value);
    }

    public void Smallint(short value)
    {
        var field = Reserve(sizeof(int) + sizeof(short));
        BinaryPrimitives.WriteInt32BigEndian(field, sizeof(short));
        BinaryPrimitives.WriteInt16BigEndian(field[sizeof(int)..], value);
    }

    public void Text(string? value)
    {
        if (value is null)
        {
            BinaryPrimitives.WriteInt32BigEndian(Reserve(sizeof(int)), -1);
            return;
        }
        var length = Encoding.UTF8.GetByteCount(value);
        var field = Reserve(sizeof(int) + length);
        BinaryPrimitives.WriteInt32BigEndian(field, length);
        Encoding.UTF8.GetBytes(value, field[sizeof(int)..]);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(bytes);

    private Span<byte> Reserve(int length)
    {
        if (Length + length > bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * bytes.Length, Length + length));
            bytes.AsSpan(0, Length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(bytes);
            bytes = larger;
        }
        var span = bytes.AsSpan(Length, length);
        Length += length;
        return span;
    }
}
