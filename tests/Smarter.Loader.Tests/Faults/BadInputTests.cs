using System.Diagnostics;
using System.Globalization;
using System.Text;
using Smarter.Core;
using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Loads;

namespace Smarter.Loader.Tests.Faults;

/// <summary>Rows and values in odd forms: what is right loads as it stands, what is wrong costs its own row.</summary>
[CatalogueCase]
public sealed class BadInputTests(LoaderSite site) : IClassFixture<LoaderSite>
{
    private const string Score = "AssessmentSubtestResultScoreValue";
    private const string Taken = "AssessmentAdministrationFinishDate";

    [Theory(Timeout = 60_000)]
    [InlineData("columns in another order", Traits = ["Case", "I01"])]
    [InlineData("columns in another case", Traits = ["Case", "I01"])]
    [InlineData("a byte order mark", Traits = ["Case", "I01"])]
    public async Task A_good_header_may_have(string form)
    {
        var csv = LandingCsv.File(LandingCsv.Row($"header {form}"));

        var load = await site.LoadAsync(form switch
        {
            "columns in another order" => LandingCsv.Select(csv, [.. LandingCsv.Headers.Reverse()]),
            "columns in another case" =>
                csv.Replace(LandingCsv.HeaderLine, LandingCsv.HeaderLine.ToUpperInvariant(), StringComparison.Ordinal),
            _ => "\uFEFF" + csv,
        });

        Assert.Equal(("ingested", (long?)1), (load.Outcome, load.RowsLoaded));
        Assert.Equal(["2451"], await ColumnAsync(load, "asmt_score::text"));
    }

    [Fact(Timeout = 60_000)]
    [CatalogueCase("I03")]
    public async Task A_row_that_is_none_is_rejected_with_its_number_and_spares_its_neighbours()
    {
        await site.LoadAsync(LandingCsv.File(LandingCsv.Row("warm")));
        var large = new string('x', 1 << 20);
        var before = Process.GetCurrentProcess().WorkingSet64;

        var load = await site.LoadAsync(LandingCsv.File(
            LandingCsv.Row("first"),
            "WY,D1,S1",
            LandingCsv.Row("large", ("FirstName", large)),
            LandingCsv.Row("nul", ("FirstName", "I\0ris")),
            LandingCsv.Row("cr").Replace("Iris", "I\rris", StringComparison.Ordinal),
            LandingCsv.Row("open").Replace("Iris", "\"Iris", StringComparison.Ordinal),
            string.Join(',', Enumerable.Repeat("1", 5000)),
            LandingCsv.Row("last")));

        Assert.Equal(
            ((long?)8, (long?)2, (long?)6), (load.RowsReceived, load.RowsLoaded, load.RowsRejected));
        Assert.Equal([2, 3, 4, 5, 6, 7], (await site.ErrorsAsync(load)).Select(error => Number(error.Split(' ')[0])));
        Assert.Equal(
            [ErrorCode.RowWidth, ErrorCode.RowTooLong, ErrorCode.CharacterNotAllowed, ErrorCode.CharacterNotAllowed,
                ErrorCode.QuoteUnbalanced, ErrorCode.RowWidth],
            (await site.ErrorsAsync(load)).Select(error => (ErrorCode)Number(error.Split(' ')[1])));
        Assert.Equal(["first", "last"], await ColumnAsync(load, "student_id"));
        Assert.InRange(Process.GetCurrentProcess().WorkingSet64 - before, long.MinValue, 200 << 20);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(Taken, "2016-02-31", "5106", null)]
    [InlineData(Taken, "31 Feb 2016", "5106", null)]
    [InlineData(Taken, "4/3/99", "5106", null)]
    [InlineData(Taken, "99991231", null, "99991231")]
    [InlineData(Taken, "٢٠١٦٠٤١٢", "5106", null)]
    [InlineData("Birthdate", "4/3/99", null, "19990403")]
    [InlineData("Birthdate", "9999-12-31", "5106", null)]
    [InlineData(Score, "99999", "5105", null)]
    [InlineData(Score, "1e3", "5104", null)]
    [InlineData(Score, "+5", null, "5")]
    [InlineData(Score, "12.5", "5104", null)]
    [InlineData(Score, "٢٤٥١", "5104", null)]
    [CatalogueCase("I04")]
    public async Task A_date_or_number_is_what_the_rule_says_or_an_error(
        string column, string value, string? code, string? stored)
    {
        var load = await site.LoadAsync(LandingCsv.File(
            LandingCsv.Row("beside"), LandingCsv.Row("odd", (column, value))));

        Assert.Equal(code is null ? [] : [$"2 {code} {column}"], await site.ErrorsAsync(load));
        var kept = await site.FromStagingAsync<string>($"""
            SELECT {(column == Score ? "asmt_score::text" : column == Taken ? "date_taken" : "birthdate")}
              FROM "{load.Id}".fact_asmt_outcome_vw fact
              LEFT JOIN "{load.Id}".dim_student student USING (student_rec_id)
             WHERE fact.student_id = 'odd'
            """);
        Assert.Equal(stored is null ? [] : [stored], kept);
    }

