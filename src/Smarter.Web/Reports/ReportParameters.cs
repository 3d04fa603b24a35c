using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Features;

namespace Smarter.Web.Reports;

/// <summary>A parameter of a report does not fit its description; answered with 412.</summary>
internal sealed class WrongParameterException(string parameter) : Exception($"The parameter {parameter} is wrong.");

/// <summary>
/// The parameters of a report, from the query string and, with POST, from a JSON object in the body, which wins
/// (reporting.md §1.1). Query values are fitted to the wanted type; values of the body must have it already.
/// </summary>
internal sealed class ReportParameters
{
    private readonly IQueryCollection query;
    private readonly JsonElement body;

    private ReportParameters(IQueryCollection query, JsonElement body)
    {
        this.query = query;
        this.body = body;
    }

    /// <exception cref="WrongParameterException">The body is not a JSON object.</exception>
    public static async Task<ReportParameters> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (!HttpMethods.IsPost(request.Method) || !HasBody(request))
            return FromQuery(request.Query);
        try
        {
            using var json = await JsonDocument.ParseAsync(request.Body, cancellationToken: cancellation);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                throw new WrongParameterException("body");
            return new ReportParameters(request.Query, json.RootElement.Clone());
        }
        catch (JsonException)
        {
            throw new WrongParameterException("body");
        }
    }

    public static ReportParameters FromQuery(IQueryCollection query) => new(query, default);

    /// <returns>The text, or null when absent.</returns>
    /// <exception cref="WrongParameterException">It occurs twice, is not text, or does not match.</exception>
    public string? Text(string name, Regex pattern)
    {
        var text = InBody(name) is { } value
            ? TextOf(value, name)
            : SingleInQuery(name);
        return text is null || pattern.IsMatch(text) ? text : throw new WrongParameterException(name);
    }

    /// <returns>The whole number, or null when absent.</returns>
    /// <exception cref="WrongParameterException">It occurs twice or is not a 32-bit whole number.</exception>
    public int? Number(string name)
    {
        if (InBody(name) is { } value)
            return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var whole)
                ? whole
                : throw new WrongParameterException(name);
        if (SingleInQuery(name) is not { } text)
            return null;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new WrongParameterException(name);
    }

    /// <returns>The values; empty when an empty list was sent; null when absent.</returns>
    /// <exception cref="WrongParameterException">The body holds something other than a list of texts,
    /// or a value is not allowed.</exception>
    public IReadOnlyList<string>? List(string name, Predicate<string> allowed)
    {
        string[]? values = InBody(name) is { } list ? TextsOf(list, name)
            : query.TryGetValue(name, out var texts) ? [.. texts.OfType<string>()]
            : null;
        return values is null || values.All(value => allowed(value)) ? values : throw new WrongParameterException(name);
    }

    /// <remarks>A request without a length may still have a body: the transport knows.</remarks>
    private static bool HasBody(HttpRequest request) =>
        request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? request.ContentLength > 0;

    private static string[] TextsOf(JsonElement list, string name) =>
        list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(item => TextOf(item, name))]
            : throw new WrongParameterException(name);

    private static string TextOf(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.String
            ? Decoded(() => value.GetString()!, name)
            : throw new WrongParameterException(name);

    private JsonElement? InBody(string name) =>
        body.ValueKind == JsonValueKind.Object
            ? Decoded<JsonElement?>(() => body.TryGetProperty(name, out var value) ? value : null, name)
            : null;

    /// <remarks>The parser lets half a surrogate pair and bytes that are not UTF-8 pass; only reading the text, or
    /// comparing the names of members, finds them.</remarks>
    private static T Decoded<T>(Func<T> read, string name)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            throw new WrongParameterException(name);
        }
    }

    private string? SingleInQuery(string name)
    {
        if (!query.TryGetValue(name, out var values))
            return null;
        return values.Count == 1 ? values[0] : throw new WrongParameterException(name);
    }
}
