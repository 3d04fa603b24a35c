using System.Text.RegularExpressions;

namespace Smarter.Web.Reports.ComparingPopulations;

/// <summary>What is compared with what.</summary>
internal enum ComparedUnit
{
    /// <summary>The districts of a state.</summary>
    District,

    /// <summary>The schools of a district.</summary>
    School,

    /// <summary>The assessed grades of a school.</summary>
    Grade,
}

/// <summary>The parameters of the report (reporting.md §1.2).</summary>
/// <param name="StateCode">Two upper-case letters; null means the caller's first state.</param>
/// <param name="SchoolId">Never without a district.</param>
/// <param name="AsmtYear">The year in which the school year ends; null means the newest.</param>
internal sealed partial record ComparingPopulationsRequest(
    string? StateCode, string? DistrictId, string? SchoolId, int? AsmtYear, OutcomeFilter Filter)
{
    /// <summary>What stands one level below the place of the report.</summary>
    public ComparedUnit Unit => this switch
    {
        { SchoolId: not null } => ComparedUnit.Grade,
        { DistrictId: not null } => ComparedUnit.School,
        _ => ComparedUnit.District,
    };

    /// <remarks>An empty id counts as absent.</remarks>
    /// <exception cref="WrongParameterException">A parameter does not fit,
    /// or a school comes without its district.</exception>
    public static ComparingPopulationsRequest From(ReportParameters parameters)
    {
        var request = new ComparingPopulationsRequest(
            parameters.Text("stateCode", StateCodePattern())?.ToUpperInvariant(),
            NullIfEmpty(parameters.Text("districtId", IdPattern())),
            NullIfEmpty(parameters.Text("schoolId", IdPattern())),
            parameters.Number("asmtYear"),
            OutcomeFilter.From(parameters));
        return request is { SchoolId: not null, DistrictId: null }
            ? throw new WrongParameterException("schoolId")
            : request;
    }

    /// <returns>Whether the text is two letters, in any case.</returns>
    public static bool IsStateCode(string text) => StateCodePattern().IsMatch(text);

    /// <returns>Whether the text is 0 to 50 letters, digits and hyphens.</returns>
    public static bool IsId(string text) => IdPattern().IsMatch(text);

    private static string? NullIfEmpty(string? id) => id is "" ? null : id;

    [GeneratedRegex(@"^[a-zA-Z]{2}\z")]
    private static partial Regex StateCodePattern();

    [GeneratedRegex(@"^[a-zA-Z0-9\-]{0,50}\z")]
    private static partial Regex IdPattern();
}
