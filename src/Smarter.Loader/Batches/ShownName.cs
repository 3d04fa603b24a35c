using System.Globalization;
using System.Text;

namespace Smarter.Loader.Batches;

/// <summary>Names that somebody else gave to files, in a form that harms no terminal, no spreadsheet and no database.
/// </summary>
internal static class ShownName
{
    private const int MostCharacters = 100;

    /// <returns>The name with <c>?</c> for each control character, line separator and invisible mark, cut after 100
    /// characters.</returns>
    public static string Of(string name)
    {
        var shown = new StringBuilder();
        foreach (var character in name.EnumerateRunes().Take(MostCharacters))
            shown.Append(IsShown(character) ? character : new Rune('?'));
        return shown.ToString();
    }

    /// <returns>Whether the name can hold bytes that are not UTF-8, which .NET replaces: no file is then found under
    /// it.</returns>
    public static bool HasLostBytes(string name) => name.Contains('\uFFFD');

    private static bool IsShown(Rune character) => Rune.GetUnicodeCategory(character) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator);
}
