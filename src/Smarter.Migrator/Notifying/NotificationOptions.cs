using System.ComponentModel.DataAnnotations;

namespace Smarter.Migrator.Notifying;

/// <summary>How the connection to the mail server is protected.</summary>
public enum MailTls
{
    None,

    /// <summary>Plain at first, then TLS before anything is said (STARTTLS);
    /// a server that does not offer it gets no mail.</summary>
    StartTls,
}

/// <summary>How submitters are told what became of their batches.</summary>
public sealed class NotificationOptions : IValidatableObject
{
    public const string Section = "Migrate:Notification";

    /// <summary>Time between two looks for ended batches. 100 ms to 1 hour; default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a callback or an e-mail is tried in all. 1 to 100; default 5.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; init; } = 5;

    /// <summary>Pause between two attempts. 100 ms to 1 day; default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a receiver or the mail server may take. 100 ms to 5 minutes; default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Names or addresses, in any case, without port. When there are any, only these hosts are called, whatever
    /// their addresses are; when there are none, every host with a public address.
    /// </summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Name or address of the SMTP server; null sends no e-mail.</summary>
    public string? MailServer { get; init; }

    /// <summary>Default 25.</summary>
    [Range(1, 65535)]
    public int MailPort { get; init; } = 25;

    /// <summary>The address that e-mails come from; required with <see cref="MailServer"/>.</summary>
    [EmailAddress]
    public string? MailSender { get; init; }

    /// <summary>Null signs in nowhere. Needs TLS and <see cref="MailPasswordFile"/>.</summary>
    public string? MailUser { get; init; }

    /// <summary>A file whose first line is the password of <see cref="MailUser"/>.</summary>
    public string? MailPasswordFile { get; init; }

    /// <summary>Default <see cref="MailTls.StartTls"/>.</summary>
    public MailTls Tls { get; init; } = MailTls.StartTls;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MailServer is not null && MailSender is null)
            yield return new ValidationResult("Must be set when MailServer is.", [nameof(MailSender)]);
        if (MailUser is not null && Tls == MailTls.None)
            yield return new ValidationResult("Must be StartTls when MailUser is set.", [nameof(Tls)]);
        if (MailUser is not null && !File.Exists(MailPasswordFile))
            yield return new ValidationResult("Must be a file when MailUser is set.", [nameof(MailPasswordFile)]);
    }
}
