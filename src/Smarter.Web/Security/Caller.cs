using System.Security.Claims;
using Smarter.Core;
using Smarter.Core.Access;

namespace Smarter.Web.Security;

/// <summary>The person behind the request, as the session cookie knows them.</summary>
/// <param name="Uid">The person's name at the identity provider.</param>
/// <param name="Guid">The person's id in audit records.</param>
/// <param name="Email">Null when the identity provider sent none.</param>
internal sealed record Caller(
    string Uid, string Guid, string FullName, string FirstName, string LastName, string? Email, Grants Grants)
{
    public const string Scheme = "edware";

    private const string UidClaim = "uid";
    private const string GuidClaim = "guid";
    private const string FullNameClaim = "fullName";
    private const string FirstNameClaim = "firstName";
    private const string LastNameClaim = "lastName";
    private const string EmailClaim = "mail";
    private const string ChainClaim = "chain";
    private const string RoleClaim = "role";

    /// <summary>Reads back what <see cref="PrincipalOf"/> wrote.</summary>
    /// <returns>A caller without any grant when <paramref name="principal"/> is not signed in.</returns>
    public static Caller From(ClaimsPrincipal principal, IReadOnlyList<Tenant> tenants)
    {
        string Value(string type) => principal.FindFirstValue(type) ?? "";

        var chains = principal.FindAll(ChainClaim).Select(claim => TenancyChain.Parse(claim.Value));
        return new Caller(
            Value(UidClaim), Value(GuidClaim), Value(FullNameClaim), Value(FirstNameClaim), Value(LastNameClaim),
            principal.FindFirstValue(EmailClaim), Grants.From(chains, tenants));
    }

    /// <summary>The claims that the session keeps for a person with these chains.</summary>
    /// <exception cref="FormatException">A chain is malformed: the person must not be signed in.</exception>
    public static ClaimsPrincipal PrincipalOf(
        string uid, string guid, string firstName, string lastName, string? email,
        IReadOnlyList<string> chains, IReadOnlyList<Tenant> tenants)
    {
        var grants = Grants.From(chains.Select(TenancyChain.Parse), tenants);
        var identity = new ClaimsIdentity(Scheme, FullNameClaim, RoleClaim);
        identity.AddClaim(new Claim(UidClaim, uid));
        identity.AddClaim(new Claim(GuidClaim, guid));
        identity.AddClaim(new Claim(FullNameClaim, $"{firstName} {lastName}".Trim()));
        identity.AddClaim(new Claim(FirstNameClaim, firstName));
        identity.AddClaim(new Claim(LastNameClaim, lastName));
        if (email is not null)
            identity.AddClaim(new Claim(EmailClaim, email));
        identity.AddClaims(chains.Select(chain => new Claim(ChainClaim, chain)));
        identity.AddClaims(grants.Roles.Select(role => new Claim(RoleClaim, role)));
        return new ClaimsPrincipal(identity);
    }

    /// <summary>Whether the person's start page is the list of states.</summary>
    public bool DisplaysHome => Grants.Roles.Contains(Role.AllStates);

    /// <summary>The tenants whose submissions the person may see and whose files they may check: those in which
    /// ASMTDATALOAD is held for the whole state (ADR 0022), ordered by name.</summary>
    public IReadOnlyList<string> LoadTenants => Grants.StateWideTenants(Role.DataLoad);
}
