using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using Smarter.Database;

namespace Smarter.Hosting;

/// <summary>Ready when every database of this process answers <c>SELECT 1</c> within two seconds.</summary>
internal sealed class DatabaseHealth(Databases databases) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        foreach (var (key, database) in databases.All)
        {
            try
            {
                await using var command = database.CreateCommand("SELECT 1");
                await command.ExecuteScalarAsync(limit.Token);
            }
            catch (Exception trouble) when (
                trouble is NpgsqlException or OperationCanceledException or TimeoutException)
            {
                return HealthCheckResult.Unhealthy($"{key} does not answer", trouble);
            }
        }
        return HealthCheckResult.Healthy();
    }
}
