using System.Diagnostics;
using Dapper;
using Npgsql;
using Smarter.Loader.Batches;
using Smarter.Testing;

namespace Smarter.Benchmarks.Load;

/// <summary>Seconds of one pair: both sides of B1 and B3.</summary>
internal readonly record struct LoadPair(double Copy, double Staged, double Insert, double Star);

/// <summary>
/// B1: from the <c>.tar.gz.gpg</c> at rest to validated, committed rows in the batch schema, against <c>psql \copy</c>
/// of the plain CSV into an unindexed table of text columns. B3: the same and the star with its unique keys, ready
/// to migrate, against <c>INSERT … SELECT</c> of 22 typed columns into a table with a primary key and three indexes.
/// Ours are the loader's own steps in this process; every run is checked for its counts and for the sum of its scores.
/// </summary>
internal sealed class LoadBenchmark(LoaderSteps loader) : IAsyncDisposable
{
    private const string BenchSchema = "bench";

    private readonly string libpq = Settings.Of("SMARTER_VT_STAGING_DB");
    private readonly NpgsqlDataSource owner =
        NpgsqlDataSource.Create(LibpqConnectionString.Parse(Settings.Of("SMARTER_VT_STAGING_DB")));

    /// <summary>The first load of a process compiles the code;
    /// the loader does that once, so it is not measured.</summary>
    public async Task WarmUpAsync(BenchFile file)
    {
        Console.WriteLine("warming up");
        await RunOursAsync(file, insertFirst: false);
    }

    /// <summary>Runs both sides of both ratios, in alternating order.</summary>
    public async Task<IReadOnlyList<LoadPair>> RunAsync(BenchFile file, int pairs)
    {
        var measured = new List<LoadPair>();
        for (var pair = 0; pair < pairs; pair++)
        {
            var copyFirst = pair % 2 == 0;
            var copy = copyFirst ? await CopyAsync(file) : 0;
            var (staged, insert, star) = await RunOursAsync(file, insertFirst: !copyFirst);
            if (!copyFirst)
                copy = await CopyAsync(file);
            measured.Add(new LoadPair(copy, staged, insert, star));
            Console.WriteLine(
                $"pair {pair + 1}: \\copy {copy:F2} s, staged {staged:F2} s; insert {insert:F2} s, star {star:F2} s");
        }
        return measured;
    }

    /// <summary>The plain CSV by <c>psql \copy</c> into a new table of text columns.</summary>
    /// <returns>Seconds of psql, from its start to its end.</returns>
    public async Task<double> CopyAsync(BenchFile file)
    {
        await using var connection = await owner.OpenConnectionAsync();
        var header = File.ReadLines(file.CsvPath).First().Split(',');
        await connection.ExecuteAsync($"""
            CREATE SCHEMA IF NOT EXISTS {BenchSchema};
            DROP TABLE IF EXISTS {BenchSchema}.plain;
            CREATE TABLE {BenchSchema}.plain ({string.Join(", ", header.Select(name => $"{name} text"))});
            CHECKPOINT;
            """);
        var copy = $"\\copy {BenchSchema}.plain from '{file.CsvPath}' with (format csv, header)";
        var watch = Stopwatch.StartNew();
        using var psql = Process.Start("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", libpq, "-c", copy]);
        await psql.WaitForExitAsync();
        var seconds = watch.Elapsed.TotalSeconds;
        await RequireAsync(connection, $"SELECT count(*) FROM {BenchSchema}.plain", file.Rows);
        scores = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            $"SELECT sum(assessmentsubtestresultscorevalue::bigint)::bigint FROM {BenchSchema}.plain",
            commandTimeout: 0));
        await connection.ExecuteAsync($"DROP TABLE {BenchSchema}.plain");
        return seconds;
    }

    public async ValueTask DisposeAsync()
    {
        await using (var connection = await owner.OpenConnectionAsync())
            await connection.ExecuteAsync($"DROP SCHEMA IF EXISTS {BenchSchema} CASCADE");
        await owner.DisposeAsync();
    }

    /// <summary>Sum of the scores of the file that was copied last; null before the first copy.</summary>
    private long? scores;

    private async Task<(double Staged, double Insert, double Star)> RunOursAsync(BenchFile archive, bool insertFirst)
    {
        await using var load = await loader.RegisterAsync(archive.ArchivePath);
        await using var connection = await owner.OpenConnectionAsync();
        var server = await CpuSeconds.PostmasterAsync(owner);
        await connection.ExecuteAsync("CHECKPOINT");
        var cpuBefore = CpuSeconds.Now(server);
        var watch = Stopwatch.StartNew();
        await loader.StageAsync(load);
        var staged = watch.Elapsed.TotalSeconds;
        var cpuOfStage = CpuSeconds.Now(server) - cpuBefore;

        var insert = insertFirst ? await InsertAsync(load.File) : 0;
        cpuBefore = CpuSeconds.Now(server);
        watch.Restart();
        await loader.BuildAsync(load);
        var built = watch.Elapsed.TotalSeconds;
        var cpuOfBuild = CpuSeconds.Now(server) - cpuBefore;
        if (!insertFirst)
            insert = await InsertAsync(load.File);

        await CheckAsync(connection, load.File, archive.Rows);
        Console.WriteLine(
            $"  processor seconds: staging {cpuOfStage.Client:F1} client + {cpuOfStage.Server:F1} server, "
            + $"building {cpuOfBuild.Client:F1} + {cpuOfBuild.Server:F1}");
        return (staged, insert, staged + built);
    }

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
        var seconds = watch.Elapsed.TotalSeconds;
        await connection.ExecuteAsync($"DROP TABLE {BenchSchema}.typed");
        return seconds;
    }

    /// <summary>Speed is not bought with wrong data: the rows,
    /// the students and the sum of scores are those of the plain CSV.</summary>
    private async Task CheckAsync(NpgsqlConnection connection, LoadFile file, long rows)
    {
        await RequireAsync(
            connection, $"""SELECT count(*) FROM "{file.Id}".fact_asmt_outcome_vw WHERE rec_status = 'C'""", rows);
        await RequireAsync(connection, $"""SELECT count(*) FROM "{file.Id}".dim_student""", rows);
        if (scores is { } sum)
            await RequireAsync(
                connection, $"""SELECT sum(asmt_score)::bigint FROM "{file.Id}".fact_asmt_outcome_vw""", sum);
    }

    private static async Task RequireAsync(NpgsqlConnection connection, string sql, long expected)
    {
        var found = await connection.ExecuteScalarAsync<long>(new CommandDefinition(sql, commandTimeout: 0));
        if (found != expected)
            throw new InvalidOperationException($"{sql} gives {found}, not {expected}: the measurement is void.");
    }
}
