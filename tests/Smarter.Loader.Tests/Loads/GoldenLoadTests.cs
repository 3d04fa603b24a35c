using Smarter.Loader.Tests.Landing;

namespace Smarter.Loader.Tests.Loads;

/// <summary>
/// Small files with everything that must come of them beside them:
/// each folder below <c>Golden</c> holds <c>input.csv</c>, <c>input.json</c> and <c>expected.txt</c>.
/// Ids, dates of the load and the batch's name are left out.
/// </summary>
public sealed class GoldenLoadTests(LandingKeys keys) : IAsyncLifetime
{
    private static readonly (string Table, string Key, string Order)[] StarTables =
    [
        ("dim_asmt", "asmt_rec_id", "1"),
        ("dim_inst_hier", "inst_hier_rec_id", "school_id"),
        ("dim_student", "student_rec_id", "student_id"),
        ("fact_asmt_outcome_vw", "asmt_outcome_vw_rec_id", "src_file_rec_num"),
        ("fact_asmt_outcome", "asmt_outcome_rec_id", "student_id"),
        ("fact_block_asmt_outcome", "asmt_outcome_rec_id", "src_file_rec_num"),
    ];

    private static readonly (string Table, string Key, string Order)[] RegistrationTables =
        [("student_reg", "student_reg_rec_id", "src_file_rec_num")];

    private readonly LoaderSite site = new(keys);

    public ValueTask InitializeAsync() => site.InitializeAsync();

    public ValueTask DisposeAsync() => site.DisposeAsync();

    [Theory(Timeout = 60_000)]
    [InlineData("summative")]
    [InlineData("interim-blocks")]
    [InlineData("bad-rows")]
    [InlineData("registration")]
    public async Task A_file_becomes_the_rows_errors_and_receipt_that_stand_beside_it(string golden)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Golden", golden);
        await site.StartAsync();

        var load = await site.LoadAsync(
            await File.ReadAllTextAsync(Path.Combine(folder, "input.json")),
            await File.ReadAllTextAsync(Path.Combine(folder, "input.csv")));

        var actual = Path.Combine(folder, "actual.txt");
        var tables = golden == "registration" ? RegistrationTables : StarTables;
        await File.WriteAllLinesAsync(actual, await LinesAsync(load, tables));
        Assert.True(
            await File.ReadAllTextAsync(Path.Combine(folder, "expected.txt")) == await File.ReadAllTextAsync(actual),
            $"Compare {Path.Combine(folder, "expected.txt")} with {actual}.");
    }

    private async Task<IEnumerable<string>> LinesAsync(
        EndedLoad load, (string Table, string Key, string Order)[] tables)
    {
        var lines = new List<string>();
        foreach (var (table, key, order) in tables)
        {
            lines.Add($"-- {table}");
            lines.AddRange(await site.FromStagingAsync<string>($"""
                SELECT jsonb_strip_nulls(
                           to_jsonb(line) - array['{key}', 'asmt_rec_id', 'student_rec_id',
                                                  'inst_hier_rec_id', 'from_date', 'batch_guid'])::text
                  FROM "{load.Id}".{table} line ORDER BY {order}
                """));
        }
        lines.Add("-- err_list");
        lines.AddRange(await site.ErrorsAsync(load));
        lines.Add("-- receipt");
        var receipt = site.Receipt("1.tar.gz.gpg");
        lines.AddRange(new[] { "outcome", "fault", "rows", "errors", "notes" }
            .Select(member => $"{member}: {receipt.GetProperty(member).GetRawText()}"));
        lines.AddRange(site.ReceiptLines("1.tar.gz.gpg"));
        return lines;
    }
}
