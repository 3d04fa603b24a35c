using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Smarter.Loader.Tests.Landing;

/// <summary>Makes gzip-compressed tars, also such as no submitter should send.</summary>
internal static class LandingTar
{
    /// <summary>A file of the archive, in the order given.</summary>
    public static TarEntry Member(string name, string content) =>
        Member(name, new MemoryStream(Encoding.UTF8.GetBytes(content)));

    public static TarEntry Member(string name, Stream content) =>
        new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content };

    public static TarEntry Folder(string name) => new PaxTarEntry(TarEntryType.Directory, name);

    public static TarEntry Link(TarEntryType type, string name, string target) =>
        new PaxTarEntry(type, name) { LinkName = target };

    public static TarEntry Device(string name) =>
        new PaxTarEntry(TarEntryType.CharacterDevice, name) { DeviceMajor = 1, DeviceMinor = 5 };

    /// <summary>Packs nothing but this many folders.</summary>
    public static Task<byte[]> PackFoldersAsync(int count) =>
        PackAsync(Enumerable.Range(0, count).Select(number => new UstarTarEntry(TarEntryType.Directory, $"f{number}/")));

    public static async Task<byte[]> PackAsync(params IEnumerable<TarEntry> entries)
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        await using (var tar = new TarWriter(gzip))
        {
            foreach (var entry in entries)
                await tar.WriteEntryAsync(entry);
        }
        return packed.ToArray();
    }

    /// <summary>The archive that a submitter sends: the JSON, then the CSV.</summary>
    public static Task<byte[]> PackAsync(string json, string csv) =>
        PackAsync(Member("wy-math.json", json), Member("wy-math.csv", csv));
}
