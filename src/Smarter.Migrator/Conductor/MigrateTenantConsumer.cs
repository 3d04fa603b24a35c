using MassTransit;
using Microsoft.Extensions.Options;
using Npgsql;
using Smarter.Core;
using Smarter.Core.Messages;

namespace Smarter.Migrator.Conductor;

/// <summary>Runs a tenant's migration when it is ordered.</summary>
/// <remarks>
/// Safe to deliver twice: the second finds the tenant taken or nothing to do. It heeds the host's stop and not the
/// message's own token, because losing the broker is no reason to roll back a copy.
/// </remarks>
internal sealed class MigrateTenantConsumer(
    TenantMigration migration, TenantsUnderWay underWay, IHostApplicationLifetime host,
    ILogger<MigrateTenantConsumer> log)
    : IConsumer<MigrateTenant>
{
    public async Task Consume(ConsumeContext<MigrateTenant> context)
    {
        var tenant = context.Message.Tenant;
        if (!underWay.TryBegin(tenant))
            return;

        var complete = false;
        try
        {
            var outcomes = await migration.RunAsync(tenant, host.ApplicationStopping);
            complete = outcomes is not null && outcomes.All(outcome => outcome.LoadStatus != LoadStatus.Ingested);
        }
        catch (Exception trouble) when (trouble is NpgsqlException or OperationCanceledException)
        {
            log.LogError(
                trouble, "The migration of {Tenant} broke off; it is ordered again as long as batches wait", tenant);
        }
        finally
        {
            underWay.End(tenant, complete);
        }
    }
}

internal sealed class MigrateTenantConsumerDefinition : ConsumerDefinition<MigrateTenantConsumer>
{
    public MigrateTenantConsumerDefinition(IOptions<ConductorOptions> options) =>
        ConcurrentMessageLimit = options.Value.TenantsAtOnce;
}
