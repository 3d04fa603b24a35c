using System.Text.RegularExpressions;
using Smarter.Web.Texts;

namespace Smarter.Web.Tests.Texts;

public sealed partial class TextBundleTests
{
    /// <summary>Texts that are rightly the same in both languages.</summary>
    private static readonly string[] SameInBoth = ["f.iep", "opt.no"];

    private static readonly string Source = string.Join('\n', SourceFiles().Select(File.ReadAllText));

    [Fact]
    public void Every_language_has_the_same_keys()
    {
        var english = TextBundle.Of(Language.English).Keys.Order();

        Assert.Equal(english, TextBundle.Of(Language.Spanish).Keys.Order());
    }

    [Fact]
    public void Every_text_has_the_same_placeholders_in_every_language()
    {
        foreach (var (key, english) in TextBundle.Of(Language.English))
            Assert.Equal(
                (key, string.Join(' ', PlaceholdersOf(english))),
                (key, string.Join(' ', PlaceholdersOf(TextBundle.Of(Language.Spanish)[key]))));
    }

    [Fact]
    public void No_text_was_left_in_english()
    {
        var untranslated = TextBundle.Of(Language.English)
            .Where(text => TextBundle.Of(Language.Spanish)[text.Key] == text.Value && !SameInBoth.Contains(text.Key));

        Assert.Empty(untranslated);
    }

    [Fact]
    public void Every_key_of_the_bundles_is_used()
    {
        Assert.DoesNotContain(
            TextBundle.Of(Language.English).Keys, key => !Source.Contains($"\"{key}\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_key_that_is_used_is_in_the_bundles()
    {
        var used = UsedKey().Matches(Source).Select(match => match.Groups[1].Value).Distinct().ToList();

        Assert.NotEmpty(used);
        Assert.All(used, key => Assert.Contains(key, TextBundle.Of(Language.English).Keys));
    }

    private static IEnumerable<string> PlaceholdersOf(string text) =>
        Placeholder().Matches(text).Select(match => match.Value).Order();

    private static IEnumerable<string> SourceFiles()
    {
        var web = Path.Combine(BrowsedSite.RepositoryRoot(), "src", "Smarter.Web");
        return Directory.EnumerateFiles(web, "*.cs*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".cs" or ".cshtml");
    }

    [GeneratedRegex("""(?:\bT|\btexts)\["([^"]+)"[,\]]""")]
    private static partial Regex UsedKey();

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Placeholder();
}
