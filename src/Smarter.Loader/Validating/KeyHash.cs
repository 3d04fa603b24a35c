using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Smarter.Loader.Validating;

/// <summary>Hashes with a salt of this check's own: what lies on disk can be compared with nothing. For one thread.
/// </summary>
internal sealed class KeyHash
{
    private const int SaltBytes = 16;

    private byte[] hashed = RandomNumberGenerator.GetBytes(SaltBytes);

    /// <returns>128 bits of the hash of both parts together.</returns>
    public UInt128 Of(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default)
    {
        var length = SaltBytes + first.Length + second.Length;
        if (hashed.Length < length)
            Array.Resize(ref hashed, 2 * length);
        first.CopyTo(hashed.AsSpan(SaltBytes));
        second.CopyTo(hashed.AsSpan(SaltBytes + first.Length));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(hashed.AsSpan(0, length), hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }
}
