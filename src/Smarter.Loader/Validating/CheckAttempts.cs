namespace Smarter.Loader.Validating;

/// <summary>How often a check was begun without an end: a byte for each attempt, in a file beside what is checked,
/// which outlives the process that a check kills.</summary>
internal static class CheckAttempts
{
    /// <summary>So often a check is begun.</summary>
    public const int AtMost = 3;

    /// <returns>Attempts that did not end; 0 also when there is no folder.</returns>
    public static long Count(string folder) => new FileInfo(FileIn(folder)) is { Exists: true } file ? file.Length : 0;

    /// <returns>Which attempt begins now, from 1.</returns>
    /// <exception cref="IOException">It cannot be written down; then nothing must begin.</exception>
    public static long Begin(string folder)
    {
        using var attempts = new FileStream(FileIn(folder), FileMode.Append);
        attempts.WriteByte((byte)'|');
        return attempts.Position;
    }

    /// <summary>The last attempt was none: something else than the file kept it from its end.</summary>
    public static void TakeBack(string folder)
    {
        if (Count(folder) == 0)
            return;
        using var attempts = new FileStream(FileIn(folder), FileMode.Open);
        attempts.SetLength(attempts.Length - 1);
    }

    private static string FileIn(string folder) => Path.Combine(folder, "attempts");
}
