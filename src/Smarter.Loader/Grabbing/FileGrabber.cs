using Microsoft.Extensions.Options;
using Quartz;
using Smarter.Hosting;
using Smarter.Loader.Arrival;
using Smarter.Loader.Locking;

namespace Smarter.Loader.Grabbing;

/// <summary>Runs each source by its own schedule; of all machines one at a time for each source.</summary>
internal sealed class FileGrabber(
    IOptions<GrabberSources> sources, IOptions<ZoneOptions> zones, SoleWorker soleWorker, TimeProvider clock,
    ILogger<FileGrabber> log) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(sources.Value.Where(source => source.Value.Enable)
            .Select(source => RepeatAsync(source.Key, source.Value, stoppingToken)));

    private Task RepeatAsync(string name, GrabberOptions source, CancellationToken stopping)
    {
        var schedule = new CronExpression(source.Schedule) { TimeZone = TimeZoneInfo.Utc };
        var grab = new Grab(name, source, Path.GetFullPath(zones.Value.Landing), clock, log);
        return soleWorker.RepeatAsync($"grabber.{name}", () => UntilNext(schedule), grab.RunAsync, stopping);
    }

    /// <summary>A day at most: a timer cannot wait for years, and a round more does no harm.</summary>
    private TimeSpan UntilNext(CronExpression schedule)
    {
        var now = clock.GetUtcNow();
        var next = schedule.GetNextValidTimeAfter(now) ?? DateTimeOffset.MaxValue;
        return TimeSpan.FromTicks(Math.Min((next - now).Ticks, TimeSpan.TicksPerDay));
    }
}

internal static class GrabbingRegistration
{
    /// <summary>The process that brings files from the landing zone: <c>Smarter.Loader grab</c>.</summary>
    public static WebApplicationBuilder AddFileGrabber(this WebApplicationBuilder builder)
    {
        builder.AddZones();
        builder.Services.AddSingleton<IValidateOptions<GrabberSources>, GrabberRules>();
        builder.Services.AddSettings<GrabberSources>(GrabberOptions.Section);
        builder.Services.AddSingleton<SoleWorker>();
        builder.Services.AddHostedService<FileGrabber>();
        return builder;
    }
}
