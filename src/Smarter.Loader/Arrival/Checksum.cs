using System.Security.Cryptography;

namespace Smarter.Loader.Arrival;

/// <summary>What the landing zone agreed on (loader.md §2.1); the signature guards the content.</summary>
internal static class Checksum
{
    /// <returns>The MD5 of what is left of the stream, 32 lower-case hex digits.</returns>
    public static async Task<string> OfAsync(Stream content, CancellationToken cancellation)
    {
#pragma warning disable CA5351
        return Convert.ToHexStringLower(await MD5.HashDataAsync(content, cancellation));
#pragma warning restore CA5351
    }
}
