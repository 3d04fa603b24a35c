using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Smarter.Web.Home;

/// <summary>The landing page; who is signed in goes on to their own reports.</summary>
internal sealed class LandingModel : PageModel
{
    public IActionResult OnGet() =>
        User.Identity is { IsAuthenticated: true } ? LocalRedirect("/go") : Page();
}
