using System.Collections.Frozen;
using System.Text.Json;

namespace Smarter.Web.Texts;

/// <summary>The texts of the site in the language of the request.</summary>
internal sealed class TextBundle(Language language)
{
    private static readonly FrozenDictionary<string, FrozenDictionary<string, string>> Bundles =
        Language.All.ToFrozenDictionary(known => known.Code, known => Load(known.Code));

    public Language Language => language;

    /// <summary>The text with this key.</summary>
    /// <exception cref="KeyNotFoundException">No bundle has it; a test keeps the bundles complete.</exception>
    public string this[string key] => Bundles[language.Code][key];

    /// <summary>The text with each <c>{name}</c> replaced by its value.</summary>
    public string this[string key, params (string Name, object Value)[] values] =>
        values.Aggregate(this[key], (text, value) =>
            text.Replace(
                $"{{{value.Name}}}", Convert.ToString(value.Value, language.Culture), StringComparison.Ordinal));

    /// <summary>A whole number with thousands separators.</summary>
    public string Number(long number) => number.ToString("N0", language.Culture);

    /// <summary>Every key and text of a bundle.</summary>
    public static IReadOnlyDictionary<string, string> Of(Language language) => Bundles[language.Code];

    private static FrozenDictionary<string, string> Load(string code)
    {
        using var bundle = typeof(TextBundle).Assembly.GetManifestResourceStream($"Texts/{code}.json")!;
        return JsonSerializer.Deserialize<Dictionary<string, string>>(bundle)!
            .ToFrozenDictionary(StringComparer.Ordinal);
    }
}
