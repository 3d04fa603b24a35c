namespace Smarter.Loader.Validating;

/// <summary>A file that is to be checked and not loaded.</summary>
/// <param name="Path">A <c>.tar.gz.gpg</c>, a <c>.tar.gz</c> or a <c>.csv</c>.</param>
/// <param name="JsonPath">The JSON of a <c>.csv</c>; else null.</param>
internal sealed record FileToCheck(string Path, string? JsonPath)
{
    public bool IsEncrypted => Path.EndsWith(".gpg", StringComparison.OrdinalIgnoreCase);

    /// <summary>Finds what there is to check among files and folders: archives, and each CSV with its JSON, which has
    /// the same base name unless there is just one of each.</summary>
    /// <param name="paths">Files, and folders that hold files; subfolders are not looked into.</param>
    /// <exception cref="FileNotFoundException">A path does not exist, a CSV has no JSON, or a name has none of the
    /// known endings; the message says which.</exception>
    public static IReadOnlyList<FileToCheck> Find(IEnumerable<string> paths)
    {
        var files = paths.SelectMany(FilesOf).ToArray();
        var jsons = files.Where(file => HasEnding(file, ".json")).ToArray();
        var csvs = files.Where(file => HasEnding(file, ".csv")).ToArray();
        var found = files
            .Where(file => HasEnding(file, ".tar.gz") || HasEnding(file, ".tar.gz.gpg"))
            .Select(file => new FileToCheck(file, null))
            .Concat(csvs.Select(csv => new FileToCheck(csv, JsonOf(csv, csvs, jsons))))
            .ToArray();
        return found.Length > 0
            ? found
            : throw new FileNotFoundException(
                "There is nothing to check: name a .tar.gz.gpg, a .tar.gz, a .csv with its .json, or a folder.");
    }

    private static IEnumerable<string> FilesOf(string path)
    {
        if (Directory.Exists(path))
            return Directory.GetFiles(path).Order(StringComparer.Ordinal);
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no file {path}.");
        string[] known = [".tar.gz.gpg", ".tar.gz", ".csv", ".json"];
        return known.Any(ending => HasEnding(path, ending))
            ? [path]
            : throw new FileNotFoundException($"{path} is neither a .tar.gz.gpg, a .tar.gz, a .csv nor a .json.");
    }

    private static string JsonOf(string csv, string[] csvs, string[] jsons)
    {
        var beside = System.IO.Path.ChangeExtension(csv, ".json");
        if (csvs.Length == 1 && jsons.Length == 1)
            return jsons[0];
        return jsons.Contains(beside) || File.Exists(beside)
            ? beside
            : throw new FileNotFoundException($"{csv} has no {System.IO.Path.GetFileName(beside)} beside it.");
    }

    private static bool HasEnding(string path, string ending) =>
        path.EndsWith(ending, StringComparison.OrdinalIgnoreCase);
}
