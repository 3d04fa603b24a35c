using System.Diagnostics;
using System.Text.Json;
using Dapper;
using Npgsql;
using Smarter.SampleData.Archive;
using Smarter.Testing;

namespace Smarter.Benchmarks.Load;

/// <summary>
/// B11: from the last byte of the drop, its <c>.done</c>, to the moment when the role of the site reads the batch's
/// rows in production. The running stack does all of it. What the tenant's production held before stands there again
/// afterwards, in every run.
/// </summary>
internal sealed class FreshnessBenchmark(LoaderSteps loader) : IAsyncDisposable
{
    private static readonly (string Table, string Key)[] Tables =
    [
        ("fact_asmt_outcome_vw", "asmt_outcome_vw_rec_id"), ("fact_asmt_outcome", "asmt_outcome_rec_id"),
        ("dim_student", "student_rec_id"), ("dim_inst_hier", "inst_hier_rec_id"), ("dim_asmt", "asmt_rec_id"),
    ];

    private const string Submitter = "bench";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly NpgsqlDataSource owner =
        NpgsqlDataSource.Create(LibpqConnectionString.Parse(Settings.Of("SMARTER_VT_PRODUCTION_DB")));

    private readonly NpgsqlDataSource site = NpgsqlDataSource.Create(SiteConnectionString());

    /// <summary>Drops the file and waits for its rows.</summary>
    /// <returns>Seconds.</returns>
    public async Task<double> RunAsync(BenchFile file)
    {
        await using var production = await owner.OpenConnectionAsync();
        await RememberAsync(production);
        var drop = Path.Combine(loader.Arrivals, LoaderSteps.Tenant, Submitter, "file_drop");
        Directory.CreateDirectory(drop);
        var name = $"bench_{Guid.NewGuid():N}.tar.gz.gpg";
        var path = Path.Combine(drop, name);
        File.Copy(file.ArchivePath, $"{path}.partial");
        File.Move($"{path}.partial", path);
        Guid? batch = null;
        try
        {
            await LandingArchive.WriteDoneAsync(path);
            var watch = Stopwatch.StartNew();
            batch = await BatchAsync(name, watch);
            await VisibleAsync(batch.Value, watch);
            var seconds = watch.Elapsed.TotalSeconds;
            await RequireRowsAsync(batch.Value, file.Rows);
            return seconds;
        }
        finally
        {
            if (batch is { } made)
                await ForgetAsync(production, made);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await owner.DisposeAsync();
        await site.DisposeAsync();
    }

    /// <summary>The role, and nothing more, that a report reads as: the settings of the site are beside ours.</summary>
    private static string SiteConnectionString()
    {
        var path = Path.Combine(Path.GetDirectoryName(Settings.Of("SMARTER_CONFIG"))!, "web.json");
        using var settings = JsonDocument.Parse(File.ReadAllText(path));
        return settings.RootElement.GetProperty("Database").GetProperty("Tenants").GetProperty(LoaderSteps.Tenant)
            .GetProperty("Production").GetString()!;
    }

    private async Task<Guid> BatchAsync(string name, Stopwatch watch)
    {
        await using var udl = await loader.Databases.Udl.OpenConnectionAsync();
        while (watch.Elapsed < Patience)
        {
            if (await udl.ExecuteScalarAsync<Guid?>(
                    "SELECT guid_batch FROM load_file WHERE file_name = @name", new { name }) is { } batch)
                return batch;
            await Task.Delay(50);
        }
        throw new TimeoutException($"{name} was not taken from arrivals. Does the loader run? ./smarter status");
    }

    private async Task VisibleAsync(Guid batch, Stopwatch watch)
    {
        await using var report = await site.OpenConnectionAsync();
        var batchGuid = batch.ToString("D");
        while (!await report.ExecuteScalarAsync<bool>("""
                   SELECT EXISTS (SELECT FROM edware_prod.dim_student WHERE batch_guid = @batchGuid)
                      AND EXISTS (SELECT FROM edware_prod.fact_asmt_outcome_vw
                                   WHERE batch_guid = @batchGuid AND rec_status = 'C')
                   """, new { batchGuid }))
        {
            if (watch.Elapsed > Patience)
                throw new TimeoutException($"Batch {batch} is not in production. See: ./smarter status");
            await Task.Delay(50);
        }
    }

    private async Task RequireRowsAsync(Guid batch, long rows)
    {
        await using var report = await site.OpenConnectionAsync();
        var found = await report.ExecuteScalarAsync<long>("""
            SELECT count(*) FROM edware_prod.fact_asmt_outcome_vw WHERE batch_guid = @batchGuid AND rec_status = 'C'
            """, new { batchGuid = batch.ToString("D") });
        if (found != rows)
            throw new InvalidOperationException($"{found} rows are visible, not {rows}: the measurement is void.");
    }

    /// <summary>Notes which rows are current, so that the drop can be undone. A note that is there already is of a run
    /// that was killed, and is older and better.</summary>
    private static async Task RememberAsync(NpgsqlConnection production)
    {
        if (await production.ExecuteScalarAsync<bool>("SELECT to_regnamespace('bench_before') IS NOT NULL"))
            return;
        await production.ExecuteAsync("CREATE SCHEMA bench_before;" + string.Concat(Tables.Select(table =>
            $"CREATE TABLE bench_before.{table.Table} AS SELECT {table.Key}, to_date FROM edware_prod.{table.Table} "
            + "WHERE rec_status = 'C';")));
    }

    private async Task ForgetAsync(NpgsqlConnection production, Guid batch)
    {
        await EndedAsync(batch);
        await production.ExecuteAsync(new CommandDefinition(
            string.Concat(Tables.Select(table => $"""
                DELETE FROM edware_prod.{table.Table} WHERE batch_guid = '{batch}';
                UPDATE edware_prod.{table.Table} now SET rec_status = 'C', to_date = before.to_date
                  FROM bench_before.{table.Table} before
                 WHERE now.{table.Key} = before.{table.Key} AND now.rec_status <> 'C';
                """))
            + $"""
            DELETE FROM edware_prod.migrated_batch WHERE batch_guid = '{batch}';
            DROP SCHEMA bench_before CASCADE;
            """, commandTimeout: 0));
        foreach (var table in Tables)
            await production.ExecuteAsync($"VACUUM edware_prod.{table.Table}");
        await LoaderSteps.ForgetAsync(loader.Databases, batch);
        var zone = Path.GetDirectoryName(loader.Arrivals)!;
        foreach (var kept in Directory.GetDirectories(
                     Path.Combine(zone, "history", LoaderSteps.Tenant), $"*{batch}*"))
            Directory.Delete(kept, recursive: true);
        Directory.Delete(Path.Combine(zone, "departures", LoaderSteps.Tenant, Submitter), recursive: true);
    }

    /// <summary>Waits for the migrator's last word, so that it does not write behind our back.</summary>
    private static async Task EndedAsync(Guid batch)
    {
        var statistics = LibpqConnectionString.Parse(Settings.Of("SMARTER_STATS_DB"));
        await using var stats = new NpgsqlConnection(statistics.ConnectionString);
        for (var waited = 0; waited < 600; waited++)
        {
            if (await stats.ExecuteScalarAsync<string>(
                    "SELECT load_status FROM edware_stats.udl_stats WHERE batch_guid = @guid",
                    new { guid = batch.ToString("D") }) is "migrate.ingested" or "udl.failed" or "migrate.failed")
                return;
            await Task.Delay(100);
        }
    }
}
