using System.Text.Json.Serialization;

namespace Smarter.Migrator.Notifying;

/// <summary>What came of one way of telling, in the words of <c>udl_stats.notification_status</c>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeliveryStatus>))]
internal enum DeliveryStatus
{
    [JsonStringEnumMemberName("SUCCESS")]
    Success,

    /// <summary>Not delivered, and another attempt may help.</summary>
    [JsonStringEnumMemberName("PENDING")]
    Pending,

    [JsonStringEnumMemberName("FAILURE")]
    Failure,
}

/// <summary>The result of one attempt.</summary>
/// <param name="Error">Why it was not delivered, or what is odd about a success; else null.</param>
internal sealed record Delivery(DeliveryStatus Status, string? Error = null)
{
    public static readonly Delivery Success = new(DeliveryStatus.Success);

    public static Delivery Pending(string error) => new(DeliveryStatus.Pending, error);

    public static Delivery Failure(string error) => new(DeliveryStatus.Failure, error);
}
