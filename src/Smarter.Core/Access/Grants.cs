namespace Smarter.Core.Access;

/// <summary>What a person may do and where,
/// worked out from the tenancy chains (operations.md §4.9, reporting.md §6).</summary>
public sealed class Grants
{
    private readonly HashSet<Grant> grants;

    private Grants(HashSet<Grant> grants, IReadOnlyList<string> stateCodes)
    {
        this.grants = grants;
        StateCodes = stateCodes;
        Roles = grants.Count == 0
            ? [Role.None]
            : [.. grants.Select(grant => grant.Role).Distinct().Order(StringComparer.Ordinal)];
        Tenants = [.. grants.Select(grant => grant.Tenant).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Every role the person holds anywhere, ordered;
    /// <see cref="Role.None"/> alone when there is no relation.</summary>
    public IReadOnlyList<string> Roles { get; }

    /// <summary>The tenants in which the person holds a role, ordered by name.</summary>
    public IReadOnlyList<string> Tenants { get; }

    /// <summary>The state codes of those tenants, ordered.</summary>
    public IReadOnlyList<string> StateCodes { get; }

    /// <summary>Applies the rules to a person's chains.</summary>
    /// <remarks>
    /// An unknown or absent role becomes GENERAL; every role that reads reports brings GENERAL at the same place
    /// (ASMTDATALOAD and NONE do not); a chain without any place holds in every tenant; a chain for a tenant that is
    /// not configured grants nothing.
    /// </remarks>
    public static Grants From(IEnumerable<TenancyChain> chains, IReadOnlyList<Tenant> tenants)
    {
        var grants = new HashSet<Grant>();
        foreach (var chain in chains)
        {
            var role = chain.Role is { } name && Role.IsKnown(name) ? name : Role.General;
            var places = chain.IsConsortiumWide ? tenants : tenants.Where(tenant => tenant.Name == chain.Tenant);
            foreach (var tenant in places)
            {
                var grant = new Grant(tenant.Name, role, tenant.StateCode, chain.DistrictId, chain.SchoolId);
                grants.Add(grant);
                if (Role.Viewers.Contains(role))
                    grants.Add(grant with { Role = Role.General });
            }
        }
        var stateCodes = tenants.Where(tenant => grants.Any(grant => grant.Tenant == tenant.Name))
            .Select(tenant => tenant.StateCode).Order(StringComparer.Ordinal);
        return new Grants(grants, [.. stateCodes]);
    }

    /// <summary>Whether the person may read the aggregate reports of <paramref name="tenant"/>.</summary>
    public bool MayView(string tenant) =>
        grants.Any(grant => grant.Tenant == tenant && Role.Viewers.Contains(grant.Role));

    /// <summary>The tenants in which the person holds <paramref name="role"/> for the whole state,
    /// ordered by name.</summary>
    public IReadOnlyList<string> StateWideTenants(string role) =>
        [.. Tenants.Where(tenant => ReachOf(role, tenant, null, null).All)];

    /// <summary>How far <paramref name="role"/> reaches at the place of a request (reporting.md §6.4).</summary>
    /// <param name="districtId">Null at state level.</param>
    /// <param name="schoolId">Null at state and district level.</param>
    public Reach ReachOf(string role, string tenant, string? districtId, string? schoolId)
    {
        var held = grants.Where(grant => grant.Tenant == tenant && grant.Role == role).ToArray();
        if (held.Any(grant => grant.Covers(districtId, schoolId)))
            return Reach.Everything;

        var below = held
            .Select(grant => grant.NextBelow(districtId, schoolId))
            .OfType<string>()
            .Distinct()
            .Order(StringComparer.Ordinal);
        return new Reach(false, [.. below]);
    }

    /// <summary>The ids at which each role is held in <paramref name="tenant"/>:
    /// of every relation its deepest id only.</summary>
    public IReadOnlyDictionary<string, RoleContext> ContextOf(string tenant) =>
        grants.Where(grant => grant.Tenant == tenant)
            .GroupBy(grant => grant.Role)
            .OrderBy(role => role.Key, StringComparer.Ordinal)
            .ToDictionary(role => role.Key, role => new RoleContext(
                Distinct(role.Where(grant => grant.IsStateWide).Select(grant => grant.StateCode)),
                Distinct(role.Where(grant => grant.SchoolId is null).Select(grant => grant.DistrictId)),
                Distinct(role.Select(grant => grant.SchoolId))));

    private static string[] Distinct(IEnumerable<string?> ids) =>
        [.. ids.OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    private sealed record Grant(string Tenant, string Role, string StateCode, string? DistrictId, string? SchoolId)
    {
        public bool IsStateWide => DistrictId is null && SchoolId is null;

        /// <summary>Whether the relation ended at this place or above it.</summary>
        public bool Covers(string? districtId, string? schoolId) =>
            (DistrictId is null || DistrictId == districtId) && (SchoolId is null || SchoolId == schoolId);

        /// <returns>The district (of a state) or school (of a district) on the way to this grant;
        /// null when it lies elsewhere.</returns>
        public string? NextBelow(string? districtId, string? schoolId)
        {
            if (districtId is null)
                return DistrictId;
            return schoolId is null && DistrictId == districtId ? SchoolId : null;
        }
    }
}

/// <summary>How far a role reaches below a place.</summary>
/// <param name="All">True when everything below the place is covered.</param>
/// <param name="Ids">Otherwise: the districts or schools next below that the person may enter, ordered; may be
/// empty.</param>
public sealed record Reach(bool All, IReadOnlyList<string> Ids)
{
    public static readonly Reach Everything = new(true, []);
}

/// <summary>The places at which a role is held, each list ordered.</summary>
public sealed record RoleContext(
    IReadOnlyList<string> StateCodes, IReadOnlyList<string> DistrictIds, IReadOnlyList<string> SchoolIds);
