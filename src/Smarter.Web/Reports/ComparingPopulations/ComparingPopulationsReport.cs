using System.Text.Json.Serialization;
using Smarter.Core;
using Smarter.Core.Reports;
using Smarter.Web.Security;

namespace Smarter.Web.Reports.ComparingPopulations;

/// <summary>The answer of <c>/data/comparing_populations</c> (reporting.md §2.3).</summary>
/// <param name="Summary">One element: all rows together, those whose own numbers are hidden included.</param>
/// <param name="Records">By name, in ordinal order; with a filter in the order of the database.</param>
/// <param name="Years">The years that can be chosen, newest first.</param>
internal sealed record ComparingPopulationsReport(
    ReportMetadata Metadata,
    IReadOnlyList<PopulationSummary> Summary,
    IReadOnlyList<PopulationRecord> Records,
    IReadOnlyDictionary<string, string> Subjects,
    ReportContext Context,
    [property: JsonPropertyName("asmt_period_year")] IReadOnlyList<int> Years,
    [property: JsonPropertyName("not_stated")] NotStated NotStated,
    [property: JsonPropertyName("user_info")] UserInfo UserInfo)
{
    public const string Math = "Math";
    public const string Ela = "ELA";

    private static readonly IReadOnlyDictionary<string, string> SubjectsByAlias =
        new Dictionary<string, string> { ["subject1"] = Math, ["subject2"] = Ela };

    /// <summary>Assembles the report; suppression, rounding and the merging of interim results happen here.</summary>
    public static ComparingPopulationsReport From(
        Tenant tenant, ComparingPopulationsRequest request, ComparingPopulationsRows rows, Caller caller)
    {
        var summary = ResultsOf(rows.Counts, rows.Metadata);
        var records = OrganizationsOf(rows.Counts)
            .Select(organization => RecordOf(
                tenant, request, organization.Id, organization.Name, ResultsOf(organization.Counts, rows.Metadata)))
            .ToList();

        if (rows.UnfilteredCounts is { } unfiltered)
            (summary, records) = WithUnfilteredTotals(summary, records, unfiltered, rows.Metadata);
        else
            records = WithInterim(tenant, request, records, rows.Interim, summary);

        return new ComparingPopulationsReport(
            ReportMetadata.From(rows.Metadata, Math, Ela),
            [new PopulationSummary(summary)],
            records,
            SubjectsByAlias,
            new ReportContext(
                ReportContext.CrumbsTo(tenant.StateCode, rows.Place),
                Permissions.Of(caller, tenant, request.DistrictId, request.SchoolId)),
            rows.Years,
            rows.NotStated,
            UserInfo.Of(caller));
    }

    /// <remarks>One organisation whose name was spelled in two ways stays one,
    /// under the name that is seen first.</remarks>
    private static IEnumerable<(string Id, string Name, LevelCount[] Counts)> OrganizationsOf(
        IReadOnlyList<LevelCount> counts) =>
        counts.GroupBy(count => count.Id).Select(group => (group.Key, group.First().Name, group.ToArray()));

    private static Dictionary<string, SubjectResult> ResultsOf(
        IReadOnlyList<LevelCount> counts, CustomMetadata metadata) =>
        SubjectsByAlias.ToDictionary(
            subject => subject.Key,
            subject => SubjectResult.Of(
                subject.Value,
                LevelTotals(counts.Where(count => count.Subject == subject.Value), metadata.Levels(subject.Value)),
                metadata.MinCellSize));

    /// <param name="levels">How many levels the subject has (reporting.md §2.3).</param>
    /// <returns>Outcomes of levels 1 to <paramref name="levels"/> in that order; levels without outcomes are 0. An
    /// outcome at any other level is not counted, so that a total is always the sum of the levels shown.</returns>
    private static int[] LevelTotals(IEnumerable<LevelCount> counts, int levels)
    {
        var totals = counts.GroupBy(count => count.Level).ToDictionary(
            level => level.Key, level => level.Sum(c => c.Outcomes));
        return [.. Enumerable.Range(1, levels).Select(level => totals.GetValueOrDefault(level))];
    }

    private static PopulationRecord RecordOf(
        Tenant tenant, ComparingPopulationsRequest request, string id, string name,
        IReadOnlyDictionary<string, SubjectResult> results) =>
        new(id, id, name, results, new RecordParameters(tenant.StateCode, id, request.DistrictId, request.SchoolId));

    private static (Dictionary<string, SubjectResult>, List<PopulationRecord>) WithUnfilteredTotals(
        Dictionary<string, SubjectResult> summary, List<PopulationRecord> records,
        IReadOnlyList<LevelCount> unfiltered, CustomMetadata metadata)
    {
        static Dictionary<string, SubjectResult> Compare(
            IReadOnlyDictionary<string, SubjectResult> filtered, Dictionary<string, SubjectResult> all) =>
            filtered.ToDictionary(
                result => result.Key, result => result.Value with { UnfilteredTotal = all[result.Key].Total });

        var totals = OrganizationsOf(unfiltered)
            .ToDictionary(organization => organization.Id, organization => ResultsOf(organization.Counts, metadata));
        return (
            Compare(summary, ResultsOf(unfiltered, metadata)),
            [.. records.Select(record => record with { Results = Compare(record.Results, totals[record.Id]) })]);
    }

    /// <summary>Adds the organisations that have interim results only,
    /// and marks empty subjects of the others.</summary>
    private static List<PopulationRecord> WithInterim(
        Tenant tenant, ComparingPopulationsRequest request, List<PopulationRecord> records,
        IReadOnlyList<InterimPresence> interim, Dictionary<string, SubjectResult> summary)
    {
        var interimOf = interim.GroupBy(presence => presence.Id).ToDictionary(
            group => group.Key, group => group.ToArray());

        bool HasInterim(string id, string subject) => interimOf[id].Any(presence => presence.Subject == subject);

        var marked = records.Select(record => !interimOf.ContainsKey(record.Id)
            ? record
            : record with
            {
                Results = record.Results.ToDictionary(
                    result => result.Key,
                    result => result.Value.Total == 0
                        ? result.Value with { HasInterim = HasInterim(record.Id, result.Value.AsmtSubject) }
                        : result.Value),
            });
        var known = records.Select(record => record.Id).ToHashSet();
        var added = interimOf.Where(organization => !known.Contains(organization.Key))
            .Select(organization => RecordOf(
                tenant, request, organization.Key, organization.Value[0].Name,
                SubjectsByAlias.ToDictionary(
                    subject => subject.Key,
                    subject => SubjectResult.InterimOnly(
                        summary[subject.Key], HasInterim(organization.Key, subject.Value)))));
        return [.. marked.Concat(added)
            .OrderBy(record => record.Name, StringComparer.Ordinal)
            .ThenBy(record => record.Id, StringComparer.Ordinal)];
    }
}

