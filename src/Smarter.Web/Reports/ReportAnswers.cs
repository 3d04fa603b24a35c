using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Smarter.Web.Reports;

/// <summary>A refusal of a JSON service: the member <c>error</c> that older clients read,
/// and the members of RFC 9457.</summary>
/// <param name="Error">The text that the reporting service has always sent.</param>
/// <param name="Status">The same as the HTTP status.</param>
/// <param name="Reference">The request's id in the log.</param>
internal sealed record ReportProblem(
    string Error, string Title, int Status, string Reference, string Type = "about:blank");

/// <summary>What the JSON services answer when they do not answer with a report (reporting.md §1.1).</summary>
internal static class ReportAnswers
{
    /// <summary>Characters of path and query.</summary>
    public const int LongestAddress = 2000;

    private const string Json = "application/json";
    private const string ProblemJson = "application/problem+json";

    /// <summary>
    /// Whether the caller is a program: it says so by <c>?content-type=application/json</c> (which wins), by the
    /// request's content type, by naming a JSON type in <c>Accept</c>, or as <c>XMLHttpRequest</c>.
    /// </summary>
    public static bool AsksForJson(HttpRequest request)
    {
        if (request.Query.TryGetValue("content-type", out var wanted))
            return IsJson(wanted);
        return IsJson(request.ContentType)
            || Accepts(request, Json)
            || Accepts(request, ProblemJson)
            || request.Headers.XRequestedWith == "XMLHttpRequest";
    }

    /// <summary>Whether refusals go out as JSON: to programs, and from everything below <c>/data</c>.</summary>
    public static bool WantsJson(HttpRequest request) =>
        request.Path.StartsWithSegments("/data") || AsksForJson(request);

    /// <summary>401 with the address of the sign-in, for a client that shall lead the person there.</summary>
    public static JsonHttpResult<SignInAnswer> SignInNeeded(string address) =>
        TypedResults.Json(new SignInAnswer(address), statusCode: StatusCodes.Status401Unauthorized);

    public static JsonHttpResult<ReportProblem> Forbidden(HttpContext context) =>
        Problem(context, StatusCodes.Status403Forbidden, "Forbidden", "Forbidden Access");

    /// <summary>412: a parameter is wrong. The body does not say which;
    /// that is how the service has always answered.</summary>
    public static JsonHttpResult<ReportProblem> WrongParameter(HttpContext context) =>
        Problem(context, StatusCodes.Status412PreconditionFailed, "Precondition Failed", "Error");

    public static JsonHttpResult<ReportProblem> UnknownReport(HttpContext context, string name) =>
        Problem(context, StatusCodes.Status404NotFound, "Not Found", $"Report {name} is not found");

    public static JsonHttpResult<ReportProblem> NotAskedForJson(HttpContext context) =>
        Problem(context, StatusCodes.Status404NotFound, "Not Found",
            "Reports are JSON only: send Content-Type: application/json, Accept: application/json"
            + " or ?content-type=application/json");

    public static JsonHttpResult<ReportProblem> AddressTooLong(HttpContext context) =>
        Problem(context, StatusCodes.Status414UriTooLong, "URI Too Long",
            $"The address is longer than {LongestAddress} characters; send the parameters in a POST body.");

    public static JsonHttpResult<ReportProblem> Failed(HttpContext context, int status) =>
        Problem(
            context, status, status == StatusCodes.Status404NotFound ? "Not Found" : "Internal Server Error", "Error");

    private static JsonHttpResult<ReportProblem> Problem(HttpContext context, int status, string title, string error)
    {
        return TypedResults.Json(
            new ReportProblem(error, title, status, context.TraceIdentifier),
            contentType: Accepts(context.Request, ProblemJson) ? ProblemJson : Json, statusCode: status);
    }

    private static bool Accepts(HttpRequest request, string mediaType) =>
        request.GetTypedHeaders().Accept.Any(
            type => type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase));

    private static bool IsJson(StringValues contentType) =>
        MediaTypeHeaderValue.TryParse(contentType.ToString(), out var type)
        && type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase);

    /// <summary>Where to sign in.</summary>
    internal sealed record SignInAnswer(string Redirect);
}
