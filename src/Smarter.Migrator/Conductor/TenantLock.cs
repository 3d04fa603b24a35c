using Dapper;
using Npgsql;
using Smarter.Database;

namespace Smarter.Migrator.Conductor;

/// <summary>The right to migrate a tenant, held by one conductor of all machines: an advisory lock of the tenant's production
/// database on a connection of its own, which ends with the process at the latest.</summary>
internal sealed class TenantLock : IAsyncDisposable
{
    private const string TryLock = "SELECT pg_try_advisory_lock(hashtextextended('smarter.migrate ' || @tenant, 0))";
    private const string Unlock = "SELECT pg_advisory_unlock(hashtextextended('smarter.migrate ' || @tenant, 0))";

    private readonly NpgsqlConnection connection;
    private readonly string tenant;

    private TenantLock(NpgsqlConnection connection, string tenant) => (this.connection, this.tenant) = (connection, tenant);

    /// <returns>The lock, or null when another conductor has it.</returns>
    public static async Task<TenantLock?> TryTakeAsync(Databases databases, string tenant, CancellationToken cancellation)
    {
        var connection = await databases.Production(tenant).OpenConnectionAsync(cancellation);
        try
        {
            if (await connection.ExecuteScalarAsync<bool>(
                new CommandDefinition(TryLock, new { tenant }, cancellationToken: cancellation)))
                return new TenantLock(connection, tenant);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
        await connection.DisposeAsync();
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await connection.ExecuteAsync(Unlock, new { tenant });
        }
        catch (NpgsqlException)
        {
            // The connection is lost, and the lock with it.
        }
        await connection.DisposeAsync();
    }
}
