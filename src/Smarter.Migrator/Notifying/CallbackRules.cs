using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Smarter.Migrator.Notifying;

/// <summary>Which addresses given by submitters may be called (decisions.md §2.13, ADR 0021).</summary>
/// <remarks>The name is looked up once, when the connection is opened, and exactly the addresses that were judged are
/// connected to: a name that changes its answer gains nothing.</remarks>
internal sealed class CallbackRules(
    IOptions<NotificationOptions> options, Func<string, CancellationToken, Task<IPAddress[]>> lookUp)
{
    /// <exception cref="CallbackRefusedException">The address is no URL that may be called; its host's addresses are
    /// judged by <see cref="ConnectAsync"/>.</exception>
    public Uri Check(string callbackUrl)
    {
        if (!Uri.TryCreate(callbackUrl, UriKind.Absolute, out var url))
            throw new CallbackRefusedException("The callback address is not a URL.");
        if (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)
            throw new CallbackRefusedException("The callback address is neither http nor https.");
        if (url.UserInfo.Length > 0)
            throw new CallbackRefusedException("The callback address holds a user or password.");
        if (options.Value.AllowedHosts.Count > 0 && !IsListed(url.IdnHost))
            throw new CallbackRefusedException($"The host {url.IdnHost} is not among the allowed ones.");
        return url;
    }

    /// <summary>Opens the connection for <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="CallbackRefusedException">The host is not listed, and one of its addresses is not
    /// public.</exception>
    /// <exception cref="SocketException">The name is unknown, or no address answers.</exception>
    public async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host, out var address) ? [address] : await lookUp(host, cancellation);
        if (!IsListed(host) && !addresses.All(PublicAddress.Is))
            throw new CallbackRefusedException($"The host {host} has an address that is not public.");

        for (var next = 0; ; next++)
        {
            try
            {
                return await OpenAsync(addresses[next], port, cancellation);
            }
            catch (SocketException) when (next < addresses.Length - 1)
            {
                // The next address may answer.
            }
        }
    }

    private bool IsListed(string host) =>
        options.Value.AllowedHosts.Any(allowed =>
            allowed.Trim('[', ']').Equals(host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase));

    private static async Task<NetworkStream> OpenAsync(IPAddress address, int port, CancellationToken cancellation)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
