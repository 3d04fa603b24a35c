using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Smarter.Web.Security;

namespace Smarter.Web.Home;

/// <summary>The entry: leads to the list of states, or to the report of the person's first state (ui.md
/// §1.2).</summary>
[Authorize(Policy = Policies.View)]
internal sealed class GoModel(Caller caller) : PageModel
{
    public IActionResult OnGet() =>
        caller.DisplaysHome ? LocalRedirect("/states") : LocalRedirect($"/r/{caller.Grants.StateCodes[0]}");
}
