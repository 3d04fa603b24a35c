using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Smarter.Loader.Batches;
using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Loads;
using Smarter.Testing;

namespace Smarter.Loader.Tests.Batches;

/// <summary>What the site can show of a load.</summary>
public sealed class SubmissionsTests(LandingKeys keys) : IAsyncLifetime
{
    private readonly LoaderSite site = new(keys);

    private Submissions Submissions =>
        new(site.Database.As(DatabaseRole.Loader), TimeProvider.System, NullLogger<Submissions>.Instance);

    public ValueTask InitializeAsync() => site.InitializeAsync();

    public ValueTask DisposeAsync() => site.DisposeAsync();

    [Fact(Timeout = 60_000)]
    public async Task The_receipt_that_the_submitter_gets_stands_there_in_the_end()
    {
        await site.StartAsync();
        var name = await site.DeliverAsync(await keys.SealAsync(await LandingTar.PackAsync(
            LandingJson.File(), LandingCsv.File(LandingCsv.Row("ann"), LandingCsv.Row("bob", ("Sex", "?"))))));
        var load = await site.EndAsync(name);

        Assert.Equal([$"{load.Id} demo {name} ended 100 2 ingested"], await site.FromStatsAsync<string>("""
            SELECT concat_ws(' ', submission_id, submitter, file_name, stage, percent, rows_read, outcome)
              FROM submission
            """));
        var shown = JsonNode.Parse((await site.FromStatsAsync<string>("SELECT receipt::text FROM submission")).Single());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(site.Receipt(name).GetRawText()), shown));
    }

    [Fact(Timeout = 60_000)]
    public async Task Reading_shows_percentage_rows_rate_and_time_left_and_no_delay_any_more()
    {
        var file = ArrivedFile();
        await Submissions.RecordArrivedAsync(file, default);
        await Submissions.RecordDelayAsync(file.Id, "The disk is full.", default);
        Assert.Equal(["waiting The disk is full."], await site.FromStatsAsync<string>(
            "SELECT concat_ws(' ', stage, delayed_by) FROM submission"));

        await using (Submissions.FollowReading(
            file.Id, () => new ReadingProgress(Bytes: 50, OfBytes: 100, Rows: 7000), Submissions.ReadingOfLoad))
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            while ((await site.FromStatsAsync<bool>("SELECT rows_per_second IS NULL FROM submission")).Single())
                await Task.Delay(50, limit.Token);
        }

        Assert.Equal(["reading 40 7000 true true -"], await site.FromStatsAsync<string>("""
            SELECT concat_ws(' ', stage, percent, rows_read, (rows_per_second BETWEEN 1 AND 7000)::text,
                             (seconds_left > 0)::text, coalesce(delayed_by, '-')) FROM submission
            """));
    }

    [Theory]
    [InlineData(500, 0, 0, 50)]
    [InlineData(1000, 0, 8000, 100)]
    [InlineData(1000, 4000, 8000, 550)]
    [InlineData(1000, 8000, 8000, 1000)]
    public void A_CSV_that_waits_for_its_JSON_is_copied_first_and_read_then(
        long bytes, long csvBytes, long ofCsvBytes, long expected)
    {
        var progress = new ReadingProgress(bytes, OfBytes: 1000, Rows: 0).WithKeptCsv(csvBytes, ofCsvBytes);

        Assert.Equal(expected, progress.Bytes);
    }

    [Fact(Timeout = 60_000)]
    public async Task Progress_that_cannot_be_written_holds_nothing_up()
    {
        await using (var stats = await site.Database.Owner.Stats.OpenConnectionAsync())
            await stats.ExecuteAsync("ALTER TABLE submission RENAME TO away");

        await Submissions.RecordArrivedAsync(ArrivedFile(), default);
        await Submissions.RecordFinishingAsync(Guid.NewGuid(), default);
        await using (Submissions.FollowReading(
            Guid.NewGuid(), () => new ReadingProgress(1, 1, 1), Submissions.ReadingOfLoad))
            await Task.Delay(50);
    }

    private static LoadFile ArrivedFile() => new(
        Guid.NewGuid(), "wy", "demo", "x.tar.gz.gpg", "/x", "x", new string('0', 32), 100, DateTime.UnixEpoch,
        LoadStage.Arrived, null, null, null, null, null, null, null, null);
}
