using Dapper;
using Npgsql;
using Smarter.Database;

namespace Smarter.Loader.Batches;

/// <summary>The right to work on one batch: a session lock of PostgreSQL,
/// so that it ends with the process at the latest.</summary>
internal sealed class BatchClaim : IAsyncDisposable
{
    private const string TryLock = "SELECT pg_try_advisory_lock(hashtextextended('smarter.load.' || @id, 0))";

    private readonly NpgsqlConnection connection;

    private BatchClaim(NpgsqlConnection connection) => this.connection = connection;

    /// <returns>The claim; null while another worker holds it.</returns>
    public static async Task<BatchClaim?> TryTakeAsync(Databases databases, Guid id, CancellationToken cancellation)
    {
        var connection = await databases.Udl.OpenConnectionAsync(cancellation);
        var isTaken = false;
        try
        {
            isTaken = await connection.ExecuteScalarAsync<bool>(
                new CommandDefinition(TryLock, new { id = id.ToString() }, cancellationToken: cancellation));
            return isTaken ? new BatchClaim(connection) : null;
        }
        finally
        {
            if (!isTaken)
                await connection.DisposeAsync();
        }
    }

    /// <remarks>Unlocked in words: a connection that goes back to its pool
    /// keeps its session locks until it is used again.</remarks>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (connection.FullState == System.Data.ConnectionState.Open)
                await connection.ExecuteAsync("SELECT pg_advisory_unlock_all()");
        }
        catch (NpgsqlException)
        {
            // The session is gone, and its locks with it.
        }
        await connection.DisposeAsync();
    }
}
