using System.Text.Json.Nodes;
using Smarter.Core;
using Smarter.Loader.Registration;

namespace Smarter.Loader.Checking;

/// <summary>What the JSON of a landing file says, whatever its load type.</summary>
/// <param name="CallbackUrl">Where the submitter wants to be told of the outcome; null when not given.</param>
/// <param name="EmailNotification">Address for the same; null when not given.</param>
internal abstract record FileMetadata(string? CallbackUrl, string? EmailNotification)
{
    /// <summary>One of <see cref="Core.LoadType"/>.</summary>
    public abstract string LoadType { get; }

    /// <summary>Reads the JSON; keys may be written in any case, values as text or numbers.</summary>
    /// <exception cref="FileRejectedException">3012, 3013, 5031 or 5033; the place is the JSON path.</exception>
    public static FileMetadata Parse(ReadOnlyMemory<byte> json) => MetadataJson.Read<FileMetadata>(json, file =>
        file.Text("Content")?.ToLowerInvariant() switch
        {
            Core.LoadType.Assessment => AssessmentMetadata.Read(file),
            Core.LoadType.StudentRegistration => RegistrationMetadata.Read(file),
            _ => throw new FileRejectedException(
                ErrorCode.LoadTypeUnknown, "Content must be assessment or StudentRegistration.", "Content"),
        });

    /// <summary>The columns of its CSV.</summary>
    public abstract CsvLayout RowLayout { get; }

    /// <returns>What the rows of the file are checked against.</returns>
    /// <param name="stateCode">Of the tenant: two upper-case letters.</param>
    /// <param name="today">The day of the load.</param>
    public abstract RowRules RulesFor(string stateCode, DateOnly today);

    /// <returns>The members of <c>udl_stats.notification</c> that the JSON gives (loader.md §6.1).</returns>
    public virtual JsonObject Notification()
    {
        var members = new JsonObject();
        if (CallbackUrl is not null)
            members["callback_url"] = CallbackUrl;
        if (EmailNotification is not null)
            members["email_notification"] = EmailNotification;
        return members;
    }
}
