using System.Text.Json;
using System.Text.Json.Nodes;
using Smarter.Core;

namespace Smarter.Loader.Staging;

/// <summary>The <c>.err</c> file of an archive: what went wrong in the score batcher (loader.md §2.2).</summary>
internal sealed class BatcherErrors
{
    private readonly JsonNode? errors;

    private BatcherErrors(JsonNode? errors) => this.errors = errors;

    /// <summary>Whether the file says that there are errors.</summary>
    public bool IsError => errors is not null;

    /// <exception cref="FileRejectedException">3012.</exception>
    public static BatcherErrors Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var file = JsonDocument.Parse(json);
            var isError = file.RootElement.ValueKind == JsonValueKind.Object
                && file.RootElement.TryGetProperty("content", out var content)
                && content.ValueKind == JsonValueKind.String && content.ValueEquals("error");
            if (!isError || !file.RootElement.TryGetProperty("tsb_error", out var errors))
                return new BatcherErrors(null);
            if (errors.GetRawText().Contains("\\u0000", StringComparison.Ordinal))
                throw new JsonException("PostgreSQL keeps no NUL in JSON.");
            return new BatcherErrors(JsonNode.Parse(errors.GetRawText()));
        }
        catch (JsonException)
        {
            throw new FileRejectedException(ErrorCode.JsonInvalid, "The .err file cannot be read as JSON.");
        }
    }

    /// <returns>The errors as they stand in the file, for whoever asked to be told.</returns>
    public JsonObject Notification() => new() { ["tsb_error"] = errors!.DeepClone(), ["error_desc"] = "tsb error" };
}
