using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Smarter.Loader.Tests.Faults;

/// <summary>A PostgreSQL of the test's own that may be killed as a power cut kills it.</summary>
internal sealed class OwnCluster : IAsyncDisposable
{
    private const string Programs = "/usr/lib/postgresql/15/bin";

    private readonly string folder = Directory.CreateTempSubdirectory("pg-").FullName;
    private readonly int port = FreePort();
    private Process? server;

    private OwnCluster()
    {
    }

    /// <summary>libpq connection string of its superuser.</summary>
    public string Address => $"host=127.0.0.1 port={port} dbname=postgres user=postgres";

    public static async Task<OwnCluster> StartAsync()
    {
        var cluster = new OwnCluster();
        if (Environment.IsPrivilegedProcess)
            await Process.Start("chown", ["postgres:postgres", cluster.folder]).WaitForExitAsync();
        using var making = Process.Start(cluster.As("initdb", "-D", cluster.Data, "-U", "postgres", "-A", "trust",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"))!;
        await making.WaitForExitAsync();
        Assert.Equal(0, making.ExitCode);
        await cluster.RestartAsync();
        return cluster;
    }

    /// <summary>Starts it again after <see cref="KillAsync"/>; returns when it answers.</summary>
    public async Task RestartAsync()
    {
        File.Delete(Path.Combine(Data, "postmaster.pid"));
        server = Process.Start(As("postgres", "-D", Data, "-p", $"{port}", "-k", folder,
            "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", "-c", "logging_collector=off"));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(
                    $"Host=127.0.0.1;Port={port};Database=postgres;Username=postgres;Pooling=false");
                await connection.OpenAsync(limit.Token);
                return;
            }
            catch (NpgsqlException) when (!limit.IsCancellationRequested)
            {
                Assert.False(server!.HasExited, "PostgreSQL ended while it started.");
                await Task.Delay(50, limit.Token);
            }
        }
    }

    /// <summary>SIGKILL to all its processes at once: what is not on the disk is lost.</summary>
    public async Task KillAsync()
    {
        var postmaster = int.Parse(
            File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        await SignalAsync("-STOP", [postmaster]); // else it may start another process meanwhile
        var backends = Process.GetProcessesByName("postgres")
            .Where(process => ParentOf(process.Id) == postmaster)
            .ToArray();
        await SignalAsync("-KILL", [postmaster, .. backends.Select(process => process.Id)]);
        foreach (var backend in backends)
            await backend.WaitForExitAsync(); // each keeps the shared memory until then
        await server!.WaitForExitAsync();
        server.Dispose();
        server = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (server is { HasExited: false })
            await KillAsync();
        Directory.Delete(folder, recursive: true);
    }

    private string Data => Path.Combine(folder, "data");

    /// <summary>PostgreSQL refuses to run as root.</summary>
    private ProcessStartInfo As(string program, params string[] arguments)
    {
        string[] command = [Path.Combine(Programs, program), .. arguments];
        var start = Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("setpriv",
                ["--reuid=postgres", "--regid=postgres", "--init-groups", "env", "-i", "-C", folder, .. command])
            : new ProcessStartInfo(command[0], command[1..]);
        start.RedirectStandardOutput = false;
        return start;
    }

    private static async Task SignalAsync(string signal, int[] processes) =>
        await Process.Start("kill", [signal, .. processes.Select(process => $"{process}")]).WaitForExitAsync();

    private static int? ParentOf(int process)
    {
        try
        {
            var status = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(status[(status.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null; // it has ended meanwhile
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
