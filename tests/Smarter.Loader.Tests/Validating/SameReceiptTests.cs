using System.Text.Json;
using System.Text.Json.Nodes;
using Smarter.Core;
using Smarter.Loader.Finishing;
using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Loads;
using Smarter.SampleData.Landing;

namespace Smarter.Loader.Tests.Validating;

/// <summary>A check tells what a load tells, and both find just what is wrong.</summary>
public sealed class SameReceiptTests(LoaderSite site) : IClassFixture<LoaderSite>
{
    /// <summary>The code that each kind of planted fault must get.</summary>
    private static readonly Dictionary<string, ErrorCode> CodeOf = new()
    {
        ["impossible_date"] = ErrorCode.DateInvalid,
        ["not_a_date"] = ErrorCode.DateInvalid,
        ["impossible_birthdate"] = ErrorCode.DateInvalid,
        ["unknown_gender"] = ErrorCode.ValueUnknown,
        ["too_long"] = ErrorCode.ValueTooLong,
        ["missing_required"] = ErrorCode.ValueMissing,
        ["unknown_grade"] = ErrorCode.ValueUnknown,
        ["unknown_subject"] = ErrorCode.ValueUnknown,
        ["unknown_type"] = ErrorCode.ValueUnknown,
        ["not_a_boolean"] = ErrorCode.ValueUnknown,
        ["fraction"] = ErrorCode.NotAnInteger,
        ["not_a_number"] = ErrorCode.NotAnInteger,
        ["number_too_large"] = ErrorCode.NumberOutOfRange,
        ["number_too_small"] = ErrorCode.NumberOutOfRange,
        ["year_of_two_digits"] = ErrorCode.NotAnInteger,
        ["future_birthdate"] = ErrorCode.DateInvalid,
        ["unknown_operation"] = ErrorCode.ValueUnknown,
        ["unknown_condition"] = ErrorCode.ValueUnknown,
        ["unknown_completeness"] = ErrorCode.ValueUnknown,
        ["too_few_cells"] = ErrorCode.RowWidth,
        ["too_many_cells"] = ErrorCode.RowWidth,
    };

    private sealed record Planted(long Row, string? Column, string Kind);

