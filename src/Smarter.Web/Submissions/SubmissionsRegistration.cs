using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Smarter.Hosting;
using Smarter.Web.Security;
using Smarter.Web.Texts;

namespace Smarter.Web.Submissions;

/// <summary>The pages of data administrators (decisions.md §2.12): what was submitted, its receipts, and checks.</summary>
internal static class SubmissionsRegistration
{
    public static void AddSubmissions(this WebApplicationBuilder builder)
    {
        builder.Services.AddSettings<ChecksOptions>(ChecksOptions.Section)
            .Validate(options => string.IsNullOrEmpty(options.Folder) || Directory.Exists(options.Folder),
                "Checks:Folder: this folder must exist; make it, or leave the setting out.");
        builder.Services.AddSingleton<SubmissionQuery>();
        builder.Services.AddSingleton<CheckFolders>();
        builder.Services.AddSingleton<CheckOrders>();
        builder.Services.AddSingleton<ChecksTaken>();
        builder.Services.AddSingleton<CheckUpload>();
    }

    /// <summary><c>GET /submissions/{id}/receipt.json</c> and <c>receipt.csv</c>: the receipt as a file; 404 as on the
    /// submission's page, and before it has ended.</summary>
    public static void MapSubmissions(this IEndpointRouteBuilder app)
    {
        var receipts = app.MapGroup("/submissions/{id:guid}").RequireAuthorization(Policies.Load);
        receipts.MapGet("/receipt.json", GetJsonAsync);
        receipts.MapGet("/receipt.csv", GetCsvAsync);
    }

    private static async Task<Results<FileContentHttpResult, NotFound>> GetJsonAsync(
        Guid id, Caller caller, SubmissionQuery query, CancellationToken cancellation) =>
        await FindAsync(id, caller, query, cancellation) is var (submission, receipt)
            ? TypedResults.File(
                Encoding.UTF8.GetBytes(receipt), "application/json", $"{submission.FileName}.receipt.json")
            : TypedResults.NotFound();

    private static async Task<Results<FileContentHttpResult, NotFound>> GetCsvAsync(
        Guid id, Caller caller, SubmissionQuery query, TextBundle texts, CancellationToken cancellation) =>
        await FindAsync(id, caller, query, cancellation) is var (submission, receipt)
            ? TypedResults.File(
                ReceiptCsv.Of(SubmissionReceipt.Parse(receipt), submission.IsCheck, texts),
                "text/csv; charset=utf-8", $"{submission.FileName}.receipt.csv")
            : TypedResults.NotFound();

    private static async Task<(Submission Submission, string Receipt)?> FindAsync(
        Guid id, Caller caller, SubmissionQuery query, CancellationToken cancellation) =>
        await query.FindAsync(id, caller.LoadTenants, cancellation) is { IsUnderWay: false } submission
        && await query.FindReceiptAsync(id, caller.LoadTenants, cancellation) is { } receipt
            ? (submission, receipt)
            : null;
}
