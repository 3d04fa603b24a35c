using System.Formats.Tar;
using System.Text;
using Smarter.Core;
using Smarter.Loader.Tests.Faults;
using Smarter.Loader.Tests.Landing;
using Smarter.SampleData.Landing;

namespace Smarter.Loader.Tests.Loads;

/// <summary>The ways in which a submitter may pack, write and repeat a good file.</summary>
public sealed class AcceptedFileTests(LoaderSite site) : IClassFixture<LoaderSite>
{
    private static int students;

    [Theory(Timeout = 30_000)]
    [InlineData("--armor")]
    [InlineData("--compress-algo", "zlib")]
    [InlineData("--compress-algo", "bzip2")]
    [InlineData("--compress-algo", "none")]
    [InlineData("--rfc4880", "--cipher-algo", "AES256")]
    [InlineData("--openpgp", "--compress-algo", "zip")]
    [CatalogueCase("C05")]
    public async Task A_message_may_be_armored_or_compressed(params string[] options)
    {
        await site.StartAsync();
        var tar = await LandingTar.PackAsync(LandingJson.File(), NewCsv());

        var load = await site.EndAsync(
            await site.DeliverAsync(await site.Keys.SealAsync(tar, LandingKeys.Wyoming, options)));

        await IsLoadedAsync(load, rows: 1);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("a folder in front of the names")]
    [InlineData("an entry for the folder")]
    [InlineData("the CSV before the JSON")]
    [InlineData("errors of the score batcher")]
    [InlineData("extensions in capitals")]
    [CatalogueCase("C04")]
    public async Task An_archive_may_hold(string what)
    {
        await site.StartAsync();
        var (json, csv) = (LandingJson.File(), NewCsv());
        IEnumerable<TarEntry> entries = what switch
        {
            "a folder in front of the names" =>
                [LandingTar.Member("./out/x.json", json), LandingTar.Member("./out/x.csv", csv)],
            "an entry for the folder" =>
                [LandingTar.Folder("out/"), LandingTar.Member("out/x.json", json), LandingTar.Member("out/x.csv", csv)],
            "the CSV before the JSON" => [LandingTar.Member("x.csv", csv), LandingTar.Member("x.json", json)],
            "errors of the score batcher" =>
            [
                LandingTar.Member("x.json", json),
                LandingTar.Member("x.err", """{"content": "error", "tsb_error": [{"err_code": 4310}]}"""),
                LandingTar.Member("x.csv", csv),
            ],
            _ => [LandingTar.Member("X.JSON", json), LandingTar.Member("X.CSV", csv)],
        };

        var load = await site.EndAsync(
            await site.DeliverAsync(await site.Keys.SealAsync(await LandingTar.PackAsync(entries))));

        await IsLoadedAsync(load, rows: 1);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("\r")]
    [InlineData("\r\n")]
    public async Task Lines_may_end_as_on_any_system(string end)
    {
        var load = await site.LoadAsync(NewCsv(rows: 40).Replace("\n", end, StringComparison.Ordinal));

        await IsLoadedAsync(load, rows: 40);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task A_header_may_be_quoted_and_in_any_case_behind_a_byte_order_mark(string end)
    {
        var lines = NewCsv().Split('\n');
        var header = lines[0].Split(',')
            .Select((name, index) => $"\"{(index % 2 == 0 ? name.ToUpperInvariant() : name.ToLowerInvariant())}\"");

        var load = await site.LoadAsync($"\uFEFF{string.Join(',', header)}{end}{lines[1]}{end}");

        await IsLoadedAsync(load, rows: 1);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(88)]
    [InlineData(89, "Op")]
    [InlineData(89, "CompleteStatus")]
    [InlineData(90, "AdministrationCondition", "CompleteStatus")]
    [InlineData(91, "Op", "CompleteStatus", "AdministrationCondition")]
    [CatalogueCase("I01")]
    public async Task Optional_columns_may_be_absent_and_all_may_stand_in_any_order(
        int columns, params string[] optional)
    {
        string[] headers = [.. optional, .. LandingCsv.Headers.Take(88).Reverse()];

        var load = await site.LoadAsync(LandingCsv.Select(NewCsv(), headers));

        Assert.Equal(columns, headers.Length);
        await IsLoadedAsync(load, rows: 1);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_generated_file_with_bare_CR_loads_whole()
    {
        using var generated = new MemoryStream();
        var options = new LandingOptions { Students = 500, StateCode = "WY" };
        LandingFiles.WriteCsv(options, generated);
        using var json = new MemoryStream();
        LandingFiles.WriteJson(options, json);
        var csv = Encoding.UTF8.GetString(generated.ToArray()).Replace('\n', '\r');

        var load = await site.LoadAsync(Encoding.UTF8.GetString(json.ToArray()), csv);

        await IsLoadedAsync(load, rows: 500);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_same_bytes_again_are_answered_as_a_duplicate_and_load_nothing()
    {
        await site.StartAsync();
        var file = await site.Keys.SealAsync(await LandingTar.PackAsync(LandingJson.File(), NewCsv(rows: 2)));
        var first = await site.EndAsync(await site.DeliverAsync(file));

        var name = await site.DeliverAsync(file);
        var second = await site.EndAsync(name);

        Assert.Equal(("duplicate", first.Id), (second.Outcome, second.DuplicateOf!.Value));
        Assert.False(await site.HasSchemaAsync(second));
        Assert.Empty(await site.FromStatsAsync<string>(
            $"SELECT load_status FROM udl_stats WHERE batch_guid = '{second.Id}'"));
        var receipt = site.Receipt(name);
        Assert.Equal("duplicate", receipt.GetProperty("outcome").GetString());
        Assert.Equal(first.Id, receipt.GetProperty("duplicate_of").GetGuid());
        Assert.Equal(2, receipt.GetProperty("rows").GetProperty("loaded").GetInt64());
        Assert.Empty(site.Files("arrivals"));
        Assert.Empty(site.Files("work"));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_refused_file_may_be_sent_again()
    {
        await site.StartAsync();
        var file = await site.Keys.SealAsync(await LandingTar.PackAsync(LandingJson.File(), NewCsv()));
        await site.EndAsync(await site.DeliverAsync(file, done: "wrong"));

        await IsLoadedAsync(await site.EndAsync(await site.DeliverAsync(file)), rows: 1);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_file_that_is_still_written_is_left_alone()
    {
        await site.StartAsync();
        var folder = Directory.CreateDirectory(
            Path.Combine(site.Landing, "arrivals", "wy", "demo", "file_drop")).FullName;
        var partial = Path.Combine(folder, "slow.tar.gz.gpg.partial");
        await File.WriteAllTextAsync(partial, "half a file", TestContext.Current.CancellationToken);

        await site.LoadAsync(NewCsv());

        Assert.True(File.Exists(partial));
        File.Delete(partial);
    }

    /// <summary>A file of students that no other test has.</summary>
    private static string NewCsv(int rows = 1) =>
        LandingCsv.File(Enumerable.Range(0, rows)
            .Select(_ => LandingCsv.Row($"student {Interlocked.Increment(ref students)}")));

    private async Task IsLoadedAsync(EndedLoad load, long rows)
    {
        Assert.Equal(
            ("ingested", (int?)null, (long?)rows, (long?)rows, (long?)0),
            (load.Outcome, load.FaultCode, load.RowsReceived, load.RowsLoaded, load.RowsRejected));
        Assert.Equal(rows, await site.CountInBatchAsync(load, "fact_asmt_outcome_vw"));
        Assert.Equal(rows, await site.CountInBatchAsync(load, "fact_asmt_outcome"));
        Assert.Equal(rows, await site.CountInBatchAsync(load, "dim_student"));
        Assert.Equal(LoadStatus.Ingested, await site.StatusAsync(load));
        Assert.Empty(site.Files("work"));
    }
}
