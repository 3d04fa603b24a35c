using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Smarter.Web.Frame;
using Smarter.Web.Reports;
using Smarter.Web.Texts;

namespace Smarter.Web.Errors;

/// <summary>Shown in place of a page that failed, under that page's own address and status.</summary>
[IgnoreAntiforgeryToken]
[UnreadForm]
internal sealed class ErrorModel(TextBundle texts) : PageModel
{
    public int Code { get; private set; }

    /// <summary>The request's id in the log.</summary>
    public string Reference => HttpContext.TraceIdentifier;

    public string Heading => Code switch
    {
        StatusCodes.Status403Forbidden => texts["err.403"],
        StatusCodes.Status404NotFound => texts["err.404"],
        _ => texts["err.title"],
    };

    /// <remarks>Also answers POST: a failed form is re-executed with its own method, and may be half read.</remarks>
    public async Task<IActionResult> OnGetAsync(int code)
    {
        if (HttpContext.Features.Get<IExceptionHandlerFeature>()?.Error is BadHttpRequestException refused)
            code = refused.StatusCode; // the request was wrong, not the site
        Code = code is >= 400 and <= 599 ? code : StatusCodes.Status404NotFound;
        Response.StatusCode = Code;
        if (!FailedAsJson())
            return Page();
        await ReportAnswers.Failed(HttpContext, Code).ExecuteAsync(HttpContext);
        return new EmptyResult();
    }

    public Task<IActionResult> OnPostAsync(int code) => OnGetAsync(code);

    private bool FailedAsJson()
    {
        var failed = HttpContext.Features.Get<IStatusCodeReExecuteFeature>()?.OriginalPath
            ?? HttpContext.Features.Get<IExceptionHandlerPathFeature>()?.Path;
        return new PathString(failed).StartsWithSegments("/data") || ReportAnswers.AsksForJson(Request);
    }
}