    [Fact(Timeout = 60_000)]
    [CatalogueCase("I06")]
    public async Task One_student_told_in_several_ways_is_one_student_and_a_warning_each()
    {
        var name = await DeliverAsync(
            LandingCsv.Row("two schools", (Taken, "20160401")),
            LandingCsv.Row("two schools", (Taken, "20160402"), ("ResponsibleSchoolIdentifier", "S2")),
            LandingCsv.Row("two births", (Taken, "20160401")),
            LandingCsv.Row("two births", (Taken, "20160402"), ("Birthdate", "2007-02-15")),
            LandingCsv.Row("two spellings", (Taken, "20160401")),
            LandingCsv.Row("two spellings", (Taken, "20160402"), ("FirstName", "Íris")));
        var load = await site.EndAsync(name);

        Assert.Equal(((long?)6, (long?)6), (load.RowsReceived, load.RowsLoaded));
        Assert.Equal(3, await site.CountInBatchAsync(load, "dim_student"));
        Assert.Equal(["S1", "S2"], await site.FromStagingAsync<string>(
            $"SELECT school_id FROM \"{load.Id}\".fact_asmt_outcome_vw WHERE student_id = 'two schools' ORDER BY 1"));
        Assert.Equal(["20070215", "Íris"], await site.FromStagingAsync<string>($"""
            SELECT CASE student_id WHEN 'two births' THEN birthdate ELSE first_name END FROM "{load.Id}".dim_student
             WHERE student_id <> 'two schools' ORDER BY student_id
            """));
        Assert.Equal(["4 5121", "6 5121"], await site.ErrorsAsync(load)); // two schools are no contradiction
        Assert.Contains("5121", site.Receipt(name).ToString(), StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    [CatalogueCase("I07")]
    public async Task A_file_in_another_tenants_zone_is_refused_and_writes_nothing_there()
    {
        await site.StartAsync();
        var tar = await LandingTar.PackAsync(LandingJson.File(), LandingCsv.File(LandingCsv.Row("strayed")));

        var signed = await site.EndAsync(await site.DeliverAsync(await site.Keys.SealAsync(tar), "nc"));
        var signedThere = await site.EndAsync(
            await site.DeliverAsync(await site.Keys.SealAsync(tar, LandingKeys.Carolina), "nc"));

        Assert.Equal(
            [(int?)ErrorCode.SignerNotTrusted, (int?)ErrorCode.WrongState],
            new[] { signed.FaultCode, signedThere.FaultCode });
        foreach (var load in new[] { signed, signedThere })
        {
            Assert.False(await site.HasSchemaAsync(load, "nc"));
            Assert.False(await site.HasSchemaAsync(load, "wy"));
        }
    }

    /// <summary>The loader's part; reports and PDF come with their issues.</summary>
    [Theory(Timeout = 60_000)]
    [InlineData("O'Brien")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("\U0001F99C\U0001F3FD‍❤️")]
    [InlineData("\u200Fמרים\u200E \u202Eabc\u202C")]
    [CatalogueCase("I09")]
    public async Task A_name_is_stored_byte_by_byte(string name)
    {
        var load = await site.LoadAsync(LandingCsv.File(LandingCsv.Row("named", ("FirstName", name))));

        Assert.Equal([Convert.ToHexStringLower(Encoding.UTF8.GetBytes(name))], await site.FromStagingAsync<string>(
            $"SELECT encode(first_name::bytea, 'hex') FROM \"{load.Id}\".dim_student"));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("FirstName", 35)]
    [InlineData("OrganizationName", 60)]
    [InlineData("NameOfInstitution", 60)]
    [CatalogueCase("I09")]
    public async Task A_name_exactly_as_long_as_its_column_loads_and_one_longer_is_a_row_error(string column, int longest)
    {
        var fits = string.Concat(Enumerable.Repeat("\U0001F99C", longest)); // characters, not bytes

        var load = await site.LoadAsync(LandingCsv.File(
            LandingCsv.Row("fits", (column, fits), ("ResponsibleSchoolIdentifier", "S9")),
            LandingCsv.Row("too long", (column, fits + "x"))));

        Assert.Equal([$"2 {(int)ErrorCode.ValueTooLong} {column}"], await site.ErrorsAsync(load));
        Assert.Equal(1, load.RowsLoaded);
        Assert.Equal([fits], await site.FromStagingAsync<string>(column switch
        {
            "FirstName" => $"SELECT first_name FROM \"{load.Id}\".dim_student",
            "OrganizationName" => $"SELECT district_name FROM \"{load.Id}\".dim_inst_hier WHERE school_id = 'S9'",
            _ => $"SELECT school_name FROM \"{load.Id}\".dim_inst_hier WHERE school_id = 'S9'",
        }));
    }

    /// <summary>Only blanks around a value are trimmed (loader.md §5.2); a tab belongs to it.</summary>
    [Fact(Timeout = 60_000)]
    [CatalogueCase("I04")]
    public async Task Blanks_around_a_number_are_dropped_and_a_tab_is_an_error()
    {
        var load = await site.LoadAsync(LandingCsv.File(
            LandingCsv.Row("blanks", (Score, "  2451 ")), LandingCsv.Row("tab", (Score, "\t2451"))));

        Assert.Equal([$"2 5104 {Score}"], await site.ErrorsAsync(load));
    }

    [Fact(Timeout = 60_000)]
    [CatalogueCase("C05")]
    public async Task The_same_rows_in_any_OpenPGP_form_are_the_same_facts()
    {
        await site.StartAsync();
        var tar = await LandingTar.PackAsync(
            LandingJson.File(), LandingCsv.File(Enumerable.Range(0, 20).Select(number => LandingCsv.Row($"s{number}"))));
        string[][] forms = [[], ["--armor"], ["--compress-algo", "zlib"], ["--rfc4880"]];
        var sums = new HashSet<string>();
        foreach (var form in forms)
        {
            var load = await site.EndAsync(
                await site.DeliverAsync(await site.Keys.SealAsync(tar, LandingKeys.Wyoming, form)));
            sums.Add((await site.FromStagingAsync<string>($"""
                SELECT md5(string_agg(student_id || asmt_score || date_taken || school_id, ',' ORDER BY student_id))
                  FROM "{load.Id}".fact_asmt_outcome_vw
                """)).Single());
        }

        Assert.Single(sums);
    }

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    private async Task<string> DeliverAsync(params string[] rows)
    {
        await site.StartAsync();
        return await site.DeliverAsync(await site.Keys.SealAsync(
            await LandingTar.PackAsync(LandingJson.File(), LandingCsv.File(rows))));
    }

    private Task<string[]> ColumnAsync(EndedLoad load, string column) => site.FromStagingAsync<string>(
        $"SELECT {column} FROM \"{load.Id}\".fact_asmt_outcome_vw ORDER BY src_file_rec_num");
}
