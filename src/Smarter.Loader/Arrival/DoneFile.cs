using System.Text;

namespace Smarter.Loader.Arrival;

/// <summary>The checksum that is delivered after a file and says that it is complete (loader.md §2.1).</summary>
/// <param name="delivered">Absolute path of the delivered file.</param>
internal sealed class DoneFile(string delivered)
{
    private const int LongestBytes = 4096;

    private readonly FileInfo file = new($"{delivered}.done");

    /// <summary>Whether it is a file with something in it; a link, a folder or a pipe is none.</summary>
    public bool IsThere => file is { Exists: true, LinkTarget: null, Length: > 0 };

    /// <summary>UTC; null when there is none.</summary>
    public DateTime? ChangedAt => file.Exists ? file.LastWriteTimeUtc : null;

    /// <param name="md5">Hex, in any case.</param>
    public async Task<bool> HoldsAsync(string md5, CancellationToken cancellation)
    {
        var text = new byte[LongestBytes]; // it is a line; whatever is longer cannot be one
        await using var content = file.OpenRead();
        var length = await content.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false, cancellation);
        return Encoding.ASCII.GetString(text, 0, length).Contains(md5, StringComparison.OrdinalIgnoreCase);
    }

    public void Remove() => file.Delete();
}
