using System.Text.Json;
using System.Text.Json.Nodes;
using Smarter.Core;

namespace Smarter.Loader.Staging;

/// <summary>The <c>.err</c> file of an archive: what went wrong in the score batcher (loader.md §2.2).</summary>
internal sealed class BatcherErrors
{
    private const int CodesShown = 5;

    private static readonly JsonDocumentOptions Strictly = new() { AllowDuplicateProperties = false };

    private readonly bool saysError;
    private readonly JsonNode? errors;

    private BatcherErrors(bool saysError, JsonNode? errors) => (this.saysError, this.errors) = (saysError, errors);

    /// <summary>Whether the file says which errors there are.</summary>
    public bool IsError => errors is not null;

    /// <exception cref="FileRejectedException">3012.</exception>
    public static BatcherErrors Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            RequireStorable(json.Span);
            using var file = JsonDocument.Parse(json, Strictly);
            var isError = file.RootElement.ValueKind == JsonValueKind.Object
                && file.RootElement.TryGetProperty("content", out var content)
                && content.ValueKind == JsonValueKind.String && content.ValueEquals("error");
            if (!isError || !file.RootElement.TryGetProperty("tsb_error", out var errors))
                return new BatcherErrors(isError, null);
            return new BatcherErrors(isError, JsonNode.Parse(errors.GetRawText()));
        }
        catch (JsonException)
        {
            throw new FileRejectedException(ErrorCode.JsonInvalid, "The .err file cannot be read as JSON.");
        }
    }

    /// <returns>The errors as they stand in the file, for whoever asked to be told.</returns>
    public JsonObject Notification() => new() { ["tsb_error"] = errors!.DeepClone(), ["error_desc"] = "tsb error" };

    /// <returns>The refusal of an archive that holds nothing else to load; of errors it names the codes.</returns>
    public FileRejectedException WithoutCsv()
    {
        if (!saysError)
            return new FileRejectedException(ErrorCode.MembersUnexpected,
                "The archive holds no .csv file, and its .err file tells of no errors.");
        var codes = (errors as JsonArray ?? [])
            .Select(error => (error as JsonObject)?["err_code"]?.ToString())
            .Where(code => code is { Length: > 0 and <= 10 } && code.All(char.IsAsciiDigit))
            .Distinct()
            .Take(CodesShown)
            .ToArray();
        return new FileRejectedException(ErrorCode.BatcherErrorsOnly,
            "The score batcher sent its errors in place of a CSV"
            + (codes.Length > 0 ? $": {string.Join(", ", codes)}." : "."));
    }

    /// <exception cref="JsonException">A name or value is no Unicode text, or holds a NUL: PostgreSQL keeps neither.
    /// </exception>
    private static void RequireStorable(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String
                    && reader.GetString()!.Contains('\0'))
                    throw new JsonException("A string holds a NUL.");
            }
        }
        catch (InvalidOperationException halfOfAPair)
        {
            throw new JsonException("A string holds half of a surrogate pair.", halfOfAPair);
        }
    }
}
