using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Smarter.Core.Reports;

namespace Smarter.Web.Reports;

/// <summary>A state's branding and report settings, as stored in <c>custom_metadata</c> (reporting.md §2.1).</summary>
internal sealed partial class CustomMetadata
{
    /// <summary>The number of achievement levels of a subject whose colours are not stored.</summary>
    public const int DefaultLevels = 4;

    private static readonly IReadOnlyList<LevelColor> DefaultColors =
        [new("#a4262c"), new("#f2c80f"), new("#2e7d32"), new("#1b5e9c")];

    private readonly JsonElement root;

    private CustomMetadata(JsonElement root) => this.root = root;

    /// <param name="json">Null when the state has stored nothing.</param>
    /// <exception cref="InvalidDataException">The text is not a JSON object. Nothing may be shown then, because the
    /// state's own minimum group size is unknown.</exception>
    public static CustomMetadata Parse(string? json)
    {
        if (string.IsNullOrWhiteSpace(json))
            return new CustomMetadata(default);
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return new CustomMetadata(document.RootElement.Clone());
        }
        catch (JsonException malformed)
        {
            throw new InvalidDataException("custom_metadata.asmt_custom_metadata is not JSON.", malformed);
        }
        throw new InvalidDataException("custom_metadata.asmt_custom_metadata is not a JSON object.");
    }

    /// <summary>As stored; null when the state has set none.</summary>
    /// <exception cref="InvalidDataException">It is set, but not to a whole number.</exception>
    public int? StoredMinCellSize => Member(root, "min_cell_size") switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out var size) => size,
        _ => throw new InvalidDataException("min_cell_size in custom_metadata is not a whole number."),
    };

    /// <summary>The largest group that is hidden: the state's own, or 10 when that is absent or 0.</summary>
    public int MinCellSize => StoredMinCellSize is { } size and > 0 ? size : SmallGroups.DefaultMinimum;

    /// <summary>The state's branding object as stored, or null.</summary>
    public JsonElement? Branding => Member(root, "branding");

    /// <summary>The state's name for itself in the page header, or null.</summary>
    public string? Label => Text(Branding, "display");

    /// <summary>Address of the state's logo: a path on this site,
    /// or null when there is none or it is not a plain path.</summary>
    public string? LogoPath => Text(Branding, "image") switch
    {
        { } path when SitePath().IsMatch(path) => path,
        { } file when FileName().IsMatch(file) => $"/images/branding/{file}",
        _ => null,
    };

    /// <summary>The colours of a subject's levels as stored, or null.</summary>
    public JsonElement? StoredColors(string subject) =>
        Member(Member(root, "subjects"), subject) is { } settings
        && Member(settings, "colors") is { ValueKind: JsonValueKind.Array } colors ? colors : null;

    /// <summary>How many achievement levels the subject has: as many as colours, or 4.</summary>
    public int Levels(string subject) =>
        StoredColors(subject)?.GetArrayLength() is { } count and > 0 ? count : DefaultLevels;

    /// <summary>A colour for each level, lowest first; whatever is not a plain colour falls back to ours.</summary>
    public IReadOnlyList<LevelColor> Colors(string subject) =>
        [.. Enumerable.Range(0, Levels(subject)).Select(level => ColorOf(subject, level))];

    private LevelColor ColorOf(string subject, int level) =>
        StoredColors(subject) is { } colors && level < colors.GetArrayLength()
        && Text(colors[level], "bg_color") is { } color && PlainColor().IsMatch(color)
            ? new LevelColor(color)
            : DefaultColors[level % DefaultColors.Count];

    private static JsonElement? Member(JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } owner && owner.TryGetProperty(name, out var member)
        && member.ValueKind != JsonValueKind.Null ? member : null;

    private static string? Text(JsonElement? owner, string name) =>
        Member(owner, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    [GeneratedRegex(@"^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})\z")]
    private static partial Regex PlainColor();

    [GeneratedRegex(@"^(/[A-Za-z0-9_\-]+)+\.[a-z]{2,4}\z")]
    private static partial Regex SitePath();

    [GeneratedRegex(@"^[A-Za-z0-9_\-]+\.[a-z]{2,4}\z")]
    private static partial Regex FileName();
}

/// <summary>The member <c>metadata</c> of a report.</summary>
internal sealed record ReportMetadata(JsonElement? Branding, SubjectMetadata Subject1, SubjectMetadata Subject2)
{
    /// <remarks>The minimum holds for the whole state and is repeated in both subjects.</remarks>
    public static ReportMetadata From(CustomMetadata metadata, string subject1, string subject2) => new(
        metadata.Branding,
        new SubjectMetadata(metadata.StoredColors(subject1), metadata.StoredMinCellSize),
        new SubjectMetadata(metadata.StoredColors(subject2), metadata.StoredMinCellSize));
}

/// <param name="Colors">The stored list of colours, lowest level first; null when the state has set none.</param>
/// <param name="MinCellSize">As stored; null when the state has set none.</param>
internal sealed record SubjectMetadata(
    JsonElement? Colors, [property: JsonPropertyName("min_cell_size")] int? MinCellSize);
