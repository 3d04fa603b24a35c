namespace Smarter.Core;

/// <summary>A landing file cannot be loaded, and no retry can change that: nothing of it is kept in staging.</summary>
/// <param name="code">Why.</param>
/// <param name="reason">What to mend, for the submitter; without student data.</param>
/// <param name="place">CSV header, JSON path or archive member concerned; null when it is the whole file.</param>
public sealed class FileRejectedException(ErrorCode code, string reason, string? place = null)
    : Exception($"{(int)code}: {reason}")
{
    public ErrorCode Code { get; } = code;

    public string Reason { get; } = reason;

    public string? Place { get; } = place;
}
