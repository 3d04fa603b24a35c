using MassTransit;

namespace Smarter.Loader.Batches;

/// <summary>
/// How a step is tried again when the world is broken: a few times at once, and after that by
/// <see cref="Arrival.ResumeLoads"/>, which orders every unfinished load again.
/// </summary>
internal static class LoadRetry
{
    public static void Configure(IRetryConfigurator retry) =>
        retry.Intervals(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15));
}