    [Fact(Timeout = 120_000)]
    public async Task The_receipt_of_a_spoiled_file_lists_every_planted_row_and_no_other()
    {
        await site.StartAsync();
        var (json, csv, planted) = Spoiled(students: 2000, errorPercent: 5);
        var file = await site.Keys.SealAsync(await LandingTar.PackAsync(json, csv));

        var name = await site.DeliverAsync(file);
        var load = await site.EndAsync(name);
        var check = await OfflineCheck.RunAsync(site.Keys, file, name);

        Assert.Equal(planted.Length, load.RowsRejected);
        Assert.Equal(
            planted.Select(fault => $"\"{name}\",{fault.Row},{fault.Column},{(int)CodeOf[fault.Kind]}"),
            site.ReceiptLines(name).Skip(1).Select(line => string.Join(',', line.Split(',').Take(4))));
        Assert.Equal(
            planted.GroupBy(fault => (Code: CodeOf[fault.Kind], fault.Column))
                .OrderByDescending(cause => cause.Count())
                .ThenBy(cause => cause.Key.Code)
                .ThenBy(cause => cause.Key.Column, StringComparer.Ordinal)
                .Select(cause => $"{cause.Key} {cause.Count()} {string.Join(' ', cause.Take(10).Select(fault => fault.Row))}"),
            check.Errors.Select(cause =>
                $"{((ErrorCode)cause.Code, cause.Column)} {cause.Rows} {string.Join(' ', cause.FirstRows)}"));
        AssertSame(site.Receipt(name), check);
        Assert.Equal("accepted", check.Outcome);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_check_finds_repeated_outcomes_and_students_described_twice()
    {
        await site.StartAsync();
        var csv = LandingCsv.File(
            LandingCsv.Row("ann", ("FirstName", "Ann")), LandingCsv.Row("bob"),
            LandingCsv.Row("ann", ("FirstName", "Anna")), LandingCsv.Row("cy", ("Sex", "?")),
            LandingCsv.Row("ann", ("FirstName", "Anna"), ("AssessmentAdministrationFinishDate", "20160501")),
            LandingCsv.Row("bob"));
        // the CSV first: it waits for its JSON
        var file = await site.Keys.SealAsync(await LandingTar.PackAsync(
            LandingTar.Member("x.csv", csv), LandingTar.Member("x.json", LandingJson.File())));

        var name = await site.DeliverAsync(file);
        await site.EndAsync(name);
        var check = await OfflineCheck.RunAsync(site.Keys, file, name);

        Assert.Equal(new ReceiptRows(Received: 6, Loaded: 3, Rejected: 1, Superseded: 2), check.Rows);
        Assert.Equal(
            ["5120: 1 2", "5121: 5"],
            check.Notes.Select(note => $"{note.Code}: {string.Join(' ', note.FirstRows)}"));
        AssertSame(site.Receipt(name), check);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_file_without_a_good_row_gets_the_same_receipt()
    {
        await site.StartAsync();
        var file = await site.Keys.SealAsync(await LandingTar.PackAsync(
            LandingJson.File(), LandingCsv.File(LandingCsv.Row("ann", ("Sex", "?")), LandingCsv.Row("bob", ("Op", "?")))));

        var name = await site.DeliverAsync(file);
        await site.EndAsync(name);
        var check = await OfflineCheck.RunAsync(site.Keys, file, name);

        Assert.Equal((int)ErrorCode.BatchFailed, check.Fault!.Code);
        Assert.Equal(new ReceiptRows(Received: 2, Loaded: 0, Rejected: 2, Superseded: 0), check.Rows);
        AssertSame(site.Receipt(name), check);
    }

    [Fact]
    public async Task Deletes_are_noted_and_one_outcome_that_is_deleted_twice_is_a_fault()
    {
        string[] update = [LandingCsv.Row("ann", ("Op", "D")), LandingCsv.Row("ann")];
        var once = await LandingTar.PackAsync(LandingJson.File(), LandingCsv.File(update));
        var twice = await LandingTar.PackAsync(
            LandingJson.File(), LandingCsv.File([.. update, LandingCsv.Row("ann", ("Op", "D"))]));

        var accepted = await OfflineCheck.RunAsync(site.Keys, once, "check.tar.gz");
        var failed = await OfflineCheck.RunAsync(site.Keys, twice, "check.tar.gz");

        Assert.Equal(("accepted", 2), (accepted.Outcome, accepted.Rows.Loaded));
        Assert.Equal([(int)ErrorCode.DeletesNotChecked], accepted.Notes.Select(note => note.Code));
        Assert.Equal((int)ErrorCode.DeletedTwice, failed.Fault!.Code);
        Assert.Equal([3L], Assert.Single(failed.Errors).FirstRows);
    }

    private static void AssertSame(JsonElement ofLoad, Receipt ofCheck)
    {
        Assert.Equal(Comparable(ofLoad.GetRawText()), Comparable(ofCheck.ToJson()));
    }

    /// <summary>Without what must differ.</summary>
    private static string Comparable(string receipt)
    {
        var members = JsonNode.Parse(receipt)!.AsObject();
        foreach (var own in new[] { "batch_guid", "arrived_at", "ended_at" })
            members.Remove(own);
        if ((string?)members["outcome"] == "ingested")
            members["outcome"] = "accepted";
        return members.ToJsonString();
    }

    private static (string Json, string Csv, Planted[] Planted) Spoiled(long students, double errorPercent)
    {
        var folder = Directory.CreateTempSubdirectory("spoiled-");
        try
        {
            var file = LandingFiles.GenerateOne(
                new LandingOptions { Students = students, StateCode = "WY", ErrorPercent = errorPercent },
                folder.FullName);
            using var list = JsonDocument.Parse(File.ReadAllText(file.PlantedPath!));
            return (File.ReadAllText(file.JsonPath), File.ReadAllText(file.CsvPath),
                [.. list.RootElement.GetProperty("planted").EnumerateArray().Select(fault => new Planted(
                    fault.GetProperty("row").GetInt64(), fault.GetProperty("column").GetString(),
                    fault.GetProperty("kind").GetString()!))]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
