using System.Diagnostics;
using System.Formats.Tar;
using Smarter.Core;
using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Validating;

namespace Smarter.Loader.Tests.Loads;

/// <summary>Files that cannot be loaded as a whole: each leaves its own code everywhere, and nothing else.</summary>
public sealed class RefusedFileTests(LoaderSite site) : IClassFixture<LoaderSite>
{
    private static readonly string GoodCsv = LandingCsv.File(LandingCsv.Row("ann"));

    /// <summary>What is delivered, by the name of the case.</summary>
    private static readonly Dictionary<string, Func<LandingKeys, Task<byte[]>>> Deliveries = new()
    {
        ["a truncated message"] = async keys => (await GoodAsync(keys))[..^200],
        ["a message with a flipped byte"] = async keys => Flipped(await GoodAsync(keys)),
        ["a text"] = _ => Task.FromResult("StateAbbreviation,Sex\nWY,F\n"u8.ToArray()),
        ["nothing"] = _ => Task.FromResult(Array.Empty<byte>()),
        ["a tar.gz that is not encrypted"] = async _ => await GoodTarAsync(),
        ["an unsigned file"] = async keys => await keys.SealAsync(await GoodTarAsync(), signer: null),
        ["a file signed by a stranger"] = async keys =>
            await keys.SealAsync(await GoodTarAsync(), LandingKeys.Stranger),
        ["a file signed for another tenant"] = async keys =>
            await keys.SealAsync(await GoodTarAsync(), LandingKeys.Carolina),
        ["a file signed with an expired key"] = async keys =>
            await keys.SealAsync(await GoodTarAsync(), LandingKeys.Expired),
        ["a signed text"] = async keys => await keys.SealAsync("no archive"u8.ToArray()),
        ["a truncated gzip in a good message"] = async keys => await keys.SealAsync((await GoodTarAsync())[..^40]),
        ["a gzip with a flipped byte"] = async keys => await keys.SealAsync(Flipped(await GoodTarAsync())),
        ["a gzip without a tar"] = async keys => await keys.SealAsync(await LandingTar.PackAsync()),
        ["a name that climbs out"] = keys => TarAsync(keys, Json(), LandingTar.Member("../escaped.csv", GoodCsv)),
        ["a name that climbs out half-way"] = keys =>
            TarAsync(keys, Json(), LandingTar.Member("a/../../escaped.csv", GoodCsv)),
        ["an absolute name"] = keys => TarAsync(keys, Json(), LandingTar.Member("/tmp/escaped.csv", GoodCsv)),
        ["a folder that climbs out"] = keys => TarAsync(keys, LandingTar.Folder("../escaped/"), Json(), Csv()),
        ["a symbolic link"] = keys =>
            TarAsync(keys, Json(), LandingTar.Link(TarEntryType.SymbolicLink, "x.csv", "/etc/passwd")),
        ["a hard link"] = keys =>
            TarAsync(keys, Json(), LandingTar.Link(TarEntryType.HardLink, "x.csv", "wy-math.json")),
        ["a named pipe"] = keys => TarAsync(keys, Json(), new PaxTarEntry(TarEntryType.Fifo, "x.csv")),
        ["two CSVs"] = keys => TarAsync(keys, Json(), Csv(), LandingTar.Member("second.csv", GoodCsv)),
        ["two JSONs"] = keys => TarAsync(keys, Json(), LandingTar.Member("second.json", LandingJson.File()), Csv()),
        ["no JSON"] = keys => TarAsync(keys, Csv()),
        ["no CSV"] = keys => TarAsync(keys, Json()),
        ["only errors of the batcher"] = keys =>
            TarAsync(keys, Json(), LandingTar.Member("x.err", """{"content": "error"}""")),
        ["a third file"] = keys => TarAsync(keys, Json(), Csv(), LandingTar.Member("readme.txt", "hello")),
        ["seventeen folders"] = keys =>
            TarAsync(keys,
                [.. Enumerable.Range(0, 17).Select(number => LandingTar.Folder($"f{number}/")), Json(), Csv()]),
        ["a JSON of two megabytes"] = keys =>
            TarAsync(keys, LandingTar.Member("x.json", new string(' ', 2 << 20)), Csv()),
        ["a JSON that cannot be parsed"] = keys => TarAsync(keys, LandingTar.Member("x.json", "{"), Csv()),
        ["a JSON without a path"] = keys => JsonAsync(keys, LandingJson.File(("Overall.MinScore", null))),
        ["a JSON of another load type"] = keys => JsonAsync(keys, LandingJson.File(("Content", "StudentRegistration"))),
        ["a JSON with an impossible date"] = keys =>
            JsonAsync(keys, LandingJson.File(("Identification.EffectiveDate", "20160431"))),
        ["an err file that cannot be parsed"] = keys => TarAsync(keys, Json(), Csv(), LandingTar.Member("x.err", "{")),
        ["an empty CSV"] = keys => CsvAsync(keys, ""),
        ["a header alone"] = keys => CsvAsync(keys, LandingCsv.File()),
        ["semicolons"] = keys => CsvAsync(keys, GoodCsv.Replace(',', ';')),
        ["a missing column"] = keys => CsvAsync(keys, LandingCsv.Select(GoodCsv, [.. LandingCsv.Headers.Skip(1)])),
        ["no header line"] = keys => CsvAsync(keys, LandingCsv.Row("ann") + "\n"),
        ["a column twice"] = keys => CsvAsync(keys, LandingCsv.Select(GoodCsv, [.. LandingCsv.Headers, "Op"])),
        ["a first row that is too short"] = keys => CsvAsync(keys, LandingCsv.HeaderLine + "\nWY,D1,S1\n"),
        ["a row of another state"] = keys =>
            CsvAsync(keys, LandingCsv.File(LandingCsv.Row("ann"), LandingCsv.Row("bob", ("StateAbbreviation", "NC")))),
        ["a row of another assessment"] = keys =>
            CsvAsync(keys, LandingCsv.File(LandingCsv.Row("ann"), LandingCsv.Row("bob", ("AssessmentGuid", "other")))),
        ["bad rows only"] = keys => CsvAsync(keys, LandingCsv.File(LandingCsv.Row("ann", ("Sex", "?")))),
        ["a delete of an unknown outcome"] = keys =>
            CsvAsync(keys, LandingCsv.File(LandingCsv.Row("ann", ("Op", "D")))),
    };

