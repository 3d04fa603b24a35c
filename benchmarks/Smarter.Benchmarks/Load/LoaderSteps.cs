using Dapper;
using Npgsql;
using Smarter.Database;
using Smarter.Hosting;
using Smarter.Loader;
using Smarter.Loader.Arrival;
using Smarter.Loader.Batches;
using Smarter.Loader.Building;
using Smarter.Loader.Staging;
using Smarter.Testing;

namespace Smarter.Benchmarks.Load;

/// <summary>The loader's own steps in this process, with the settings and the role of the stack's loader.</summary>
internal sealed class LoaderSteps : IAsyncDisposable
{
    public const string Tenant = "vt";

    private readonly WebApplication loader;

    private LoaderSteps(WebApplication loader) => this.loader = loader;

    /// <summary>Where archives lie beside the landing zone, so that they are linked into it and not copied.</summary>
    public string Folder =>
        Path.Combine(Path.GetDirectoryName(loader.Services.GetRequiredService<Zones>().Arrivals)!, "bench");

    public string Arrivals => loader.Services.GetRequiredService<Zones>().Arrivals;

    public Databases Databases => loader.Services.GetRequiredService<Databases>();

    public static LoaderSteps Start(string[] args)
    {
        var builder = SmarterHost.CreateBuilder(args, "benchmark");
        builder.Logging.ClearProviders();
        builder.AddDatabases();
        builder.AddLoadSteps();
        return new LoaderSteps(builder.Build());
    }

    /// <summary>Makes a load of the archive, as the watcher does.</summary>
    public async Task<RegisteredLoad> RegisterAsync(string archive)
    {
        var id = Guid.NewGuid();
        var file = new LoadFile(
            id, Tenant, "bench", Path.GetFileName(archive), archive, $"bench_{id}", new string('0', 32),
            new FileInfo(archive).Length, TimeProvider.System.GetUtcNow().UtcDateTime, LoadStage.Arrived,
            null, null, null, null, null, null, null, null);
        var arrived = loader.Services.GetRequiredService<Zones>().Arrived(file);
        Directory.CreateDirectory(Path.GetDirectoryName(arrived)!);
        File.CreateSymbolicLink(arrived, archive);
        // Claimed first: the running loader resumes what nobody holds.
        var claim = await BatchClaim.TryTakeAsync(Databases, id, CancellationToken.None);
        await loader.Services.GetRequiredService<LoadFiles>().RegisterAsync(file, CancellationToken.None);
        await loader.Services.GetRequiredService<UdlStats>().RecordReceivedAsync(file, CancellationToken.None);
        return new RegisteredLoad(this, file, claim);
    }

    public Task StageAsync(RegisteredLoad load) =>
        loader.Services.GetRequiredService<StageFile>().RunAsync(load.File, CancellationToken.None);

    public Task BuildAsync(RegisteredLoad load) =>
        loader.Services.GetRequiredService<BuildStar>().RunAsync(
            load.File with { Stage = LoadStage.Staged }, CancellationToken.None);

    public ValueTask DisposeAsync() => loader.DisposeAsync();

    /// <summary>Removes every trace of the load.</summary>
    public async Task ForgetAsync(LoadFile file)
    {
        await BatchSchema.DropAsync(Databases.Staging(Tenant), file.Id, CancellationToken.None);
        await ForgetAsync(Databases, file.Id);
        Directory.Delete(loader.Services.GetRequiredService<Zones>().Work(file), recursive: true);
    }

    /// <summary>Removes what udl2 and the statistics know of a load.</summary>
    public static async Task ForgetAsync(Databases databases, Guid load)
    {
        var guid = load.ToString("D");
        await using (var udl = await databases.Udl.OpenConnectionAsync())
        {
            await udl.ExecuteAsync("""
                DELETE FROM load_file WHERE guid_batch = @load;
                DELETE FROM udl_batch WHERE guid_batch = @guid;
                DELETE FROM err_list WHERE guid_batch = @guid;
                """, new { load, guid });
        }
        var statistics = LibpqConnectionString.Parse(Settings.Of("SMARTER_STATS_DB"));
        await using var stats = new NpgsqlConnection(statistics.ConnectionString);
        await stats.ExecuteAsync("DELETE FROM edware_stats.udl_stats WHERE batch_guid = @guid", new { guid });
    }
}

/// <summary>A load that this process holds; disposing removes every trace of it.</summary>
internal sealed class RegisteredLoad(LoaderSteps steps, LoadFile file, BatchClaim? claim) : IAsyncDisposable
{
    public LoadFile File => file;

    public async ValueTask DisposeAsync()
    {
        await steps.ForgetAsync(file);
        if (claim is not null)
            await claim.DisposeAsync();
    }
}