/// <summary>All records together.</summary>
/// <param name="Results">By <c>subject1</c> and <c>subject2</c>.</param>
internal sealed record PopulationSummary(IReadOnlyDictionary<string, SubjectResult> Results);

/// <summary>One district, school or grade.</summary>
internal sealed record PopulationRecord(
    string RowId, string Id, string Name, IReadOnlyDictionary<string, SubjectResult> Results,
    [property: JsonPropertyName("params")] RecordParameters Parameters);

/// <summary>The parameters of the report one level down.</summary>
internal sealed record RecordParameters(
    string StateCode,
    string Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? DistrictId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? SchoolId);

/// <summary>The outcomes of one subject.</summary>
/// <param name="Total">Outcomes at the subject's levels, the sum of the intervals; 0 when there are none, -1 when they
/// are hidden or only interim results exist.</param>
/// <param name="Intervals">One per level, lowest first.</param>
/// <param name="HasInterim">Null (left out) unless the organisation has interim results and none here that are
/// summative.</param>
/// <param name="UnfilteredTotal">The total without the request's filter, in the same form; null (left out) without
/// filter.</param>
internal sealed record SubjectResult(
    [property: JsonPropertyName("asmt_subject")] string AsmtSubject,
    IReadOnlyList<LevelShare> Intervals,
    int Total,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? HasInterim = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? UnfilteredTotal = null)
{
    private const int Masked = -1;

    /// <summary>Percent of the outcomes in the upper half of the levels (3 and 4 of 4).</summary>
    [JsonIgnore]
    public int UpperShare => Intervals.Skip(Intervals.Count / 2).Sum(interval => interval.Percentage);

    /// <summary>Whether numbers are shown.</summary>
    [JsonIgnore]
    public bool IsShown => Total > 0;

    /// <param name="counts">Outcomes per level, lowest first.</param>
    /// <param name="minimum">The largest group that is hidden.</param>
    public static SubjectResult Of(string subject, IReadOnlyList<int> counts, int minimum)
    {
        if (counts.Sum() == 0)
            return Without(subject, counts.Count, total: 0);
        if (SmallGroups.Hide(counts, minimum))
            return Without(subject, counts.Count, Masked);
        var percentages = Percentages.Of(counts);
        return new SubjectResult(
            subject, [.. counts.Select((count, i) => new LevelShare(i + 1, count, percentages[i]))], counts.Sum());
    }

    /// <summary>A subject of an organisation that has interim results only.</summary>
    /// <param name="summary">Whose levels are repeated, all masked.</param>
    /// <param name="hasInterim">Whether the interim results are in this subject.</param>
    public static SubjectResult InterimOnly(SubjectResult summary, bool hasInterim) => new(
        summary.AsmtSubject,
        [.. summary.Intervals.Select(interval => new LevelShare(interval.Level, Masked, Masked))],
        hasInterim ? Masked : 0,
        hasInterim);

    private static SubjectResult Without(string subject, int levels, int total) => new(
        subject, [.. Enumerable.Range(1, levels).Select(level => new LevelShare(level, null, total))], total);
}

/// <param name="Count">Outcomes at this level; null (left out) when nothing is shown.</param>
/// <param name="Percentage">Whole percent; the levels of a subject add up to 100. 0 without results, -1 when
/// masked.</param>
internal sealed record LevelShare(
    int Level, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Count, int Percentage);