    [Theory(Timeout = 20_000)]
    [InlineData("a truncated message", ErrorCode.CannotDecrypt)]
    [InlineData("a message with a flipped byte", ErrorCode.CannotDecrypt)]
    [InlineData("a text", ErrorCode.CannotDecrypt)]
    [InlineData("nothing", ErrorCode.FileHasNoData)]
    [InlineData("a tar.gz that is not encrypted", ErrorCode.CannotDecrypt)]
    [InlineData("an unsigned file", ErrorCode.NotSigned)]
    [InlineData("a file signed by a stranger", ErrorCode.SignerNotTrusted)]
    [InlineData("a file signed for another tenant", ErrorCode.SignerNotTrusted)]
    [InlineData("a file signed with an expired key", ErrorCode.SignatureExpired)]
    [InlineData("a signed text", ErrorCode.ArchiveDamaged)]
    [InlineData("a truncated gzip in a good message", ErrorCode.ArchiveDamaged)]
    [InlineData("a gzip with a flipped byte", ErrorCode.ArchiveDamaged)]
    [InlineData("a gzip without a tar", ErrorCode.ArchiveDamaged)]
    [InlineData("a name that climbs out", ErrorCode.MemberNameUnsafe)]
    [InlineData("a name that climbs out half-way", ErrorCode.MemberNameUnsafe)]
    [InlineData("an absolute name", ErrorCode.MemberNameUnsafe)]
    [InlineData("a folder that climbs out", ErrorCode.MemberNameUnsafe)]
    [InlineData("a symbolic link", ErrorCode.MemberNotAFile)]
    [InlineData("a hard link", ErrorCode.MemberNotAFile)]
    [InlineData("a named pipe", ErrorCode.MemberNotAFile)]
    [InlineData("two CSVs", ErrorCode.MembersUnexpected)]
    [InlineData("two JSONs", ErrorCode.MembersUnexpected)]
    [InlineData("no JSON", ErrorCode.MembersUnexpected)]
    [InlineData("no CSV", ErrorCode.MembersUnexpected)]
    [InlineData("only errors of the batcher", ErrorCode.MembersUnexpected)]
    [InlineData("a third file", ErrorCode.FileTypeNotSupported)]
    [InlineData("seventeen folders", ErrorCode.ArchiveTooLarge)]
    [InlineData("a JSON of two megabytes", ErrorCode.ArchiveTooLarge)]
    [InlineData("a JSON that cannot be parsed", ErrorCode.JsonInvalid)]
    [InlineData("a JSON without a path", ErrorCode.JsonPathMissing)]
    [InlineData("a JSON of another load type", ErrorCode.LoadTypeUnknown)]
    [InlineData("a JSON with an impossible date", ErrorCode.JsonValueInvalid)]
    [InlineData("an err file that cannot be parsed", ErrorCode.JsonInvalid)]
    [InlineData("an empty CSV", ErrorCode.FileHasNoData)]
    [InlineData("a header alone", ErrorCode.FileHasNoData)]
    [InlineData("semicolons", ErrorCode.WrongDelimiter)]
    [InlineData("a missing column", ErrorCode.HeadersMismatch)]
    [InlineData("no header line", ErrorCode.NoHeaders)]
    [InlineData("a column twice", ErrorCode.DuplicateHeaders)]
    [InlineData("a first row that is too short", ErrorCode.HeadersMismatchData)]
    [InlineData("a row of another state", ErrorCode.WrongState)]
    [InlineData("a row of another assessment", ErrorCode.AssessmentGuidMismatch)]
    [InlineData("bad rows only", ErrorCode.BatchFailed)]
    [InlineData("a delete of an unknown outcome", ErrorCode.DeleteRecordNotFound)]
    public async Task A_file_that_cannot_be_loaded_leaves_its_code_and_nothing_else(string delivery, ErrorCode code)
    {
        await site.StartAsync();
        var file = await Deliveries[delivery](site.Keys);

        var name = await site.DeliverAsync(file);

        await IsRefusedAsync(name, file, code);
        if (code != ErrorCode.DeleteRecordNotFound) // needs production
            Assert.Equal((int)code, (await OfflineCheck.RunAsync(site.Keys, file)).Fault?.Code);
    }

