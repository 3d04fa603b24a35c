using System.Globalization;
using System.Text.Json;
using Smarter.Core;

namespace Smarter.Loader.Checking;

/// <summary>The definition of one assessment: the JSON of a landing file
/// as a row of <c>dim_asmt</c> (loader.md §2.4).</summary>
/// <param name="Values">The value for each column of <see cref="Columns"/>:
/// text, a <see cref="short"/> or null.</param>
/// <param name="CallbackUrl">Where the submitter wants to be told of the outcome; null when not given.</param>
/// <param name="EmailNotification">Address for the same; null when not given.</param>
internal sealed record AssessmentMetadata(
    IReadOnlyList<object?> Values, string? CallbackUrl, string? EmailNotification)
{
    private enum Kind { Text, Number, Year, Date, Type, Subject }

    private sealed record JsonColumn(string Path, string Name, Kind Kind, int MaxLength = 0, bool Required = false);

    private static readonly JsonColumn[] Layout =
    [
        new("Identification.Guid", "asmt_guid", Kind.Text, 255, Required: true),
        new("Identification.Type", "asmt_type", Kind.Type, 32, Required: true),
        new("Identification.Period", "asmt_period", Kind.Text, 32),
        new("Identification.Year", "asmt_period_year", Kind.Year, Required: true),
        new("Identification.Version", "asmt_version", Kind.Text, 40, Required: true),
        new("Identification.Subject", "asmt_subject", Kind.Subject, 64, Required: true),
        new("Identification.EffectiveDate", "effective_date", Kind.Date, 8, Required: true),
        new("Overall.MinScore", "asmt_score_min", Kind.Number, Required: true),
        new("Overall.MaxScore", "asmt_score_max", Kind.Number, Required: true),
        .. Enumerable.Range(1, 4).SelectMany(claim => new JsonColumn[]
        {
            new($"Claims.Claim{claim}.Name", $"asmt_claim_{claim}_name", Kind.Text, 128),
            new($"Claims.Claim{claim}.MinScore", $"asmt_claim_{claim}_score_min", Kind.Number, Required: claim < 4),
            new($"Claims.Claim{claim}.MaxScore", $"asmt_claim_{claim}_score_max", Kind.Number, Required: claim < 4),
        }),
        .. Enumerable.Range(1, 3).Select(level =>
            new JsonColumn($"ClaimsPerformanceLevel.Level{level}.Name",
                $"asmt_claim_perf_lvl_name_{level}", Kind.Text, 128)),
        .. Enumerable.Range(1, 5).Select(level =>
            new JsonColumn($"PerformanceLevels.Level{level}.Name", $"asmt_perf_lvl_name_{level}", Kind.Text, 25)),
        .. Enumerable.Range(1, 4).Select(cut =>
            new JsonColumn($"PerformanceLevels.Level{cut + 1}.CutPoint", $"asmt_cut_point_{cut}", Kind.Number)),
    ];

    /// <summary>The columns of <c>dim_asmt</c> that the JSON fills, in the order of <see cref="Values"/>.</summary>
    public static readonly IReadOnlyList<string> Columns = Array.ConvertAll(Layout, column => column.Name);

    /// <summary>JSON <c>Identification.Guid</c>; every row of the CSV repeats it.</summary>
    public string Guid => (string)Values[0]!;

    /// <summary>One of <see cref="AssessmentType"/>; chooses the fact table.</summary>
    public string Type => (string)Values[1]!;

    /// <summary>JSON <c>Identification.Year</c>.</summary>
    public int Year => (short)Values[3]!;

    public bool IsBlockFile => Type == AssessmentType.InterimBlocks;

    /// <returns>What the rows of the file are checked against.</returns>
    /// <param name="stateCode">Of the tenant: two upper-case letters.</param>
    /// <param name="today">The day of the load.</param>
    public RowRules RulesFor(string stateCode, DateOnly today) => new(
        System.Text.Encoding.ASCII.GetBytes(stateCode), System.Text.Encoding.UTF8.GetBytes(Guid), IsBlockFile, today);

    /// <summary>Reads the JSON; keys may be written in any case, values as text or numbers.</summary>
    /// <exception cref="FileRejectedException">3012, 3013, 5031 or 5033; the place is the JSON path.</exception>
    public static AssessmentMetadata Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(WithoutMark(json));
            return Read(document.RootElement);
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

    private static AssessmentMetadata Read(JsonElement root)
    {
        var content = Text(Find(root, "Content"));
        if (!"assessment".Equals(content, StringComparison.OrdinalIgnoreCase))
            throw new FileRejectedException(
                ErrorCode.LoadTypeUnknown,
                "studentregistration".Equals(content, StringComparison.OrdinalIgnoreCase)
                    ? "Student registration files are not taken yet."
                    : "Content must be assessment.",
                "Content");

        foreach (var column in Layout)
        {
            if (Find(root, column.Path) is null)
                throw new FileRejectedException(
                    ErrorCode.JsonPathMissing, $"The JSON has no {column.Path}.", column.Path);
        }
        return new AssessmentMetadata(
            Array.ConvertAll(Layout, column => Read(root, column)),
            Text(Find(root, "Source.CallbackURL")),
            Text(Find(root, "Source.EmailNotification")));
    }

    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> json) =>
        json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;

    private static object? Read(JsonElement root, JsonColumn column)
    {
        var text = Text(Find(root, column.Path));
        if (text is null)
            return column.Required ? throw Invalid(column, "must not be empty") : null;
        return column.Kind switch
        {
            Kind.Number =>
                short.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                    ? number
                    : throw Invalid(column, "must be a whole number from -32768 to 32767"),
            Kind.Year => text.Length == 4 && text.All(char.IsAsciiDigit)
                ? short.Parse(text, CultureInfo.InvariantCulture)
                : throw Invalid(column, "must be a year of four digits"),
            Kind.Date => FieldValues.Date(System.Text.Encoding.UTF8.GetBytes(text), null) is { } date
                ? date.ToString("yyyyMMdd", CultureInfo.InvariantCulture)
                : throw Invalid(column, "must be a date"),
            Kind.Type =>
                text is AssessmentType.Summative or AssessmentType.InterimComprehensive or AssessmentType.InterimBlocks
                    ? text
                    : throw new FileRejectedException(
                        ErrorCode.LoadTypeUnknown,
                        "Identification.Type must be SUMMATIVE, INTERIM COMPREHENSIVE or INTERIM ASSESSMENT BLOCKS.",
                        column.Path),
            Kind.Subject => FieldValues.Subject(System.Text.Encoding.UTF8.GetBytes(text)) is { IsEmpty: false } subject
                ? System.Text.Encoding.UTF8.GetString(subject)
                : throw Invalid(column, "must be Math or ELA"),
            _ => text.EnumerateRunes().Count() <= column.MaxLength
                ? text
                : throw Invalid(column, $"is longer than {column.MaxLength} characters"),
        };
    }

    private static FileRejectedException Invalid(JsonColumn column, string rule) =>
        new(ErrorCode.JsonValueInvalid, $"{column.Path} of the JSON {rule}.", column.Path);

    private static JsonElement? Find(JsonElement root, string path)
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

    /// <returns>The text of a string or number, trimmed; null for an empty or absent value.</returns>
    private static string? Text(JsonElement? element) => element?.ValueKind switch
    {
        JsonValueKind.String => element.Value.GetString()!.Trim() is { Length: > 0 } text && !text.Contains('\0')
            ? text
            : null,
        JsonValueKind.Number => element.Value.GetRawText(),
        _ => null,
    };
}
