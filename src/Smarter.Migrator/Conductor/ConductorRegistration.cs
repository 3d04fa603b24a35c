using MassTransit;
using Smarter.Hosting;
using Smarter.Migrator.Batches;

namespace Smarter.Migrator.Conductor;

internal static class ConductorRegistration
{
    /// <summary>What migrates a tenant's batches, and the checked section <c>Migrate:Conductor</c>.</summary>
    public static IServiceCollection AddConductor(this IServiceCollection services)
    {
        services.AddSettings<ConductorOptions>(ConductorOptions.Section);
        return services
            .AddSingleton<UdlStats>()
            .AddSingleton<BatchSchemas>()
            .AddSingleton<MigrateBatch>()
            .AddSingleton<TenantMigration>();
    }

    /// <summary>Lets this process look for waiting batches and order their migration.</summary>
    public static IServiceCollection AddConductorPoll(this IServiceCollection services) =>
        services.AddSingleton<TenantsUnderWay>().AddHostedService<ConductorPoll>();

    /// <summary>Lets this process carry out the orders.</summary>
    public static void AddConductorConsumers(this IBusRegistrationConfigurator bus) =>
        bus.AddConsumer<MigrateTenantConsumer, MigrateTenantConsumerDefinition>();
}
