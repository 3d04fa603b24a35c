using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Npgsql;
using Smarter.Loader.Tests.Landing;
using Smarter.Testing;

namespace Smarter.Loader.Tests.Loads;

/// <summary>
/// Databases of the tenants wy and nc, an empty landing zone, and a loader that is told to start. It connects as
/// <c>smarter_loader</c>, so that a missing grant shows.
/// </summary>
public sealed class LoaderSite(LandingKeys keys) : IAsyncLifetime
{
    private const string FindEnded = """
        SELECT guid_batch AS id, stage, outcome, fault_code, duplicate_of,
               rows_received, rows_loaded, rows_rejected, rows_superseded
          FROM load_file WHERE file_name = @name AND stage = 'ended' ORDER BY arrived_at DESC LIMIT 1
        """;

    private const string TellState = "SELECT to_jsonb(load_file)::text FROM load_file WHERE file_name = @name";
    private const string FindLedgerFaults = "SELECT what FROM ledger_fault WHERE guid_batch = @Id";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo logs = Directory.CreateTempSubdirectory("log-");
    private DirectoryInfo landing = null!;
    private LoaderProcess? loader;
    private int delivered;
    private bool isDisposed;

    public TestDatabase Database { get; private set; } = null!;

    public TestVirtualHost VirtualHost { get; private set; } = null!;

    internal LandingKeys Keys => keys;

    /// <summary>libpq connection string of a superuser of another server than <c>SMARTER_TEST_DB</c>; else null.</summary>
    internal string? Server { get; init; }

    /// <summary>An empty folder for the landing zone on a disk of the test's own; null for a temporary one.</summary>
    internal string? Folder { get; init; }

    internal (string Tenant, string StateCode)[] Tenants { get; init; } = [("wy", "WY"), ("nc", "NC")];

    /// <summary>The loader in this process, once it is started.</summary>
    internal LoaderProcess Loader => loader!;

    /// <summary>Everything that the loader may write to, and nothing else.</summary>
    public string Landing => landing.FullName;

    /// <summary>The whole of a loader's settings: it looks for files ten times a second.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Settings() => Database.SettingsFor(DatabaseRole.Loader)
        .Concat(VirtualHost.Settings())
        .Concat(keys.Settings())
        .Concat(new Dictionary<string, string?>
        {
            ["Zones:Landing"] = Landing,
            ["Arrival:ScanInterval"] = "00:00:00.1",
            ["Arrival:RejectAfter"] = "00:00:01",
            ["Arrival:ResumeInterval"] = "00:00:01",
            ["Log:Level"] = "Warning",
            ["Log:Directory"] = logs.FullName,
        });

    public async ValueTask InitializeAsync()
    {
        landing = Folder is null ? Directory.CreateTempSubdirectory("lz-") : new DirectoryInfo(Folder);
        Database = await TestDatabase.CreateOnAsync(Server, Tenants);
        VirtualHost = await TestVirtualHost.CreateAsync();
    }

    /// <summary>Starts the loader in this process, unless it runs.</summary>
    public async Task StartAsync(params (string Key, string Value)[] settings) =>
        loader ??= await LoaderProcess.StartAsync(
            VirtualHost.Name,
            Settings().Concat(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))));

    /// <summary>Drops a file as a submitter does: first the file, then its checksum.</summary>
    /// <param name="done">What the <c>.done</c> file holds;
    /// null for the right checksum, empty for no <c>.done</c> file.</param>
    /// <returns>The name of the file.</returns>
    /// <param name="name">How it is called; null for a name that no other file has.</param>
    public async Task<string> DeliverAsync(
        byte[] file, string tenant = "wy", string? done = null, string? name = null)
    {
        name ??= $"{Interlocked.Increment(ref delivered)}.tar.gz.gpg";
        var folder = Directory.CreateDirectory(Path.Combine(Landing, "arrivals", tenant, "demo", "file_drop")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(folder, $"{name}.partial"), file);
        File.Move(Path.Combine(folder, $"{name}.partial"), Path.Combine(folder, name));
        if (done != "")
        {
            await File.WriteAllTextAsync(Path.Combine(folder, $"{name}.partial"), done ?? $"{Md5(file)} {name}\n");
            File.Move(Path.Combine(folder, $"{name}.partial"), Path.Combine(folder, $"{name}.done"));
        }
        return name;
    }

    /// <summary>Waits until the file's load has ended, 30 s at most unless told otherwise. Its ledger must hold, whatever
    /// the outcome.</summary>
    internal async Task<EndedLoad> EndAsync(string name, TimeSpan? patience = null)
    {
        using var limit = new CancellationTokenSource(patience ?? Patience);
        await using var udl = await Database.Owner.Udl.OpenConnectionAsync(limit.Token);
        while (true)
        {
            if (await udl.QuerySingleOrDefaultAsync<EndedLoad>(FindEnded, new { name }) is { } ended)
            {
                Assert.Empty(await udl.QueryAsync<string>(FindLedgerFaults, ended));
                return ended;
            }
            if (limit.IsCancellationRequested)
                throw new TimeoutException(
                    $"{name}: {await udl.QuerySingleOrDefaultAsync<string>(TellState, new { name })}");
            await Task.Delay(50, CancellationToken.None);
        }
    }

    /// <summary>Seals, delivers and loads an archive of a JSON and a CSV.</summary>
    internal async Task<EndedLoad> LoadAsync(string json, string csv)
    {
        await StartAsync();
        return await EndAsync(await DeliverAsync(await keys.SealAsync(await LandingTar.PackAsync(json, csv))));
    }

    /// <summary>Loads a CSV with the JSON that belongs to <see cref="LandingCsv"/>.</summary>
    internal Task<EndedLoad> LoadAsync(string csv) => LoadAsync(LandingJson.File(), csv);

    /// <summary>Migrates what was loaded, with the migrator itself.</summary>
    internal async Task MigrateAsync()
    {
        var run = await ProcessRun.ToEndAsync("Smarter.Migrator", ["run"],
            Database.SettingsFor(DatabaseRole.Migrator).Where(setting => setting.Key != "Database:Udl")
                .Concat(VirtualHost.Settings()));
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
    }

    /// <returns>The JSON receipt of a file; the folder must hold exactly one.</returns>
    internal JsonElement Receipt(string name, string tenant = "wy") =>
        JsonDocument.Parse(File.ReadAllText(ReceiptPath(name, "json", tenant))).RootElement;

    /// <returns>The lines of the CSV receipt, the header line first.</returns>
    internal string[] ReceiptLines(string name) => File.ReadAllLines(ReceiptPath(name, "csv", "wy"));

    internal static string Md5(byte[] file) =>
