using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Smarter.Web.Security;

namespace Smarter.Web.Home;

/// <summary>The entry: leads to the list of states, to the report of the person's first state (ui.md §1.2),
/// or, who may only submit data, to the submissions.</summary>
[Authorize]
internal sealed class GoModel(Caller caller, IAuthorizationService authorization) : PageModel
{
    /// <returns>403 for a person without any of these.</returns>
    public async Task<IActionResult> OnGetAsync()
    {
        if ((await authorization.AuthorizeAsync(User, Policies.View)).Succeeded)
            return LocalRedirect(caller.DisplaysHome ? "/states" : $"/r/{caller.Grants.StateCodes[0]}");
        return caller.LoadTenants.Count > 0 ? LocalRedirect("/submissions") : Forbid();
    }
}
