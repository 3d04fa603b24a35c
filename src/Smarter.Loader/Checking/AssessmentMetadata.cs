using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Smarter.Core;

namespace Smarter.Loader.Checking;

/// <summary>The definition of one assessment: the JSON of a landing file
/// as a row of <c>dim_asmt</c> (loader.md §2.4).</summary>
/// <param name="Values">The value for each column of <see cref="Columns"/>:
/// text, a <see cref="short"/> or null.</param>
internal sealed record AssessmentMetadata(
    IReadOnlyList<object?> Values, string? CallbackUrl, string? EmailNotification)
    : FileMetadata(CallbackUrl, EmailNotification)
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

    public override string LoadType => Core.LoadType.Assessment;

    public override CsvLayout RowLayout => AssessmentLayout.Csv;

    /// <exception cref="FileRejectedException">3013, 5031 or 5033; the place is the JSON path.</exception>
    public static AssessmentMetadata Read(MetadataJson file)
    {
        file.Require(Layout.Select(column => column.Path));
        return new AssessmentMetadata(
            Array.ConvertAll(Layout, column => Read(file, column)),
            file.Text("Source.CallbackURL"),
            file.Text("Source.EmailNotification"));
    }

    public override RowRules RulesFor(string stateCode, DateOnly today) => new(
        Encoding.ASCII.GetBytes(stateCode), Encoding.UTF8.GetBytes(Guid), IsBlockFile, today);

    public override JsonObject Notification()
    {
        var members = base.Notification();
        members["academic_year"] = Year;
        return members;
    }

    private static object? Read(MetadataJson file, JsonColumn column)
    {
        var text = file.Text(column.Path);
        if (text is null)
            return column.Required ? throw Invalid(column, "must not be empty") : null;
        return column.Kind switch
        {
            Kind.Number =>
                short.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                    ? number
                    : throw Invalid(column, "must be a whole number from -32768 to 32767"),
            Kind.Year => MetadataJson.Year(text, column.Path),
            Kind.Date => MetadataJson.Date(text, column.Path),
            Kind.Type =>
                text is AssessmentType.Summative or AssessmentType.InterimComprehensive or AssessmentType.InterimBlocks
                    ? text
                    : throw new FileRejectedException(
                        ErrorCode.LoadTypeUnknown,
                        "Identification.Type must be SUMMATIVE, INTERIM COMPREHENSIVE or INTERIM ASSESSMENT BLOCKS.",
                        column.Path),
            Kind.Subject => FieldValues.Subject(Encoding.UTF8.GetBytes(text)) is { IsEmpty: false } subject
                ? Encoding.UTF8.GetString(subject)
                : throw Invalid(column, "must be Math or ELA"),
            _ => MetadataJson.NoLongerThan(column.MaxLength, text, column.Path),
        };
    }

    private static FileRejectedException Invalid(JsonColumn column, string rule) =>
        MetadataJson.Invalid(column.Path, rule);
}
