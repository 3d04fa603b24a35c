using Microsoft.AspNetCore.Http.HttpResults;
using Smarter.Database;
using Smarter.Web.Security;

namespace Smarter.Web.Reports.ComparingPopulations;

/// <summary><c>GET</c> and <c>POST /data/comparing_populations</c>.</summary>
internal static class ComparingPopulationsEndpoint
{
    public const string Name = "comparing_populations";

    public static void MapComparingPopulations(this IEndpointRouteBuilder reports) =>
        reports.MapMethods(Name, [HttpMethods.Get, HttpMethods.Post], AnswerAsync);

    private static async Task<
        Results<JsonHttpResult<ComparingPopulationsReport>, JsonHttpResult<ReportProblem>>> AnswerAsync(
        HttpContext context, Caller caller, Databases databases, ComparingPopulationsQuery query,
        CancellationToken cancellation)
    {
        var request = ComparingPopulationsRequest.From(await ReportParameters.ReadAsync(context.Request, cancellation));
        var stateCode = request.StateCode ?? (caller.Grants.StateCodes.Count > 0 ? caller.Grants.StateCodes[0] : null);
        if (stateCode is null || databases.FindTenantOfState(stateCode) is not { } tenant
            || !caller.Grants.MayView(tenant.Name))
        {
            Session.LogForbidden(context);
            return ReportAnswers.Forbidden(context);
        }

        var rows = await query.RunAsync(tenant, request, cancellation);
        return TypedResults.Json(ComparingPopulationsReport.From(tenant, request, rows, caller));
    }
}
