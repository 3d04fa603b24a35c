using Smarter.Hosting;
using Smarter.Web.Reports.ComparingPopulations;
using Smarter.Web.Security;

namespace Smarter.Web.Reports;

/// <summary>The JSON services below <c>/data</c>.</summary>
internal static class ReportsRegistration
{
    public static void AddReports(this WebApplicationBuilder builder)
    {
        builder.Services.AddSettings<ReportOptions>(ReportOptions.Section);
        builder.Services.AddSingleton<ComparingPopulationsQuery>();
    }

    /// <summary><c>GET /data</c> lists the reports; each has its own folder and one line here.</summary>
    public static void MapReports(this IEndpointRouteBuilder app)
    {
        var reports = app.MapGroup("/data").RequireAuthorization(Policies.View).AddEndpointFilter(CheckAsync);
        reports.MapGet("", () => TypedResults.Json(new[] { ComparingPopulationsEndpoint.Name }));
        reports.MapComparingPopulations();
        reports.MapMethods("{name}", [HttpMethods.Get, HttpMethods.Post],
            (HttpContext context, string name) => ReportAnswers.UnknownReport(context, name));
    }

    /// <summary>The rules that every report shares: JSON only, no endless address, 412 for a wrong parameter.</summary>
    private static async ValueTask<object?> CheckAsync(
        EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var context = call.HttpContext;
        if (!ReportAnswers.AsksForJson(context.Request))
            return ReportAnswers.NotAskedForJson(context);
        if (AddressLength(context.Request) > ReportAnswers.LongestAddress)
            return ReportAnswers.AddressTooLong(context);
        try
        {
            return await next(call);
        }
        catch (WrongParameterException)
        {
            return ReportAnswers.WrongParameter(context);
        }
    }

    private static int AddressLength(HttpRequest request) =>
        request.Scheme.Length + "://".Length + request.Host.Value!.Length + request.PathBase.Value!.Length
        + request.Path.Value!.Length + request.QueryString.Value!.Length;
}