    [Theory(Timeout = 20_000)]
    [InlineData("00000000000000000000000000000000 some name\n", ErrorCode.ChecksumWrong)]
    [InlineData("", ErrorCode.ChecksumAbsent)]
    public async Task A_file_without_its_checksum_is_refused_after_a_while(string done, ErrorCode code)
    {
        await site.StartAsync();
        var file = await site.Keys.SealAsync(await GoodTarAsync());

        var name = await site.DeliverAsync(file, done: done);

        await IsRefusedAsync(name, file, code);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_bomb_is_refused_in_five_seconds_and_with_flat_memory()
    {
        await site.StartAsync();
        await using var zeros = new ManyZeros(256L << 20);
        var file = await site.Keys.SealAsync(await LandingTar.PackAsync(Json(), LandingTar.Member("x.csv", zeros)));
        Assert.InRange(file.Length, 1, (256 << 20) / 900);
        GC.Collect();
        var before = Process.GetCurrentProcess().WorkingSet64;
        var watch = Stopwatch.StartNew();

        var name = await site.DeliverAsync(file);
        var load = await site.EndAsync(name);

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal((int)ErrorCode.ArchiveTooLarge, load.FaultCode);
        Assert.InRange(Process.GetCurrentProcess().WorkingSet64 - before, long.MinValue, 100 << 20);
        await IsRefusedAsync(name, file, ErrorCode.ArchiveTooLarge);
    }

    private static async Task<byte[]> GoodTarAsync() => await LandingTar.PackAsync(LandingJson.File(), GoodCsv);

    private static async Task<byte[]> GoodAsync(LandingKeys keys) => await keys.SealAsync(await GoodTarAsync());

    private static TarEntry Json() => LandingTar.Member("wy-math.json", LandingJson.File());

    private static TarEntry Csv() => LandingTar.Member("wy-math.csv", GoodCsv);

    private static async Task<byte[]> TarAsync(LandingKeys keys, params IEnumerable<TarEntry> entries) =>
        await keys.SealAsync(await LandingTar.PackAsync(entries));

    private static Task<byte[]> JsonAsync(LandingKeys keys, string json) =>
        TarAsync(keys, LandingTar.Member("x.json", json), Csv());

    private static Task<byte[]> CsvAsync(LandingKeys keys, string csv) =>
        TarAsync(keys, Json(), LandingTar.Member("x.csv", csv));

    private static byte[] Flipped(byte[] file)
    {
        file[file.Length * 2 / 3] ^= 0x10;
        return file;
    }

    private async Task IsRefusedAsync(string name, byte[] file, ErrorCode code)
    {
        var load = await site.EndAsync(name);
        Assert.Equal(("failed", (int?)code), (load.Outcome, load.FaultCode));
        Assert.Contains((await site.ErrorsAsync(load)).Select(error => $" {error} "),
            error => error.Contains($" {(int)code} ", StringComparison.Ordinal));
        Assert.Contains(await site.FromUdlAsync<string>($"""
            SELECT error_desc FROM udl_batch WHERE guid_batch = '{load.Id}' AND udl_phase_step_status = 'FAILURE'
            """), fault => fault.StartsWith($"{(int)code}: ", StringComparison.Ordinal));
        Assert.Equal(LoadStatus.Failed, await site.StatusAsync(load));
        var receipt = site.Receipt(name);
        Assert.Equal("failed", receipt.GetProperty("outcome").GetString());
        Assert.Equal((int)code, receipt.GetProperty("fault").GetProperty("code").GetInt32());
        Assert.NotEmpty(receipt.GetProperty("fault").GetProperty("reason").GetString()!);
        Assert.Contains(site.ReceiptLines(name), line => line.Contains($",{(int)code},", StringComparison.Ordinal));

        Assert.False(await site.HasSchemaAsync(load));
        Assert.Empty(site.Files("work"));
        Assert.Empty(site.Files("arrivals"));
        var kept = Assert.Single(site.Files("history"), kept => Path.GetFileName(kept) == name);
        Assert.Equal(file, await File.ReadAllBytesAsync(Path.Combine(site.Landing, kept)));
        Assert.Equal(
            ["arrivals", "departures", "history", "work"],
            Directory.GetFileSystemEntries(site.Landing).Select(Path.GetFileName).Order());
        Assert.False(File.Exists("/tmp/escaped.csv"));
    }
}