#pragma warning disable CA5351 // MD5 is what the landing zone agreed on
        Convert.ToHexStringLower(MD5.HashData(file));
#pragma warning restore CA5351

    internal Task<T[]> FromUdlAsync<T>(string sql) => RowsAsync<T>(Database.Owner.Udl, sql);

    internal Task<T[]> FromStatsAsync<T>(string sql) => RowsAsync<T>(Database.Owner.Stats, sql);

    internal Task<T[]> FromStagingAsync<T>(string sql, string tenant = "wy") =>
        RowsAsync<T>(Database.Owner.Staging(tenant), sql);

    internal Task<T[]> FromProductionAsync<T>(string sql) => RowsAsync<T>(Database.Owner.Production("wy"), sql);

    /// <param name="from">A table of the batch schema, perhaps with a condition.</param>
    internal async Task<long> CountInBatchAsync(EndedLoad load, string from) =>
        (await FromStagingAsync<long>($"SELECT count(*) FROM \"{load.Id}\".{from}")).Single();

    /// <returns>What err_list holds of the load as <c>row code column</c>, ordered by row;
    /// a file's own error has no row.</returns>
    internal Task<string[]> ErrorsAsync(EndedLoad load) => FromUdlAsync<string>($"""
        SELECT concat_ws(' ', src_file_rec_num, err_code, column_name) FROM err_list WHERE guid_batch = '{load.Id}'
         ORDER BY src_file_rec_num NULLS FIRST, err_list_sid
        """);

    internal async Task<string> StatusAsync(EndedLoad load) =>
        (await FromStatsAsync<string>($"SELECT load_status FROM udl_stats WHERE batch_guid = '{load.Id}'")).Single();

    internal async Task<bool> HasSchemaAsync(EndedLoad load, string tenant = "wy") =>
        (await FromStagingAsync<bool>($"SELECT true FROM pg_namespace WHERE nspname = '{load.Id}'", tenant)).Length > 0;

    /// <returns>The lines of the loader's log so far, each a JSON object.</returns>
    internal IEnumerable<string> LogLines() => logs.GetFiles().SelectMany(file => ReadLines(file));

    /// <returns>The files below a folder of the landing zone, relative to the zone.</returns>
    internal string[] Files(string folder) =>
        [.. Directory.GetFiles(Path.Combine(Landing, folder), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Landing, file))];

    /// <summary>Stops the loader and removes all that it had; doing it again does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (isDisposed)
            return;
        isDisposed = true;
        if (loader is not null)
            await loader.DisposeAsync();
        await VirtualHost.DisposeAsync();
        await Database.DisposeAsync();
        landing.Delete(recursive: true);
        logs.Delete(recursive: true);
    }

    /// <summary>The log goes on being written meanwhile.</summary>
    private static List<string> ReadLines(FileInfo file)
    {
        using var lines = new StreamReader(file.Open(FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var read = new List<string>();
        while (lines.ReadLine() is { } line)
            read.Add(line);
        return read;
    }

    private static async Task<T[]> RowsAsync<T>(NpgsqlDataSource database, string sql)
    {
        await using var connection = await database.OpenConnectionAsync();
        return [.. await connection.QueryAsync<T>(sql)];
    }

    private string ReceiptPath(string name, string extension, string tenant) => Assert.Single(Directory.GetFiles(
        Path.Combine(Landing, "departures", tenant, "demo", "reports"), $"{name}.*.receipt.{extension}"));
}

/// <summary>A file whose load has ended: what <c>load_file</c> says of it.</summary>
internal sealed record EndedLoad(
    Guid Id, string Stage, string Outcome, int? FaultCode, Guid? DuplicateOf,
    long? RowsReceived, long? RowsLoaded, long? RowsRejected, long? RowsSuperseded);
