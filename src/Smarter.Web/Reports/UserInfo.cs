using System.Text.Json.Serialization;
using Smarter.Core.Access;
using Smarter.Web.Security;

namespace Smarter.Web.Reports;

/// <summary>The member <c>user_info</c> of a report (reporting.md §1.5);
/// its odd names are part of the interface.</summary>
internal sealed record UserInfo(
    [property: JsonPropertyName("_User__info")] UserInfo.Identity Info,
    [property: JsonPropertyName("_User__context")]
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, UserInfo.RoleScope>> Context)
{
    public static UserInfo Of(Caller caller) => new(
        new Identity(
            new PersonName(caller.FullName, caller.FirstName, caller.LastName),
            caller.Uid,
            caller.Grants.Roles,
            caller.Grants.Tenants,
            caller.Grants.StateCodes,
            caller.Guid,
            caller.DisplaysHome,
            caller.Email),
        caller.Grants.Tenants.ToDictionary(
            tenant => tenant, IReadOnlyDictionary<string, RoleScope> (tenant) => ScopesOf(caller.Grants, tenant)));

    private static Dictionary<string, RoleScope> ScopesOf(Grants grants, string tenant) =>
        grants.ContextOf(tenant).ToDictionary(
            role => role.Key,
            role => new RoleScope(role.Value.StateCodes, role.Value.DistrictIds, role.Value.SchoolIds));

    /// <param name="Tenant">The names of all the person's tenants.</param>
    /// <param name="StateCode">The state codes of these tenants.</param>
    /// <param name="DisplayHome">Whether the person starts at the list of states.</param>
    /// <param name="Email">Null, and left out, when the identity provider names none.</param>
    internal sealed record Identity(
        PersonName Name,
        string Uid,
        IReadOnlyList<string> Roles,
        IReadOnlyList<string> Tenant,
        IReadOnlyList<string> StateCode,
        string Guid,
        bool DisplayHome,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Email);

    internal sealed record PersonName(string FullName, string FirstName, string LastName);

    /// <summary>The ids at which a role is held; of every relation its deepest id only.</summary>
    internal sealed record RoleScope(
        [property: JsonPropertyName("state_code")] IReadOnlyList<string> StateCode,
        [property: JsonPropertyName("district_id")] IReadOnlyList<string> DistrictId,
        [property: JsonPropertyName("school_id")] IReadOnlyList<string> SchoolId);
}
