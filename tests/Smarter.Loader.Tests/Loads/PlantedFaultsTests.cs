using System.Text.Json;
using Smarter.Loader.Tests.Landing;
using Smarter.SampleData.Landing;

namespace Smarter.Loader.Tests.Loads;

/// <summary>A file in which one row of a hundred has a known fault: each is found, and no other.
/// <c>Smarter.Benchmarks planted</c> does the same with a million rows.</summary>
public sealed class PlantedFaultsTests(LandingKeys keys) : IAsyncLifetime
{
    private const int Rows = 20_000;

    private readonly LoaderSite site = new(keys);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("planted-");

    public ValueTask InitializeAsync() => site.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await site.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact(Timeout = 60_000)]
    public async Task Every_planted_fault_of_twenty_kinds_is_found_and_no_other()
    {
        var file = LandingFiles.GenerateOne(
            new LandingOptions { Students = Rows, StateCode = "WY", ErrorPercent = 1 }, folder.FullName);
        using var list = JsonDocument.Parse(await File.ReadAllTextAsync(file.PlantedPath!));
        var planted = list.RootElement.GetProperty("planted").EnumerateArray().ToList();
        Assert.InRange(planted.DistinctBy(fault => fault.GetProperty("kind").GetString()).Count(), 20, 99);

        var load = await site.LoadAsync(
            await File.ReadAllTextAsync(file.JsonPath), await File.ReadAllTextAsync(file.CsvPath));

        Assert.Equal(
            planted.Select(fault => $"{fault.GetProperty("row")} {fault.GetProperty("column").GetString()}".TrimEnd()),
            await site.FromUdlAsync<string>($"""
                SELECT concat_ws(' ', src_file_rec_num, column_name) FROM err_list WHERE guid_batch = '{load.Id}'
                 ORDER BY src_file_rec_num
                """));
        Assert.Equal(
            ((long?)Rows, (long?)(Rows - planted.Count), (long?)planted.Count),
            (load.RowsReceived, load.RowsLoaded, load.RowsRejected));
    }
}
