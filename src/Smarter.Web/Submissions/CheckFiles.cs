using System.Text;

namespace Smarter.Web.Submissions;

/// <summary>Which files one check may hold: one archive, encrypted or not, or exactly one CSV with its JSON.</summary>
internal static class CheckFiles
{
    public const string Csv = ".csv";
    public const string Json = ".json";

    private const int MostNameBytes = 200;

    private static readonly string[] Archives = [".tar.gz.gpg", ".tar.gz"];

    /// <summary>The name under which a file is kept: as uploaded, its ending in lower case.</summary>
    /// <param name="name">As the browser sent it: not trusted.</param>
    /// <returns>Null when the name could lead out of a folder, be read as an option, or not be shown: anything but
    /// letters, digits, <c>._-</c> and spaces, a dot, hyphen or space in front, or more than 200 bytes.</returns>
    public static string? SafeName(string name)
    {
        if (name.Length == 0 || name[0] is '.' or '-' or ' ' || Encoding.UTF8.GetByteCount(name) > MostNameBytes
            || !name.All(letter => char.IsLetterOrDigit(letter) || letter is '.' or '_' or '-' or ' '))
            return null;
        var ending = EndingOf(name) ?? "";
        return name[..^ending.Length] + ending;
    }

    /// <returns>The known ending of the name in lower case, or null.</returns>
    public static string? EndingOf(string name) =>
        Archives.Concat([Csv, Json]).FirstOrDefault(
            ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether <paramref name="ending"/> may join <paramref name="others"/>: a half of a pair its other half,
    /// everything else nothing.</summary>
    public static bool MayJoin(string ending, IReadOnlyCollection<string> others) =>
        others.Count == 0 || others.Count == 1 && (ending, others.First()) is (Csv, Json) or (Json, Csv);

    /// <summary>Whether the files are one whole check.</summary>
    public static bool IsWhole(IReadOnlyCollection<string> endings) =>
        endings.Count == 2 || endings.Count == 1 && Archives.Contains(endings.First());
}
