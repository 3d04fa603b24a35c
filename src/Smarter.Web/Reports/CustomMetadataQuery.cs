using Dapper;
using Npgsql;
using Smarter.Core;
using Smarter.Database;

namespace Smarter.Web.Reports;

/// <summary>Reads a state's branding and report settings alone, for pages that show no report.</summary>
internal sealed class CustomMetadataQuery(Databases databases)
{
    private const string Sql = "SELECT asmt_custom_metadata FROM custom_metadata WHERE state_code = @stateCode";

    /// <exception cref="NpgsqlException">The warehouse cannot be reached.</exception>
    /// <exception cref="InvalidDataException">The stored text cannot be read.</exception>
    public async Task<CustomMetadata> RunAsync(Tenant tenant, CancellationToken cancellation)
    {
        await using var connection = await databases.Production(tenant.Name).OpenConnectionAsync(cancellation);
        return CustomMetadata.Parse(await connection.QueryFirstOrDefaultAsync<string?>(
            new CommandDefinition(Sql, new { stateCode = tenant.StateCode }, cancellationToken: cancellation)));
    }
}
