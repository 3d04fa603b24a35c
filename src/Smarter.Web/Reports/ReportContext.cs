using System.Text.Json.Serialization;
using Smarter.Core;
using Smarter.Core.Access;
using Smarter.Core.Reports;
using Smarter.Web.Security;

namespace Smarter.Web.Reports;

/// <summary>The member <c>context</c> of a report: where it stands, and what the caller may do from there.</summary>
internal sealed record ReportContext(IReadOnlyList<Crumb> Items, Permissions Permissions)
{
    /// <summary>The way from home to the place of the report.</summary>
    /// <param name="place">Null when the warehouse does not know the place: then home is the only item.</param>
    public static IReadOnlyList<Crumb> CrumbsTo(string stateCode, Place? place)
    {
        var crumbs = new List<Crumb> { new("home", "Home") };
        if (place is null)
            return crumbs;
        crumbs.Add(new Crumb("state", StateNames.Of(stateCode), stateCode, stateCode));
        if (place.DistrictId is not null)
            crumbs.Add(new Crumb("district", place.DistrictName!, Id: place.DistrictId));
        if (place.SchoolId is not null)
            crumbs.Add(new Crumb("school", place.SchoolName!, Id: place.SchoolId));
        return crumbs;
    }
}

/// <summary>The district and school of a report with their names; null below the level of the report.</summary>
internal sealed record Place(string? DistrictId, string? DistrictName, string? SchoolId, string? SchoolName);

/// <summary>One step of the way from home to the place of the report.</summary>
/// <param name="Type"><c>home</c>, <c>state</c>, <c>district</c> or <c>school</c>.</param>
/// <param name="StateCode">Of a state; null, and left out, elsewhere.</param>
/// <param name="Id">State code, district or school id; null, and left out, for home.</param>
internal sealed record Crumb(
    string Type,
    string Name,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? StateCode = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Id = null);

/// <summary>What the caller may open or download at the place of the report.</summary>
internal sealed record Permissions(
    Permission Pii,
    [property: JsonPropertyName("sar_extracts")] Permission StudentAssessmentExtracts,
    [property: JsonPropertyName("srs_extracts")] Permission RegistrationStatisticsExtracts,
    [property: JsonPropertyName("src_extracts")] Permission RegistrationCompletionExtracts,
    [property: JsonPropertyName("audit_xml_extracts")] Permission AuditXmlExtracts,
    [property: JsonPropertyName("item_extracts")] Permission ItemExtracts)
{
    /// <remarks>Every school page may be entered,
    /// so <c>pii</c> is refused at school level only (reporting.md §2.1).</remarks>
    public static Permissions Of(Caller caller, Tenant tenant, string? districtId, string? schoolId)
    {
        Permission For(string role) => Permission.From(caller.Grants.ReachOf(role, tenant.Name, districtId, schoolId));

        return new Permissions(
            schoolId is null ? new Permission(true, null) : For(Role.Pii),
            For(Role.StudentAssessmentExtracts),
            For(Role.RegistrationStatisticsExtracts),
            For(Role.RegistrationCompletionExtracts),
            For(Role.AuditXml),
            For(Role.ItemExtracts));
    }
}

/// <param name="All">Whether the permission holds for everything below the place.</param>
/// <param name="Guid">Otherwise the ids next below for which it holds; null is left out.</param>
internal sealed record Permission(
    bool All, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Guid)
{
    public static Permission From(Reach reach) => new(reach.All, reach.Ids);
}
