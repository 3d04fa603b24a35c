using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Options;
using Smarter.Core.Reports;
using Smarter.Database;
using Smarter.Web.Frame;
using Smarter.Web.Security;
using Smarter.Web.Texts;

namespace Smarter.Web.Submissions;

/// <summary>The form "Check a file": the loader judges it, and nothing of it is loaded.</summary>
/// <remarks>The token is checked by <see cref="CheckUpload"/>, which does not have to read the form first.</remarks>
[Authorize(Policy = Policies.Load)]
[IgnoreAntiforgeryToken]
[UnreadForm]
internal sealed class CheckPageModel(
    Caller caller, Databases databases, SubmissionQuery query, CheckUpload upload, CheckFolders folders,
    IOptions<ChecksOptions> options, TextBundle texts) : PageModel
{
    /// <summary>Whether files can be checked on this site.</summary>
    public bool IsSetUp => folders.AreSetUp;

    public long MaxBytes => options.Value.MaxBytes;

    /// <summary>What was wrong with the upload, as a sentence; null before one.</summary>
    public string? Complaint { get; private set; }

    /// <summary>The caller's states, by name of the tenant.</summary>
    public IReadOnlyList<(string Tenant, string State)> Tenants =>
        [.. caller.LoadTenants.Select(tenant => (tenant, StateNames.Of(databases.FindTenant(tenant)!.StateCode)))];

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        if (caller.LoadTenants.Count == 0)
            return Forbid();
        if (await query.CountChecksAsync(caller.Uid, cancellation) >= options.Value.MaxUnderWay)
            Complaint = SentenceOf(UploadRefusal.TooMany);
        return Page();
    }

    /// <returns>The way to the submission; else the form with a complaint: 400, 413 for too many bytes, 429 for too many
    /// checks; 403 for a state that the caller may not submit for; 404 where no files are checked.</returns>
    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (caller.LoadTenants.Count == 0)
            return Forbid();
        if (!IsSetUp)
            return NotFound();
        var (id, refusal) = await upload.TakeAsync(HttpContext, caller, cancellation);
        if (refusal is null)
            return LocalRedirect($"/submissions/{id}");
        if (refusal == UploadRefusal.NotThisTenant)
            return Forbid();
        Complaint = SentenceOf(refusal.Value);
        Response.StatusCode = refusal switch
        {
            UploadRefusal.TooLarge => StatusCodes.Status413PayloadTooLarge,
            UploadRefusal.TooMany => StatusCodes.Status429TooManyRequests,
            _ => StatusCodes.Status400BadRequest,
        };
        return Page();
    }

    private string SentenceOf(UploadRefusal refusal) => refusal switch
    {
        UploadRefusal.NoFile => texts["check.noFile"],
        UploadRefusal.UnsafeName => texts["check.unsafeName"],
        UploadRefusal.UnknownEnding => texts["check.unknownEnding"],
        UploadRefusal.WrongFiles => texts["check.wrongFiles"],
        UploadRefusal.TooLarge => texts["check.tooLarge", ("size", texts.Size(MaxBytes))],
        UploadRefusal.TooMany => texts["check.tooMany", ("n", options.Value.MaxUnderWay)],
        _ => texts["check.notThisForm"],
    };
}
