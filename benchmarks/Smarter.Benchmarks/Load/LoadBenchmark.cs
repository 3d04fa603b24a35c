using System.Diagnostics;
using Dapper;
using Npgsql;
using Smarter.Database;
using Smarter.Hosting;
using Smarter.Loader;
using Smarter.Loader.Arrival;
using Smarter.Loader.Batches;
using Smarter.Loader.Building;
using Smarter.Loader.Staging;
using Smarter.SampleData.Archive;
using Smarter.SampleData.Landing;
using Smarter.Testing;

namespace Smarter.Benchmarks.Load;

/// <summary>
/// B1: from the <c>.tar.gz.gpg</c> at rest to validated, committed rows in the batch schema, against <c>psql \copy</c>
/// of the plain CSV into an unindexed table of text columns. B3: the same and the star with its unique keys, ready
/// to migrate, against <c>INSERT … SELECT</c> of 22 typed columns into a table with a primary key and three indexes.
/// Ours are the loader's own steps in this process; every run is checked for its counts and for the sum of its scores.
/// </summary>
internal sealed class LoadBenchmark : IAsyncDisposable
{
    private const string TenantName = "vt";
    private const string BenchSchema = "bench";

    private readonly BenchmarkOptions options;
    private readonly WebApplication loader;
    private readonly string folder;
    private readonly string libpq;
    private readonly NpgsqlDataSource owner;

    private LoadBenchmark(BenchmarkOptions options, WebApplication loader, string folder, string libpq)
    {
        (this.options, this.loader, this.folder, this.libpq) = (options, loader, folder, libpq);
        owner = NpgsqlDataSource.Create(LibpqConnectionString.Parse(libpq));
    }

    private string Csv => Directory.GetFiles(folder, "*.csv", SearchOption.AllDirectories).Single();

    private string Archive => Path.Combine(folder, "bench.tar.gz.gpg");

    /// <summary>Generates and packs the file; the stack of <c>./smarter up</c> must run.</summary>
    public static async Task<LoadBenchmark> PrepareAsync(string[] args, BenchmarkOptions options)
    {
        var builder = SmarterHost.CreateBuilder(args, "benchmark");
        builder.Logging.ClearProviders();
        builder.AddDatabases();
        builder.AddLoadSteps();
        var loader = builder.Build();
        var zones = loader.Services.GetRequiredService<Zones>();

        // Beside the zone, so that the archive is linked into the work zone and not copied.
        var folder = Path.Combine(Path.GetDirectoryName(zones.Arrivals)!, "bench");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        var benchmark = new LoadBenchmark(options, loader, folder, Setting("SMARTER_VT_STAGING_DB"));
        Console.WriteLine($"generating and packing {options.Rows:N0} rows");
        var files = LandingFiles.GenerateOne(new LandingOptions { Students = options.Rows, StateCode = "VT" }, folder);
        await using var submitter = new GpgHome(Setting("SMARTER_VT_KEYS"));
        await LandingArchive.PackAsync(
            [files.JsonPath, files.CsvPath], benchmark.Archive, submitter, TenantName, Setting("SMARTER_LOADER_KEY"));
        var (plain, packed) = (new FileInfo(files.CsvPath).Length, new FileInfo(benchmark.Archive).Length);
        Console.WriteLine($"{plain / 1e6:N0} MB of CSV, {packed / 1e6:N0} MB packed");
        return benchmark;
    }

