using System.Globalization;
using System.Text.Json;
using Dapper;

namespace Smarter.Benchmarks.Load;

/// <summary>
/// Loads a file in which one row of a hundred has a known fault, of each kind in turn, and compares row by row what
/// the loader wrote to err_list with what was planted: every planted row is found, and no other.
/// </summary>
internal static class PlantedLoad
{
    private const long DefaultRows = 1_000_000;
    private const double ErrorPercent = 1;
    private const int ShownAtMost = 10;

    private const string FoundRows = """
        SELECT src_file_rec_num AS row, coalesce(column_name, '') AS column
          FROM err_list WHERE guid_batch = @guid AND src_file_rec_num IS NOT NULL
        """;

    /// <param name="words">Behind <c>planted</c>.</param>
    /// <returns>Null when the words are not understood.</returns>
    public static long? ParseRows(string[] words) => words switch
    {
        [] => DefaultRows,
        ["--rows", var number] when long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var rows)
            && rows > 0 => rows,
        _ => null,
    };

    /// <returns>0 when found and planted agree; 1 otherwise.</returns>
    public static async Task<int> RunAsync(string[] args, long rows)
    {
        await using var loader = LoaderSteps.Start(args);
        using var file = await BenchFile.CreateAsync(Path.Combine(loader.Folder, "planted"), rows, ErrorPercent);
        await using var load = await loader.RegisterAsync(file.ArchivePath);
        await loader.StageAsync(load);
        await loader.BuildAsync(load);

        var (planted, kinds) = await PlantedAsync(file.PlantedPath!);
        await using var udl = await loader.Databases.Udl.OpenConnectionAsync();
        var found = (await udl.QueryAsync<(long, string)>(FoundRows, new { guid = load.File.Guid })).ToHashSet();
        await using var staging = await loader.Databases.Staging(LoaderSteps.Tenant).OpenConnectionAsync();
        var loaded = await staging.ExecuteScalarAsync<long>(
            $"""SELECT count(*) FROM "{load.File.Guid}".fact_asmt_outcome_vw""");

        var missed = planted.Except(found).ToList();
        var wrong = found.Except(planted).ToList();
        Console.WriteLine(
            $"{rows:N0} rows: {planted.Count:N0} faults of {kinds} kinds planted, {planted.Count - missed.Count:N0} "
            + $"found, {missed.Count:N0} missed, {wrong.Count:N0} found where none was planted; "
            + $"{loaded:N0} rows loaded");
        foreach (var (row, column) in missed.Concat(wrong).Take(ShownAtMost))
            Console.WriteLine($"  row {row} {column}");
        return missed.Count == 0 && wrong.Count == 0 && loaded == rows - planted.Count ? 0 : 1;
    }

    private static async Task<(HashSet<(long Row, string Column)> Rows, int Kinds)> PlantedAsync(string path)
    {
        await using var json = File.OpenRead(path);
        using var list = await JsonDocument.ParseAsync(json);
        var faults = list.RootElement.GetProperty("planted").EnumerateArray().ToList();
        return (
            faults.Select(fault => (
                fault.GetProperty("row").GetInt64(), fault.GetProperty("column").GetString() ?? "")).ToHashSet(),
            faults.DistinctBy(fault => fault.GetProperty("kind").GetString()).Count());
    }
}
