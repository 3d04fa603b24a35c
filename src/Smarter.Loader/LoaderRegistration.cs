using MassTransit;
using Smarter.Hosting;
using Smarter.Loader.Arrival;
using Smarter.Loader.Batches;
using Smarter.Loader.Building;
using Smarter.Loader.Checking;
using Smarter.Loader.Finishing;
using Smarter.Loader.Registration;
using Smarter.Loader.Staging;
using Smarter.Loader.Unpacking;
using Smarter.Loader.Validating;

namespace Smarter.Loader;

/// <summary>The steps of a load in the order of the data's way.</summary>
internal static class LoaderRegistration
{
    /// <param name="virtualHost">Of RabbitMQ; tests have one of their own.</param>
    public static WebApplicationBuilder AddLoader(this WebApplicationBuilder builder, string virtualHost = "edudl")
    {
        builder.AddLoadSteps();
        builder.Services.AddHostedService<ArrivalWatcher>();
        builder.Services.AddHostedService<ResumeLoads>();
        builder.Services.AddSettings<ChecksOptions>(ChecksOptions.Section)
            .Validate(options => options.Folder is null || Directory.Exists(options.Folder),
                "Checks:Folder: this folder does not exist.");
        builder.Services.AddFileChecks(builder.Configuration);
        builder.Services.AddHostedService<AskedChecks>();
        return builder.AddBus(virtualHost, bus =>
        {
            bus.AddConsumer<StageBatchConsumer, StageBatchConsumerDefinition>();
            bus.AddConsumer<BuildBatchConsumer, BuildBatchConsumerDefinition>();
            bus.AddConsumer<FinishBatchConsumer, FinishBatchConsumerDefinition>();
        });
    }

    /// <summary>The steps without the bus and the watcher, as the benchmark runs them.</summary>
    public static WebApplicationBuilder AddLoadSteps(this WebApplicationBuilder builder)
    {
        var services = builder.AddZones().Services;
        services.AddSettings<ArrivalOptions>(ArrivalOptions.Section);
        services.AddSettings<GpgOptions>(GpgOptions.Section)
            .Validate(options => Directory.Exists(options.Home), "Gpg:Home: this folder does not exist.");
        services.AddSettings<ArchiveLimits>(ArchiveLimits.Section);
        services.AddSettings<CheckingOptions>(CheckingOptions.Section)
            .Validate(options => options.MaxRejectedShares.Values.All(share => share is >= 0 and <= 1),
                "Checking:MaxRejectedShares: a share lies between 0 and 1.");

        services.AddSingleton<Zones>();
        services.AddSingleton<LoadFiles>();
        services.AddSingleton<UdlBatch>();
        services.AddSingleton<UdlStats>();
        services.AddSingleton<Turns>();
        services.AddSingleton<Submissions>();
        services.AddSingleton<LoadSteps>();
        services.AddSingleton<SameFiles>();
        services.AddSingleton<Arrivals>();
        services.AddSingleton<StageFile>();
        services.AddSingleton<BuildStar>();
        services.AddSingleton<BuildSnapshot>();
        services.AddSingleton<Receipts>();
        services.AddSingleton<FinishLoad>();
        return builder;
    }

    /// <summary>Where the landing zone is, with the setting checked.</summary>
    public static WebApplicationBuilder AddZones(this WebApplicationBuilder builder)
    {
        builder.Services.AddSettings<ZoneOptions>(ZoneOptions.Section)
            .Validate(options => Directory.Exists(options.Landing), "Zones:Landing: this folder does not exist.");
        return builder;
    }
}
