using System.Net;
using System.Net.Mail;
using System.Net.Mime;
using System.Security.Authentication;
using System.Text;
using Microsoft.Extensions.Options;

namespace Smarter.Migrator.Notifying;

/// <summary>Sends a notification to the e-mail address that the submitter gave (loader.md §6.2, ADR 0021).</summary>
internal sealed class SendMail(IOptions<NotificationOptions> options)
{
    private readonly NotificationOptions options = options.Value;

    /// <returns>Pending when the mail server is away, too slow, or says that another attempt may help (4xx); failure
    /// when it says no (5xx), the address is none, or there is no mail server.</returns>
    /// <exception cref="OperationCanceledException">The process stops.</exception>
    public async Task<Delivery> RunAsync(Notification notification, CancellationToken stopping)
    {
        if (options.MailServer is null)
            return Delivery.Failure($"No mail server is set: {NotificationOptions.Section}:MailServer.");
        if (Addressee(notification.EmailAddress!) is not { } addressee)
            return Delivery.Failure("The e-mail address is not a plain address.");

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(options.Timeout);
        try
        {
            using var smtp = Smtp(options.MailServer);
            using var message = Message(notification, addressee);
            await smtp.SendMailAsync(message, limit.Token);
            return Delivery.Success;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return Delivery.Pending($"The mail server did not take it within {options.Timeout.TotalSeconds:0.#} s.");
        }
        catch (SmtpException refused) when ((int)refused.StatusCode >= 500)
        {
            return Delivery.Failure($"The mail server refused it: {(int)refused.StatusCode} {refused.StatusCode}.");
        }
        catch (SmtpException trouble)
        {
            return Delivery.Pending($"The mail server did not take it: {Reason(trouble)}");
        }
    }

    private static string Reason(SmtpException trouble) => trouble switch
    {
        { InnerException: AuthenticationException } => "its certificate is not trusted.",
        { InnerException: not null } => "it cannot be reached.",
        { StatusCode: SmtpStatusCode.GeneralFailure } => trouble.Message, // the framework's words, not the server's
        _ => $"{(int)trouble.StatusCode} {trouble.StatusCode}.",
    };

    /// <returns>Null unless the text is one bare address: no name, no list, nothing that could begin a
    /// header.</returns>
    private static MailAddress? Addressee(string address) =>
        !address.Any(char.IsControl) && MailAddress.TryCreate(address, out var parsed) && parsed.Address == address
            ? parsed
            : null;

    private SmtpClient Smtp(string server) => new(server, options.MailPort)
    {
        EnableSsl = options.Tls == MailTls.StartTls,
        Credentials = options.MailUser is null ? null : new NetworkCredential(options.MailUser, Password()),
    };

    /// <remarks>The subject holds no word of the submitter's.
    /// Quoted-printable breaks the body's one long line.</remarks>
    private MailMessage Message(Notification notification, MailAddress addressee) =>
        new(new MailAddress(options.MailSender!), addressee)
        {
            Subject = notification.Subject,
            Body = notification.Body,
            BodyEncoding = Encoding.ASCII,
            BodyTransferEncoding = TransferEncoding.QuotedPrintable,
        };

    private string Password() => File.ReadLines(options.MailPasswordFile!).FirstOrDefault() ?? "";
}
