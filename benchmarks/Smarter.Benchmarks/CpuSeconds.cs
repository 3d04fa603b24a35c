using System.Globalization;
using Npgsql;

namespace Smarter.Benchmarks;

/// <summary>
/// Processor time, which other work on the machine hardly changes: seconds of this process with the children that it
/// waited for (gpg, psql), and of a PostgreSQL server on this machine with all its backends.
/// </summary>
/// <param name="Client">This process and its ended children.</param>
/// <param name="Server">The server's processes, ended ones included.</param>
internal readonly record struct CpuSeconds(double Client, double Server)
{
    private const double TicksPerSecond = 100; // USER_HZ, which Linux fixes for /proc

    public double Total => Client + Server;

    public static CpuSeconds operator -(CpuSeconds later, CpuSeconds earlier) =>
        new(later.Client - earlier.Client, later.Server - earlier.Server);

    /// <param name="postmaster">Process id of the server, from <see cref="PostmasterAsync"/>.</param>
    public static CpuSeconds Now(int postmaster)
    {
        var server = Ticks(postmaster, withEndedChildren: true);
        foreach (var child in File.ReadAllText($"/proc/{postmaster}/task/{postmaster}/children").Split(
                     ' ', StringSplitOptions.RemoveEmptyEntries))
            server += Ticks(int.Parse(child, CultureInfo.InvariantCulture), withEndedChildren: false);
        return new CpuSeconds(
            Ticks(Environment.ProcessId, withEndedChildren: true) / TicksPerSecond, server / TicksPerSecond);
    }

    /// <summary>Finds the server's process, the parent of every backend.</summary>
    public static async Task<int> PostmasterAsync(NpgsqlDataSource database)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("SELECT pg_backend_pid()", connection);
        var backend = (int)(await command.ExecuteScalarAsync())!;
        return int.Parse(Fields(backend)[1], CultureInfo.InvariantCulture);
    }

    private static double Ticks(int pid, bool withEndedChildren)
    {
        try
        {
            var times = Fields(pid)[11..15].Select(field => double.Parse(field, CultureInfo.InvariantCulture));
            return times.Take(withEndedChildren ? 4 : 2).Sum();
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return 0; // the server waited for it meanwhile and counts it among its own
        }
    }

    /// <returns>The fields of /proc/pid/stat behind the name, which may hold blanks: state, parent, …</returns>
    private static string[] Fields(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    }
}
