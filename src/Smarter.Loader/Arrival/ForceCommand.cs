using Npgsql;
using Smarter.Database;
using Smarter.Hosting;
using Smarter.Loader.Batches;

namespace Smarter.Loader.Arrival;

/// <summary>The argument <c>force BATCH</c> of the loader: loads the delivered file of an ended batch once more, as a
/// batch of its own. It is the operator's way to load a duplicate, and a file that was parked.</summary>
internal static class ForceCommand
{
    private const int UsageError = 64; // of sysexits.h

    /// <returns>True when <paramref name="args"/> ask for this command.</returns>
    public static bool IsAskedFor(string[] args) => args is ["force", ..];

    /// <summary>Registers the load and prints its batch guid; a running loader takes it up.</summary>
    /// <returns>0; 1 with the reason on standard error; 64 when the argument is no batch guid.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Length < 2 || !Guid.TryParse(args[1], out var id))
            return await EndAsync("give the guid of a batch that has ended", UsageError);
        var builder = SmarterHost.CreateBuilder(args[2..], "force");
        builder.Services.AddDatabases();
        builder.AddLoadSteps();
        await using var app = builder.Build();
        try
        {
            return await ForceAsync(app.Services, id);
        }
        catch (Exception trouble) when (trouble is NpgsqlException or IOException
            or Microsoft.Extensions.Options.OptionsValidationException)
        {
            return await EndAsync(trouble.Message, 1);
        }
    }

    private static async Task<int> ForceAsync(IServiceProvider services, Guid id)
    {
        if (await services.GetRequiredService<LoadFiles>().FindAsync(id, CancellationToken.None)
            is not { Stage: LoadStage.Ended } answered)
            return await EndAsync("there is no such batch, or its load has not ended yet", 1);
        var arrivals = services.GetRequiredService<Arrivals>();
        if (await arrivals.ForceAsync(answered, CancellationToken.None) is not { } forced)
            return await EndAsync(
                $"{answered.FileName} is no longer in history: have it sent again under another name", 1);
        Console.WriteLine($"{answered.FileName} of {answered.Tenant} is loaded again as batch {forced}.");
        return 0;
    }

    private static async Task<int> EndAsync(string reason, int exitCode)
    {
        await Console.Error.WriteLineAsync($"force: {reason}");
        return exitCode;
    }
}
