namespace Smarter.SampleData.Compare;

/// <summary>One question to the comparison of populations: a place and perhaps filters.</summary>
/// <param name="DistrictId">Null for the state's report.</param>
/// <param name="SchoolId">Null for the reports of states and districts.</param>
/// <param name="Filters">Parameters with the values asked for; a row must have one value of each. Empty: no
/// filter.</param>
internal sealed record ReportQuestion(
    string StateCode, int Year, string? DistrictId, string? SchoolId,
    IReadOnlyList<(string Parameter, IReadOnlyList<string> Values)> Filters)
{
    public string Level => DistrictId is null ? "state" : SchoolId is null ? "district" : "school";

    public bool Filtered => Filters.Count > 0;

    public string JsonAddress
    {
        get
        {
            var query = new List<string> { $"stateCode={StateCode}" };
            if (DistrictId is not null)
                query.Add($"districtId={Uri.EscapeDataString(DistrictId)}");
            if (SchoolId is not null)
                query.Add($"schoolId={Uri.EscapeDataString(SchoolId)}");
            query.Add($"asmtYear={Year}");
            foreach (var (parameter, values) in Filters)
                query.AddRange(values.Select(value => $"{parameter}={Uri.EscapeDataString(value)}"));
            return $"/data/comparing_populations?{string.Join('&', query)}&content-type=application/json";
        }
    }

    public string PageAddress
    {
        get
        {
            string?[] steps = [StateCode, DistrictId, SchoolId];
            return $"/r/{string.Join('/', steps.OfType<string>().Select(Uri.EscapeDataString))}?asmtYear={Year}";
        }
    }

    public override string ToString() =>
        string.Join('/', new[] { StateCode, DistrictId, SchoolId }.OfType<string>())
        + string.Concat(Filters.Select(filter => $" {filter.Parameter}={string.Join('|', filter.Values)}"));

    /// <summary>Whether the outcome belongs to the place, whatever the filters.</summary>
    public bool Covers(LandedOutcome outcome) => outcome.Year == Year
        && (DistrictId is null || outcome.DistrictId == DistrictId)
        && (SchoolId is null || outcome.SchoolId == SchoolId);

    /// <summary>Whether the outcome passes every filter.</summary>
    public bool Passes(LandedOutcome outcome) =>
        Filters.All(filter => filter.Values.Any(value => Has(outcome, filter.Parameter, value)));

    private static bool Has(LandedOutcome outcome, string parameter, string value) => parameter switch
    {
        "dmgPrgIep" => Is(outcome.Iep, value),
        "dmgPrgLep" => Is(outcome.Lep, value),
        "dmgPrg504" => Is(outcome.Section504, value),
        "dmgStsMig" => Is(outcome.Migrant, value),
        "dmgStsEcd" => Is(outcome.Disadvantaged, value),
        "complete" => Is(outcome.Complete, value),
        "ethnicity" => $"{outcome.Ethnicity}" == value,
        "grade" => outcome.Grade == value,
        "sex" => outcome.Sex == value,
        "studentGroupId" => outcome.Groups.Contains(value),
        _ => throw new ArgumentException($"no such filter: {parameter}", nameof(parameter)),
    };

    private static bool Is(bool? answer, string value) => value switch
    {
        "Y" => answer == true,
        "N" => answer == false,
        _ => answer is null,
    };
}
