using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Smarter.Core.Reports;
using Smarter.Database;
using Smarter.Web.Security;
using Smarter.Web.Texts;

namespace Smarter.Web.DemoSignIn;

/// <summary>Signs in as a made-up person, without a password. The form is exempt from antiforgery, so that
/// <c>./smarter sign-in</c> can post it.</summary>
[IgnoreAntiforgeryToken]
internal sealed class SignInModel(DemoPeople demoPeople, Databases databases, TextBundle texts) : PageModel
{
    public IReadOnlyList<DemoPerson> People { get; private set; } = [];

    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    public async Task OnGetAsync(CancellationToken cancellation) => People = await demoPeople.ReadAsync(cancellation);

    /// <param name="person">The id of a person of the file; another one answers 404.</param>
    public async Task<IActionResult> OnPostAsync([FromForm] string? person, CancellationToken cancellation)
    {
        var chosen = (await demoPeople.ReadAsync(cancellation)).FirstOrDefault(known => known.Person == person);
        if (chosen is null)
            return NotFound();
        var names = chosen.Name.Split(' ', 2);
        var principal = Caller.PrincipalOf(
            chosen.Uid, guid: chosen.Uid, names[0], names.Length == 2 ? names[1] : "", email: null,
            chosen.Chains, databases.Tenants);
        await HttpContext.SignInAsync(Caller.Scheme, principal);
        return LocalRedirect(Session.SafeReturn(ReturnUrl));
    }

    public string GroupName(string tenant) => databases.FindTenant(tenant) is { } known
        ? StateNames.Of(known.StateCode)
        : texts["demo.everywhere"];
}
