using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Smarter.Migrator.Notifying;

/// <summary>The JSON of <c>udl_stats.notification_status</c> (loader.md §6.3).</summary>
internal sealed record NotificationStatus(
    [property: JsonPropertyName("call_back")] CallbackStatus Callback,
    [property: JsonPropertyName("email")] EmailStatus Email)
{
    /// <summary>Nothing tried yet.</summary>
    public static readonly NotificationStatus None = new(new("", null, null), new("", null, null));

    [JsonIgnore]
    public bool IsPending =>
        Callback.Status == DeliveryStatus.Pending || Email.Status == DeliveryStatus.Pending;

    /// <summary>Reads what an earlier attempt wrote; an empty or unreadable text counts as nothing tried.</summary>
    public static NotificationStatus Parse(string? json)
    {
        if (string.IsNullOrEmpty(json))
            return None;
        try
        {
            return JsonSerializer.Deserialize<NotificationStatus>(json) is { Callback: not null, Email: not null } read
                ? read
                : None;
        }
        catch (JsonException)
        {
            return None;
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this);

    /// <param name="local">Local time, as all times of <c>udl_stats</c>.</param>
    /// <returns><c>YYYY-MM-DD HH:MM:SS</c></returns>
    public static string TimeText(DateTime local) =>
        local.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}

/// <param name="Timestamp">Of the last attempt; empty when there was none.</param>
/// <param name="Status">Null when nobody is to be called.</param>
internal sealed record CallbackStatus(
    [property: JsonPropertyName("timestamp")] string Timestamp,
    [property: JsonPropertyName("status")] DeliveryStatus? Status,
    [property: JsonPropertyName("error")] string? Error);

/// <param name="Timestamp">Of the last attempt; empty when there was none.</param>
/// <param name="Status">Null when there is no address.</param>
/// <param name="Error">Written only when there is one: readers of the older system know no such member.</param>
internal sealed record EmailStatus(
    [property: JsonPropertyName("timestamp")] string Timestamp,
    [property: JsonPropertyName("status")] DeliveryStatus? Status,
    [property: JsonPropertyName("error"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error);
