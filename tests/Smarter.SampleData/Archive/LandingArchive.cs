using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Smarter.SampleData.Archive;

/// <summary>
/// Packs landing files the way a submitter does: tar, gzip, sign and encrypt, checksum (loader.md §2.1).
/// </summary>
public static class LandingArchive
{
    /// <summary>
    /// Writes <paramref name="outputPath"/> under the name <c>*.partial</c>, renames it,
    /// and writes its <c>.done</c> last; a loader that watches the folder never sees half a file.
    /// </summary>
    /// <param name="memberPaths">The CSV and the JSON, perhaps an <c>.err</c>; stored under their base names.</param>
    /// <param name="outputPath">Ends in <c>.tar.gz.gpg</c>.</param>
    /// <param name="submitter">Holds the secret key that signs and the public key of the loader.</param>
    /// <param name="signer">Null leaves the file unsigned.</param>
    /// <param name="recipient">The loader's key id or name.</param>
    /// <returns>The lower-case hexadecimal MD5 of the encrypted file, as its <c>.done</c> says it.</returns>
    /// <exception cref="GpgException">gpg refused; neither file is left.</exception>
    public static async Task<string> PackAsync(
        IReadOnlyList<string> memberPaths, string outputPath, GpgHome submitter, string? signer, string recipient,
        CompressionLevel compression = CompressionLevel.Optimal, CancellationToken cancellation = default)
    {
        var partial = $"{outputPath}.partial";
        await submitter.EncryptAsync(
            (plain, stop) => WriteTarGzAsync(plain, memberPaths, compression, stop), signer, recipient, partial,
            cancellation);
        File.Move(partial, outputPath, overwrite: true);
        return await WriteDoneAsync(outputPath, cancellation);
    }

    /// <summary>Writes the gzip-compressed tar of some files; the stream stays open.</summary>
    public static async Task WriteTarGzAsync(
        Stream output, IReadOnlyList<string> memberPaths, CompressionLevel compression = CompressionLevel.Optimal,
        CancellationToken cancellation = default)
    {
        await using var gzip = new GZipStream(output, compression, leaveOpen: true);
        await using var tar = new TarWriter(gzip, TarEntryFormat.Ustar);
        foreach (var path in memberPaths)
        {
            await using var member = File.OpenRead(path);
            await tar.WriteEntryAsync(
                new UstarTarEntry(TarEntryType.RegularFile, Path.GetFileName(path))
                {
                    DataStream = member,
                    // The same files make the same archive.
                    ModificationTime = DateTimeOffset.UnixEpoch,
                },
                cancellation);
        }
    }

    /// <summary>Writes <c>&lt;file&gt;.done</c>: the MD5 of the file, a blank, its base name, LF.</summary>
    /// <returns>The MD5 in lower-case hexadecimal.</returns>
    public static async Task<string> WriteDoneAsync(string path, CancellationToken cancellation = default)
    {
        await using var file = File.OpenRead(path);
#pragma warning disable CA5351 // MD5 by contract: it guards against transfer errors, the signature against people.
        var checksum = Convert.ToHexStringLower(await MD5.HashDataAsync(file, cancellation));
#pragma warning restore CA5351
        var partial = $"{path}.done.partial";
        await File.WriteAllTextAsync(partial, $"{checksum} {Path.GetFileName(path)}\n", cancellation);
        File.Move(partial, $"{path}.done", overwrite: true);
        return checksum;
    }
}
