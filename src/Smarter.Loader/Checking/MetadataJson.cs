using System.Globalization;
using System.Text;
using System.Text.Json;
using Smarter.Core;

namespace Smarter.Loader.Checking;

/// <summary>The JSON of a landing file; its keys may be written in any case (loader.md §2.3).</summary>
internal sealed class MetadataJson(JsonElement root)
{
    /// <summary>Parses the JSON and reads it.</summary>
    /// <exception cref="FileRejectedException">3012, or what <paramref name="read"/> throws.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> json, Func<MetadataJson, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(WithoutMark(json));
            return read(new MetadataJson(document.RootElement));
        }
        catch (JsonException broken)
        {
            throw new FileRejectedException(ErrorCode.JsonInvalid,
                $"The JSON cannot be read (line {broken.LineNumber + 1}, byte {broken.BytePositionInLine}).");
        }
        catch (InvalidOperationException)
        {
            throw new FileRejectedException(
                ErrorCode.JsonInvalid, "The JSON holds half a character (an unpaired \\uD800 to \\uDFFF).");
        }
    }

    /// <returns>The text of the string or number at a path such as <c>Overall.MinScore</c>, trimmed;
    /// null when it is empty, absent or something else.</returns>
    /// <exception cref="FileRejectedException">5033: it holds a NUL, which PostgreSQL does not keep.</exception>
    public string? Text(string path)
    {
        var element = Find(path);
        return element?.ValueKind switch
        {
            JsonValueKind.String => element.Value.GetString()!.Trim() is { Length: > 0 } text
                ? text.Contains('\0') ? throw Invalid(path, "holds the character NUL") : text
                : null,
            JsonValueKind.Number => element.Value.GetRawText(),
            _ => null,
        };
    }

    /// <summary>Requires the paths to exist; their values may be empty.</summary>
    /// <exception cref="FileRejectedException">3013; the place is the first path that is missing.</exception>
    public void Require(IEnumerable<string> paths)
    {
        if (paths.FirstOrDefault(path => Find(path) is null) is { } missing)
            throw new FileRejectedException(ErrorCode.JsonPathMissing, $"The JSON has no {missing}.", missing);
    }

    /// <param name="rule">Goes on after the path, such as <c>must not be empty</c>.</param>
    public static FileRejectedException Invalid(string path, string rule) =>
        new(ErrorCode.JsonValueInvalid, $"{path} of the JSON {rule}.", path);

    /// <returns>The text as it is.</returns>
    /// <exception cref="FileRejectedException">5033: it has more characters than its column takes.</exception>
    public static string NoLongerThan(int maxLength, string text, string path) =>
        text.EnumerateRunes().Count() <= maxLength
            ? text
            : throw Invalid(path, $"is longer than {maxLength} characters");

    /// <exception cref="FileRejectedException">5033.</exception>
    public static short Year(string text, string path) =>
        text.Length == 4 && text.All(char.IsAsciiDigit)
            ? short.Parse(text, CultureInfo.InvariantCulture)
            : throw Invalid(path, "must be a year of four digits");

    /// <returns>The day as <c>yyyymmdd</c>.</returns>
    /// <exception cref="FileRejectedException">5033.</exception>
    public static string Date(string text, string path) =>
        FieldValues.Date(Encoding.UTF8.GetBytes(text), null) is { } date
            ? date.ToString("yyyyMMdd", CultureInfo.InvariantCulture)
            : throw Invalid(path, "must be a date");

    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> json) =>
        json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;

    private JsonElement? Find(string path)
    {
        var element = root;
        foreach (var key in path.Split('.'))
        {
            if (element.ValueKind != JsonValueKind.Object)
                return null;
            var found = element.EnumerateObject()
                .Where(property => property.Name.Equals(key, StringComparison.OrdinalIgnoreCase))
                .Select(property => (JsonElement?)property.Value)
                .LastOrDefault();
            if (found is null)
                return null;
            element = found.Value;
        }
        return element;
    }
}
