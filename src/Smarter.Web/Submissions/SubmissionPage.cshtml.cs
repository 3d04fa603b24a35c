using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Smarter.Core.Reports;
using Smarter.Database;
using Smarter.Web.Frame;
using Smarter.Web.Security;

namespace Smarter.Web.Submissions;

/// <summary>One submission: how far it is, and when it has ended its receipt.</summary>
[Authorize(Policy = Policies.Load)]
internal sealed class SubmissionPageModel(Caller caller, Databases databases, SubmissionQuery query) : PageModel
{
    public Submission Submission { get; private set; } = null!;

    /// <summary>Null while it is under way, and where the loader wrote none.</summary>
    public SubmissionReceipt? Receipt { get; private set; }

    public string StateName => StateNames.Of(databases.FindTenant(Submission.Tenant)!.StateCode);

    /// <summary>Whether only the part that changes is asked for.</summary>
    public bool IsRefresh => LiveRefresh.IsOne(Request);

    /// <returns>404 when there is no such submission, or when it is another tenant's: nobody learns which.</returns>
    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation)
    {
        if (await query.FindAsync(id, caller.LoadTenants, cancellation) is not { } found)
            return NotFound();
        Submission = found;
        if (!found.IsUnderWay && await query.FindReceiptAsync(id, caller.LoadTenants, cancellation) is { } json)
            Receipt = SubmissionReceipt.Parse(json);
        return Page();
    }
}