    public async Task<IReadOnlyList<Measurement>> RunAsync()
    {
        await WarmUpAsync();
        var loadAverage = QuietMachine.LoadAverage();
        List<double> copies = [], stagings = [], inserts = [], stars = [];
        for (var pair = 0; pair < options.Pairs; pair++)
        {
            var copyFirst = pair % 2 == 0;
            if (copyFirst)
                copies.Add(await CopyAsync());
            await RunOursAsync(stagings, stars, inserts, insertFirst: !copyFirst);
            if (!copyFirst)
                copies.Add(await CopyAsync());
            Console.WriteLine(
                $"pair {pair + 1}: \\copy {copies[^1]:F2} s, staged {stagings[^1]:F2} s; "
                + $"insert {inserts[^1]:F2} s, star {stars[^1]:F2} s");
        }
        return
        [
            Measurement.OfSeconds(
                "B1", "load to staging", stagings, copies, options.Rows, 1.0, 0.6, loadAverage),
            Measurement.OfSeconds(
                "B3", "load to star, from the file", stars, inserts, options.Rows, 1.3, 0.7, loadAverage),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await using (var connection = await owner.OpenConnectionAsync())
            await connection.ExecuteAsync($"DROP SCHEMA IF EXISTS {BenchSchema} CASCADE");
        await owner.DisposeAsync();
        await loader.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static string Setting(string name) => Environment.GetEnvironmentVariable(name)
        ?? throw new InvalidOperationException($"{name} is not set: run ./smarter bench load.");

    /// <summary>The first load of a process compiles the code;
    /// the loader does that once, so it is not measured.</summary>
    private async Task WarmUpAsync()
    {
        Console.WriteLine("warming up");
        await RunOursAsync([], [], [], insertFirst: false);
    }

    private async Task<double> CopyAsync()
    {
        await using var connection = await owner.OpenConnectionAsync();
        var header = File.ReadLines(Csv).First().Split(',');
        await connection.ExecuteAsync($"""
            CREATE SCHEMA IF NOT EXISTS {BenchSchema};
            DROP TABLE IF EXISTS {BenchSchema}.plain;
            CREATE TABLE {BenchSchema}.plain ({string.Join(", ", header.Select(name => $"{name} text"))});
            CHECKPOINT;
            """);
        var watch = Stopwatch.StartNew();
        var copy = $"\\copy {BenchSchema}.plain from '{Csv}' with (format csv, header)";
        using var psql = Process.Start("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", libpq, "-c", copy]);
        await psql.WaitForExitAsync();
        var seconds = watch.Elapsed.TotalSeconds;
        await RequireAsync(connection, $"SELECT count(*) FROM {BenchSchema}.plain", options.Rows);
        return seconds;
    }

    private async Task RunOursAsync(List<double> stagings, List<double> stars, List<double> inserts, bool insertFirst)
    {
        var file = await RegisterAsync();
        try
        {
            await CheckpointAsync();
            var c0 = CpuSeconds.Now(await CpuSeconds.PostmasterAsync(owner));
            var watch = Stopwatch.StartNew();
            await loader.Services.GetRequiredService<StageFile>().RunAsync(file, CancellationToken.None);
            var staged = watch.Elapsed.TotalSeconds;
            var pm = await CpuSeconds.PostmasterAsync(owner);
            var c1 = CpuSeconds.Now(pm);
            Console.WriteLine($"  stage cpu {c1 - c0} wall {staged:F2}");
            if (insertFirst)
                inserts.Add(await InsertAsync(file));
            watch.Restart();
            await loader.Services.GetRequiredService<BuildStar>().RunAsync(
                file with { Stage = LoadStage.Staged }, CancellationToken.None);
            Console.WriteLine($"  build cpu {CpuSeconds.Now(pm) - c1} wall {watch.Elapsed.TotalSeconds:F2}");
            stagings.Add(staged);
            stars.Add(staged + watch.Elapsed.TotalSeconds);
            if (!insertFirst)
                inserts.Add(await InsertAsync(file));
            await CheckAsync(file);
        }
        finally
        {
            await ForgetAsync(file);
        }
    }

    private async Task<LoadFile> RegisterAsync()
    {
        var id = Guid.NewGuid();
        var file = new LoadFile(
            id, TenantName, "bench", Path.GetFileName(Archive), Archive, $"bench_{id}", new string('0', 32),
            new FileInfo(Archive).Length, TimeProvider.System.GetUtcNow().UtcDateTime, LoadStage.Arrived,
            null, null, null, null, null, null, null, null);
        var arrived = loader.Services.GetRequiredService<Zones>().Arrived(file);
        Directory.CreateDirectory(Path.GetDirectoryName(arrived)!);
        File.CreateSymbolicLink(arrived, Archive);
        // Claimed first: the running loader resumes what nobody holds.
        claim = await BatchClaim.TryTakeAsync(Databases, id, CancellationToken.None);
        await loader.Services.GetRequiredService<LoadFiles>().RegisterAsync(file, CancellationToken.None);
        await loader.Services.GetRequiredService<UdlStats>().RecordReceivedAsync(file, CancellationToken.None);
        return file;
    }

    private BatchClaim? claim;

    private Databases Databases => loader.Services.GetRequiredService<Databases>();

    private async Task<double> InsertAsync(LoadFile file)
    {
        const string columns = """
            asmt_outcome_vw_rec_id, asmt_rec_id, student_rec_id, inst_hier_rec_id, asmt_guid, student_id,
            state_code, district_id, school_id, asmt_type, asmt_year, asmt_subject, asmt_grade, date_taken,
            asmt_score, asmt_perf_lvl, sex, dmg_eth_derived, dmg_prg_iep, dmg_prg_lep, rec_status, batch_guid
            """;
        await using var connection = await owner.OpenConnectionAsync();
        await connection.ExecuteAsync($"""
            CREATE SCHEMA IF NOT EXISTS {BenchSchema};
            DROP TABLE IF EXISTS {BenchSchema}.typed;
            CREATE TABLE {BenchSchema}.typed AS SELECT {columns} FROM star.fact_asmt_outcome_vw WITH NO DATA;
            ALTER TABLE {BenchSchema}.typed ADD PRIMARY KEY (asmt_outcome_vw_rec_id);
            CREATE INDEX ON {BenchSchema}.typed (student_id, asmt_guid, date_taken);
            CREATE INDEX ON {BenchSchema}.typed (asmt_year, asmt_type, district_id, school_id);
            CREATE INDEX ON {BenchSchema}.typed (student_id, asmt_subject);
            CHECKPOINT;
            """);
        var watch = Stopwatch.StartNew();
        await connection.ExecuteAsync(new CommandDefinition(
            $"""INSERT INTO {BenchSchema}.typed SELECT {columns} FROM "{file.Id}".fact_asmt_outcome_vw""",
            commandTimeout: 0));
        return watch.Elapsed.TotalSeconds;
    }

    /// <summary>Speed is not bought with wrong data: the rows,
    /// the students and the sum of scores are those of the plain CSV.</summary>
    private async Task CheckAsync(LoadFile file)
    {
        await using var connection = await owner.OpenConnectionAsync();
        await RequireAsync(
            connection, $"""SELECT count(*) FROM "{file.Id}".fact_asmt_outcome_vw WHERE rec_status = 'C'""",
            options.Rows);
        await RequireAsync(connection, $"""SELECT count(*) FROM "{file.Id}".dim_student""", options.Rows);
        if (await connection.ExecuteScalarAsync<bool>($"SELECT to_regclass('{BenchSchema}.plain') IS NOT NULL"))
            await RequireAsync(connection, $"""SELECT sum(asmt_score)::bigint FROM "{file.Id}".fact_asmt_outcome_vw""",
                await connection.ExecuteScalarAsync<long>(
                    $"SELECT sum(assessmentsubtestresultscorevalue::bigint)::bigint FROM {BenchSchema}.plain"));
    }

    private static async Task RequireAsync(NpgsqlConnection connection, string sql, long expected)
    {
        var found = await connection.ExecuteScalarAsync<long>(new CommandDefinition(sql, commandTimeout: 0));
        if (found != expected)
            throw new InvalidOperationException($"{sql} gives {found}, not {expected}: the measurement is void.");
    }

    private async Task CheckpointAsync()
    {
        await using var connection = await owner.OpenConnectionAsync();
        await connection.ExecuteAsync("CHECKPOINT", commandType: System.Data.CommandType.Text);
    }

    private async Task ForgetAsync(LoadFile file)
    {
        await BatchSchema.DropAsync(Databases.Staging(TenantName), file.Id, CancellationToken.None);
        await using (var udl = await Databases.Udl.OpenConnectionAsync())
        {
            await udl.ExecuteAsync("""
                DELETE FROM load_file WHERE guid_batch = @Id;
                DELETE FROM udl_batch WHERE guid_batch = @Guid;
                DELETE FROM err_list WHERE guid_batch = @Guid;
                """, new { file.Id, file.Guid });
        }
        var statistics = LibpqConnectionString.Parse(Setting("SMARTER_STATS_DB"));
        await using (var stats = new NpgsqlConnection(statistics.ConnectionString))
            await stats.ExecuteAsync("DELETE FROM edware_stats.udl_stats WHERE batch_guid = @Guid", new { file.Guid });
        Directory.Delete(loader.Services.GetRequiredService<Zones>().Work(file), recursive: true);
        if (claim is not null)
            await claim.DisposeAsync();
    }
}
