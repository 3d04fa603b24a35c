using System.Text.Json;
using System.Text.Json.Nodes;

namespace Smarter.Migrator.Notifying;

/// <summary>What the submitter of a batch is told, where, and how far that has come.</summary>
/// <param name="Attempt">Number of the attempt that is now due, from 1.</param>
/// <param name="CallbackUrl">As the submitter wrote it; null when nobody is to be called.</param>
/// <param name="EmailAddress">As the submitter wrote it; null when nobody is to be written to.</param>
/// <param name="Body">The JSON that is sent, ASCII only.</param>
/// <param name="Status">What earlier attempts came to.</param>
internal sealed record Notification(
    string Tenant, string BatchGuid, string LoadStatus, int Attempt,
    string? CallbackUrl, string? EmailAddress, string Body, NotificationStatus Status)
{
    public string Subject => $"Data Load - {Outcome(LoadStatus)} - Batch {BatchGuid}";

    /// <param name="members">The text of <c>udl_stats.notification</c>; null, empty or unreadable JSON counts as an
    /// object without members.</param>
    /// <param name="status">The text of <c>udl_stats.notification_status</c>.</param>
    public static Notification From(
        string tenant, string batchGuid, string loadStatus, int attempt, string? members, string? status)
    {
        var known = Members(members);
        return new Notification(
            tenant, batchGuid, loadStatus, attempt, Text(known["callback_url"]), Text(known["email_notification"]),
            BodyOf(loadStatus, known), NotificationStatus.Parse(status));
    }

    private static string Outcome(string loadStatus) =>
        loadStatus == Core.LoadStatus.Migrated ? "Success" : "Failed";

    private static string BodyOf(string loadStatus, JsonObject known)
    {
        var isSuccess = loadStatus == Core.LoadStatus.Migrated;
        var body = new JsonObject
        {
            ["status"] = Outcome(loadStatus),
            ["message"] = new JsonArray(isSuccess ? "Job completed successfully" : Text(known["error_desc"]) ?? ""),
        };
        if (known["student_reg_guid"] is { } registration)
            body["id"] = registration.DeepClone();
        if (known["reg_system_id"] is { } system)
            body["testRegistrationId"] = system.DeepClone();
        if (isSuccess)
            body["rowCount"] = known["total_rows_loaded"]?.DeepClone() ?? 0;
        if (known["tsb_error"] is JsonArray errors)
            body["tsb_error"] = errors.DeepClone();
        return body.ToJsonString();
    }

    private static JsonObject Members(string? json)
    {
        try
        {
            return string.IsNullOrEmpty(json) ? [] : JsonNode.Parse(json) as JsonObject ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <returns>Null also for a text without content.</returns>
    private static string? Text(JsonNode? node) =>
        node?.GetValueKind() == JsonValueKind.String && node.GetValue<string>().Trim() is { Length: > 0 } text
            ? text
            : null;
}
