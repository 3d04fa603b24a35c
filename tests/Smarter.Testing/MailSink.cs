using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;

namespace Smarter.Testing;

/// <summary>An SMTP server on a free port of 127.0.0.1 that keeps what it is given and delivers nothing.</summary>
public sealed class MailSink : IAsyncDisposable
{
    private readonly TcpListener listener;
    private readonly X509Certificate2? certificate;
    private readonly CancellationTokenSource end = new();
    private readonly ConcurrentQueue<ReceivedMail> received = [];
    private readonly ConcurrentQueue<string> answers = [];
    private readonly Task accepting;

    /// <param name="port">0 takes a free one.</param>
    /// <param name="certificate">With it the server offers STARTTLS, and then a sign-in.</param>
    public MailSink(int port = 0, X509Certificate2? certificate = null)
    {
        this.certificate = certificate;
        listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>In the order of arrival.</summary>
    public IReadOnlyList<ReceivedMail> Received => [.. received];

    /// <summary>The next recipient is answered this instead of 250, such as <c>450 later</c>.</summary>
    public void WillAnswer(string line) => answers.Enqueue(line);

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        listener.Dispose();
        await accepting;
        end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var conversations = new List<Task>();
        try
        {
            while (true)
                conversations.Add(TalkAsync(await listener.AcceptTcpClientAsync(end.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(conversations);
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using var conversation = new Conversation(this, client.GetStream());
                await conversation.RunAsync(end.Token);
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException)
            {
                // The client hung up, or did not like the certificate, or the sink ends.
            }
        }
    }

    private sealed class Conversation(MailSink sink, Stream stream) : IDisposable
    {
        private StreamReader reader = new(stream, Encoding.ASCII);
        private string? from;
        private string? user;
        private readonly List<string> to = [];

        public async Task RunAsync(CancellationToken cancellation)
        {
            await SayAsync("220 sink", cancellation);
            while (await reader.ReadLineAsync(cancellation) is { } line)
            {
                switch (line.Split(' ', ':')[0].ToUpperInvariant())
                {
                    case "EHLO" when sink.certificate is null:
                        await SayAsync("250 sink", cancellation);
                        break;
                    case "EHLO":
                        await SayAsync(stream is SslStream ? "250-sink\r\n250 AUTH LOGIN" : "250-sink\r\n250 STARTTLS",
                            cancellation);
                        break;
                    case "STARTTLS":
                        await SayAsync("220 go on", cancellation);
                        await SecureAsync(cancellation);
                        break;
                    case "AUTH":
                        await SignInAsync(line.Split(' ').ElementAtOrDefault(2), cancellation);
                        break;
                    case "MAIL":
                        from = Between(line);
                        await SayAsync("250 ok", cancellation);
                        break;
                    case "RCPT":
                        await SayAsync(sink.answers.TryDequeue(out var other) ? other : "250 ok", cancellation);
                        to.Add(Between(line));
                        break;
                    case "DATA":
                        await SayAsync("354 go on", cancellation);
                        sink.received.Enqueue(new ReceivedMail(from!, [.. to], user, await DataAsync(cancellation)));
                        await SayAsync("250 kept", cancellation);
                        break;
                    case "QUIT":
                        await SayAsync("221 bye", cancellation);
                        return;
                    default:
                        await SayAsync("250 ok", cancellation);
                        break;
                }
            }
        }

        public void Dispose() => reader.Dispose();

        private async Task SecureAsync(CancellationToken cancellation)
        {
            var secure = new SslStream(stream);
            await secure.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificate = sink.certificate }, cancellation);
            stream = secure;
            reader = new StreamReader(stream, Encoding.ASCII);
        }

        private async Task SignInAsync(string? name, CancellationToken cancellation)
        {
            if (name is null)
            {
                await SayAsync("334 VXNlcm5hbWU6", cancellation);
                name = await reader.ReadLineAsync(cancellation);
            }
            await SayAsync("334 UGFzc3dvcmQ6", cancellation);
            user = $"{Decoded(name)}:{Decoded(await reader.ReadLineAsync(cancellation))}";
            await SayAsync("235 welcome", cancellation);
        }

        private async Task<string> DataAsync(CancellationToken cancellation)
        {
            var text = new StringBuilder();
            while (await reader.ReadLineAsync(cancellation) is { } line and not ".")
                text.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
            return text.ToString();
        }

        private Task SayAsync(string line, CancellationToken cancellation) =>
            stream.WriteAsync(Encoding.ASCII.GetBytes($"{line}\r\n"), cancellation).AsTask();

        private static string Between(string line) => line[(line.IndexOf('<') + 1)..line.IndexOf('>')];

        private static string Decoded(string? base64) =>
            Encoding.UTF8.GetString(Convert.FromBase64String(base64 ?? ""));
    }
}

/// <param name="User"><c>user:password</c> of the sign-in; null without one.</param>
/// <param name="Text">Headers, an empty line and the body, as they were sent.</param>
public sealed partial record ReceivedMail(string From, IReadOnlyList<string> To, string? User, string Text)
{
    /// <summary>The header's value with its continuation lines joined; empty when it is missing.</summary>
    public string Header(string name) =>
        Headers.Replace("\r\n ", " ", StringComparison.Ordinal).Split("\r\n")
            .Where(line => line.StartsWith($"{name}: ", StringComparison.OrdinalIgnoreCase))
            .Select(line => line[(name.Length + 2)..])
            .FirstOrDefault("");

    /// <summary>The body, decoded from quoted-printable.</summary>
    public string Body => Escape().Replace(
        Text[(Headers.Length + 4)..].Replace("=\r\n", "", StringComparison.Ordinal),
        hex => ((char)int.Parse(hex.ValueSpan[1..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString());

    private string Headers => Text[..Text.IndexOf("\r\n\r\n", StringComparison.Ordinal)];

    [GeneratedRegex("=[0-9A-F]{2}")]
    private static partial Regex Escape();
}
