namespace Smarter.Core.Access;

/// <summary>One role at one place: what a tenancy chain of the identity provider says. Null means absent.</summary>
/// <param name="Role">As sent; may be unknown here. Null when the field was empty.</param>
/// <param name="Tenant">The tenant's name in lower case.</param>
/// <param name="StateCode">Such as <c>NC</c>.</param>
public sealed record TenancyChain(string? Role, string? Tenant, string? StateCode, string? DistrictId, string? SchoolId)
{
    private const int FieldCount = 17;
    private const int RoleField = 1;
    private const int TenantField = 7;
    private const int StateField = 8;
    private const int DistrictField = 11;
    private const int SchoolField = 15;

    /// <summary>Reads one chain: 17 fields, each followed by a bar, and a bar in front (operations.md §4.8).</summary>
    /// <exception cref="FormatException">There are not 17 fields, or the outer bars are missing: the sign-in must
    /// fail.</exception>
    public static TenancyChain Parse(string text)
    {
        var parts = text.Split('|');
        if (parts.Length != FieldCount + 2 || parts[0].Length > 0 || parts[^1].Length > 0)
            throw new FormatException("A tenancy chain has 17 fields between bars.");

        string? Field(int index) => parts[index + 1] is { Length: > 0 } value ? value : null;

        return new TenancyChain(
            Field(RoleField),
            Field(TenantField)?.ToLowerInvariant(),
            Field(StateField),
            Field(DistrictField),
            Field(SchoolField));
    }

    /// <summary>Whether the chain names no place at all: it then holds in every tenant.</summary>
    public bool IsConsortiumWide => Tenant is null && StateCode is null && DistrictId is null && SchoolId is null;
}
