using System.Globalization;

namespace Smarter.SampleData;

/// <summary>The words after the verb: <c>--name value</c>, a name may be repeated.</summary>
internal sealed class CommandLine
{
    private readonly List<(string Name, string Value)> given = [];

    /// <param name="known">The names that may be given, without the hyphens.</param>
    /// <exception cref="UsageException">A word is not of that form, or a name is unknown.</exception>
    public CommandLine(IReadOnlyList<string> words, params string[] known)
    {
        for (var i = 0; i < words.Count; i += 2)
        {
            var name = words[i].StartsWith("--", StringComparison.Ordinal) ? words[i][2..] : null;
            if (name is null || !known.Contains(name))
                throw new UsageException($"{words[i]} is not known here; known are --{string.Join(", --", known)}");
            if (i + 1 == words.Count)
                throw new UsageException($"{words[i]} needs a value");
            given.Add((name, words[i + 1]));
        }
    }

    /// <exception cref="UsageException">The name is not given.</exception>
    public string Required(string name) => Optional(name) ?? throw new UsageException($"--{name} is missing");

    /// <returns>The last value given; null when there is none.</returns>
    public string? Optional(string name) => All(name) is [.., var last] ? last : null;

    /// <returns>The values in the order given; empty when there is none.</returns>
    public IReadOnlyList<string> All(string name) =>
        given.Where(entry => entry.Name == name).Select(entry => entry.Value).ToList();

    /// <returns>Null when not given; underscores between digits are allowed.</returns>
    /// <exception cref="UsageException">The value is not a whole number.</exception>
    public long? Number(string name) => Optional(name) is not { } text ? null
        : long.TryParse(text.Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new UsageException($"--{name} must be a whole number, not {text}");
}

/// <summary>The command line cannot be understood; the message says why.</summary>
internal sealed class UsageException(string message) : Exception(message);
