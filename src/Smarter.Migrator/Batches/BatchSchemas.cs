using Dapper;
using Npgsql;
using Smarter.Database;

namespace Smarter.Migrator.Batches;

/// <summary>The schemas of a tenant's batches in staging, each named exactly as its batch.</summary>
internal sealed class BatchSchemas(Databases databases, ILogger<BatchSchemas> log)
{
    private const string Existing = """
        SELECT nspname::text FROM pg_namespace
         WHERE nspname ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
         ORDER BY 1
        """;

    /// <returns>The guids of all batches that have a schema, as text.</returns>
    public async Task<IReadOnlyList<string>> ListAsync(string tenant, CancellationToken cancellation)
    {
        await using var connection = await databases.Staging(tenant).OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<string>(
            new CommandDefinition(Existing, cancellationToken: cancellation))).AsList();
    }

    /// <summary>Drops the schema and all in it, if it exists. A failure is logged and changes nothing: the next run of
    /// the tenant drops what is left.</summary>
    public async Task DropAsync(string tenant, Guid schema, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await databases.Staging(tenant).OpenConnectionAsync(cancellation);
            await connection.ExecuteAsync(new CommandDefinition(
                $"""DROP SCHEMA IF EXISTS "{schema:D}" CASCADE""", cancellationToken: cancellation));
        }
        catch (NpgsqlException trouble)
        {
            log.LogError(trouble, "The schema of batch {BatchGuid} is still in staging of {Tenant}", schema, tenant);
        }
    }
}
