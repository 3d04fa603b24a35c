using Dapper;
using Npgsql;
using Smarter.Database;
using Smarter.Migrator.Batches;

namespace Smarter.Migrator.Conductor;

/// <summary>The right to migrate a tenant, held by one conductor of all machines: an advisory lock of the tenant's
/// production database on a connection of its own, which ends with this object, or with the process at the
/// latest.</summary>
internal sealed class TenantLock : IAsyncDisposable
{
    private const string TryLock = "SELECT pg_try_advisory_lock(hashtextextended('smarter.migrate ' || @tenant, 0))";

    private readonly NpgsqlConnection connection;

    private TenantLock(NpgsqlConnection connection) => this.connection = connection;

    /// <returns>The lock, or null when another conductor has it.</returns>
    public static async Task<TenantLock?> TryTakeAsync(Databases databases, string tenant, CancellationToken cancellation)
    {
        var connection = await databases.Production(tenant).OpenForCopyAsync(cancellation);
        try
        {
            if (await connection.ExecuteScalarAsync<bool>(
                new CommandDefinition(TryLock, new { tenant }, cancellationToken: cancellation)))
                return new TenantLock(connection);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
        await connection.DisposeAsync();
        return null;
    }

    /// <remarks>The connection is not pooled: its end is the lock's end.</remarks>
    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
