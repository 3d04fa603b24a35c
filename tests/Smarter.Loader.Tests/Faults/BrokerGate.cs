using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Smarter.Testing;

namespace Smarter.Loader.Tests.Faults;

/// <summary>A port before the broker: closed, it is to its clients as if the broker had been stopped.</summary>
internal sealed class BrokerGate : IAsyncDisposable
{
    private readonly Uri broker = new(Environment.GetEnvironmentVariable(TestVirtualHost.NodeVariable)!);
    private readonly ConcurrentDictionary<TcpClient, byte> connections = new();
    private readonly int port;
    private TcpListener listener;
    private Task accepting;

    public BrokerGate()
    {
        listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        port = ((IPEndPoint)listener.LocalEndpoint).Port;
        accepting = AcceptAsync(listener);
    }

    /// <summary>The settings by which a process goes through the gate.</summary>
    public (string Key, string Value)[] Settings => [("Bus:Host", "127.0.0.1"), ("Bus:Port", $"{port}")];

    /// <summary>Cuts every connection, and refuses new ones.</summary>
    public async Task CloseAsync()
    {
        listener.Stop();
        foreach (var connection in connections.Keys)
            connection.Dispose();
        await accepting;
    }

    public void Open()
    {
        listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        accepting = AcceptAsync(listener);
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private async Task AcceptAsync(TcpListener open)
    {
        while (true)
        {
            try
            {
                _ = RelayAsync(await open.AcceptTcpClientAsync());
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException
                or InvalidOperationException)
            {
                return;
            }
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using var server = new TcpClient();
        connections.TryAdd(client, 0);
        try
        {
            await server.ConnectAsync(broker.Host, broker.Port < 0 ? 5672 : broker.Port);
            await Task.WhenAny(
                client.GetStream().CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(client.GetStream()));
        }
        catch (Exception cut) when (cut is IOException or SocketException or ObjectDisposedException
            or InvalidOperationException)
        {
            // closed, from whichever side
        }
        finally
        {
            connections.TryRemove(client, out _);
            client.Dispose();
        }
    }
}
