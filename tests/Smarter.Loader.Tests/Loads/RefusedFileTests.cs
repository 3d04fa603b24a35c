using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Smarter.Core;
using Smarter.Loader.Tests.Faults;
using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Validating;

namespace Smarter.Loader.Tests.Loads;

/// <summary>Files that cannot be loaded as a whole: each leaves its own code everywhere, and nothing else.</summary>
[CatalogueCase]
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
        ["a file with the signature of another one"] = async keys =>
            await keys.SealWithWrongSignatureAsync(await GoodTarAsync()),
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
        ["a JSON of another load type"] = keys => JsonAsync(keys, LandingJson.File(("Content", "attendance"))),
        ["a JSON with an impossible date"] = keys =>
            JsonAsync(keys, LandingJson.File(("Identification.EffectiveDate", "20160431"))),
        ["an err file that cannot be parsed"] = keys => TarAsync(keys, Json(), Csv(), LandingTar.Member("x.err", "{")),
        ["an err file that names a value twice"] = keys => ErrAsync(keys, """[{"err_code": 1, "err_code": 2}]"""),
        ["an err file with half a character"] = keys => ErrAsync(keys, """[{"err_input": "\ud800"}]"""),
        ["an err file with half a character in a name"] = keys => ErrAsync(keys, """{"\ud800": 1}"""),
        ["an err file without errors, and no CSV"] = keys =>
            TarAsync(keys, Json(), LandingTar.Member("x.err", """{"content": "ok"}""")),
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
        ["a file signed with a revoked key"] = async keys =>
            await keys.SealAsync(await GoodTarAsync(), LandingKeys.Revoked),
        ["a file signed with a key of the loader's home"] = async keys =>
            await keys.SealAsync(await GoodTarAsync(), LandingKeys.Housemate),
        ["a message without integrity protection"] = async keys =>
            await keys.SealAsync(await GoodTarAsync(), LandingKeys.Wyoming, "--rfc2440"),
        ["a zip"] = async keys => await keys.SealAsync(Zip()),
        ["an archive in the archive"] = async keys => await TarAsync(
            keys, Json(), LandingTar.Member("x.tar.gz", new MemoryStream(await GoodTarAsync()))),
        ["a packed CSV"] = async keys => await TarAsync(
            keys, Json(), LandingTar.Member("x.csv", new MemoryStream(await GoodTarAsync()))),
        ["a device"] = keys => TarAsync(keys, Json(), LandingTar.Device("x.csv")),
        ["one name twice"] = keys => TarAsync(keys, Json(), Csv(), Csv()),
        ["a JSON with a NUL"] = keys =>
            JsonAsync(keys, LandingJson.File(("Identification.Period", "Spring\0 2016"))),
        ["an unknown column"] = keys => CsvAsync(keys, GoodCsv.Replace(",Op\n", ",Ops\n", StringComparison.Ordinal)),
        ["UTF-16"] = keys => TarAsync(
            keys, Json(), LandingTar.Member("x.csv", new MemoryStream([0xFF, 0xFE, .. Encoding.Unicode.GetBytes(GoodCsv)]))),
    };

    [Theory(Timeout = 20_000)]
    [InlineData("a truncated message", ErrorCode.CannotDecrypt, Traits = ["Case", "C01"])]
    [InlineData("a message with a flipped byte", ErrorCode.SignatureBad, Traits = ["Case", "C01"])]
    [InlineData("a text", ErrorCode.CannotDecrypt, Traits = ["Case", "C01"])]
    [InlineData("nothing", ErrorCode.FileHasNoData, Traits = ["Case", "I08"])]
    [InlineData("a tar.gz that is not encrypted", ErrorCode.CannotDecrypt, Traits = ["Case", "C01"])]
    [InlineData("an unsigned file", ErrorCode.NotSigned, Traits = ["Case", "C02"])]
    [InlineData("a file signed by a stranger", ErrorCode.SignerNotTrusted, Traits = ["Case", "C02"])]
    [InlineData("a file signed for another tenant", ErrorCode.SignerNotTrusted, Traits = ["Case", "C02"])]
    [InlineData("a file signed with an expired key", ErrorCode.SignatureExpired, Traits = ["Case", "C02"])]
    [InlineData("a file with the signature of another one", ErrorCode.SignatureBad, Traits = ["Case", "C02"])]
    [InlineData("a signed text", ErrorCode.ArchiveDamaged, Traits = ["Case", "C01"])]
    [InlineData("a truncated gzip in a good message", ErrorCode.ArchiveDamaged, Traits = ["Case", "C01"])]
    [InlineData("a gzip with a flipped byte", ErrorCode.ArchiveDamaged, Traits = ["Case", "C01"])]
    [InlineData("a gzip without a tar", ErrorCode.ArchiveDamaged, Traits = ["Case", "C01"])]
    [InlineData("a name that climbs out", ErrorCode.MemberNameUnsafe, Traits = ["Case", "C04"])]
    [InlineData("a name that climbs out half-way", ErrorCode.MemberNameUnsafe, Traits = ["Case", "C04"])]
    [InlineData("an absolute name", ErrorCode.MemberNameUnsafe, Traits = ["Case", "C04"])]
    [InlineData("a folder that climbs out", ErrorCode.MemberNameUnsafe, Traits = ["Case", "C04"])]
    [InlineData("a symbolic link", ErrorCode.MemberNotAFile, Traits = ["Case", "C04"])]
    [InlineData("a hard link", ErrorCode.MemberNotAFile, Traits = ["Case", "C04"])]
    [InlineData("a named pipe", ErrorCode.MemberNotAFile, Traits = ["Case", "C04"])]
    [InlineData("two CSVs", ErrorCode.MembersUnexpected, Traits = ["Case", "C04"])]
    [InlineData("two JSONs", ErrorCode.MembersUnexpected, Traits = ["Case", "C04"])]
    [InlineData("no JSON", ErrorCode.MembersUnexpected, Traits = ["Case", "I02"])]
    [InlineData("no CSV", ErrorCode.MembersUnexpected, Traits = ["Case", "C04"])]
    [InlineData("only errors of the batcher", ErrorCode.BatcherErrorsOnly, Traits = ["Case", "C04"])]
    [InlineData("a third file", ErrorCode.FileTypeNotSupported, Traits = ["Case", "C04"])]
    [InlineData("seventeen folders", ErrorCode.ArchiveTooLarge, Traits = ["Case", "C03"])]
    [InlineData("a JSON of two megabytes", ErrorCode.ArchiveTooLarge, Traits = ["Case", "C03"])]
    [InlineData("a JSON that cannot be parsed", ErrorCode.JsonInvalid, Traits = ["Case", "I02"])]
    [InlineData("a JSON without a path", ErrorCode.JsonPathMissing, Traits = ["Case", "I02"])]
    [InlineData("a JSON of another load type", ErrorCode.LoadTypeUnknown, Traits = ["Case", "I02"])]
    [InlineData("a JSON with an impossible date", ErrorCode.JsonValueInvalid, Traits = ["Case", "I02"])]
    [InlineData("an err file that cannot be parsed", ErrorCode.JsonInvalid, Traits = ["Case", "I02"])]
    [InlineData("an err file that names a value twice", ErrorCode.JsonInvalid, Traits = ["Case", "I02"])]
    [InlineData("an err file with half a character", ErrorCode.JsonInvalid, Traits = ["Case", "I02"])]
    [InlineData("an err file with half a character in a name", ErrorCode.JsonInvalid, Traits = ["Case", "I02"])]
    [InlineData("an err file without errors, and no CSV", ErrorCode.MembersUnexpected, Traits = ["Case", "C04"])]
    [InlineData("an empty CSV", ErrorCode.FileHasNoData, Traits = ["Case", "I08"])]
    [InlineData("a header alone", ErrorCode.FileHasNoData, Traits = ["Case", "I08"])]
    [InlineData("semicolons", ErrorCode.WrongDelimiter, Traits = ["Case", "I01"])]
    [InlineData("a missing column", ErrorCode.HeadersMismatch, Traits = ["Case", "I01"])]
    [InlineData("no header line", ErrorCode.NoHeaders, Traits = ["Case", "I01"])]
    [InlineData("a column twice", ErrorCode.DuplicateHeaders, Traits = ["Case", "I01"])]
    [InlineData("a first row that is too short", ErrorCode.HeadersMismatchData, Traits = ["Case", "I03"])]
    [InlineData("a row of another state", ErrorCode.WrongState, Traits = ["Case", "I07"])]
    [InlineData("a row of another assessment", ErrorCode.AssessmentGuidMismatch, Traits = ["Case", "I02"])]
    [InlineData("bad rows only", ErrorCode.BatchFailed, Traits = ["Case", "I03"])]
    [InlineData("a delete of an unknown outcome", ErrorCode.DeleteRecordNotFound, Traits = ["Case", "I05"])]
    [InlineData("a file signed with a revoked key", ErrorCode.SignatureExpired, Traits = ["Case", "C02"])]
    [InlineData("a file signed with a key of the loader's home", ErrorCode.SignerNotTrusted, Traits = ["Case", "C02"])]
    [InlineData("a message without integrity protection", ErrorCode.CannotDecrypt, Traits = ["Case", "C01"])]
    [InlineData("a zip", ErrorCode.ArchiveDamaged, Traits = ["Case", "C03"])]
    [InlineData("an archive in the archive", ErrorCode.FileTypeNotSupported, Traits = ["Case", "C03"])]
    [InlineData("a packed CSV", ErrorCode.NoHeaders, Traits = ["Case", "C03"])]
    [InlineData("a device", ErrorCode.MemberNotAFile, Traits = ["Case", "C04"])]
    [InlineData("one name twice", ErrorCode.MembersUnexpected, Traits = ["Case", "C04"])]
    [InlineData("a JSON with a NUL", ErrorCode.JsonValueInvalid, Traits = ["Case", "I02"])]
    [InlineData("an unknown column", ErrorCode.HeadersMismatch, Traits = ["Case", "I01"])]
    [InlineData("UTF-16", ErrorCode.NoHeaders, Traits = ["Case", "I01"])]
    public async Task A_file_that_cannot_be_loaded_leaves_its_code_and_nothing_else(string delivery, ErrorCode code)
    {
        await site.StartAsync();
        var file = await Deliveries[delivery](site.Keys);

        var name = await site.DeliverAsync(file);

        await IsRefusedAsync(name, file, code);
        if (code != ErrorCode.DeleteRecordNotFound) // needs production
            Assert.Equal((int)code, (await OfflineCheck.RunAsync(site.Keys, file)).Fault?.Code);
    }

    [Fact(Timeout = 20_000)]
    [CatalogueCase("C04")]
    public async Task A_member_s_name_commands_neither_a_spreadsheet_nor_a_terminal()
    {
        await site.StartAsync();
        var file = await TarAsync(
            site.Keys, Json(), Csv(), LandingTar.Member("=cmd|calc,\"a\rb\x1b[31m\u202eRED.txt", "x"));

        var name = await site.DeliverAsync(file);

        await IsRefusedAsync(name, file, ErrorCode.FileTypeNotSupported);
        Assert.Equal("The archive holds =cmd|calc,\"a?b?[31m?RED.txt: only .csv, .json and .err are taken.",
            site.Receipt(name).GetProperty("fault").GetProperty("reason").GetString());
        Assert.StartsWith($"\"{name}\",,\"'=cmd|calc,\"\"a?b?[31m?RED.txt\",3010,",
            Assert.Single(site.ReceiptLines(name).Skip(1)), StringComparison.Ordinal);
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

    /// <summary>Each packs at least 900:1, or holds far more members than a landing file does.</summary>
    [Theory(Timeout = 60_000)]
    [InlineData("a packed CSV of zeros")]
    [InlineData("a CSV of zeros that OpenPGP packs as well")]
    [InlineData("a million members")]
    [CatalogueCase("C03")]
    public async Task A_bomb_is_refused_in_five_seconds_and_with_flat_memory(string bomb)
    {
        await site.StartAsync();
        await using var zeros = new ManyZeros(256L << 20);
        var file = bomb switch
        {
            "a packed CSV of zeros" =>
                await site.Keys.SealAsync(await LandingTar.PackAsync(Json(), LandingTar.Member("x.csv", zeros))),
            "a million members" => await site.Keys.SealAsync(
                await LandingTar.PackFoldersAsync(Soak.Either(100_000, 1_000_000))),
            _ => await site.Keys.SealAsync(
                await LandingTar.PackAsync(Json(), LandingTar.Member("x.csv", zeros)), LandingKeys.Wyoming,
                "--compress-algo", "bzip2"),
        };
        GC.Collect();
        var before = Process.GetCurrentProcess().WorkingSet64;
        var watch = Stopwatch.StartNew();

        var name = await site.DeliverAsync(file);
        var load = await site.EndAsync(name);

        var (took, grown) = (watch.Elapsed, Process.GetCurrentProcess().WorkingSet64 - before);
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal((int)ErrorCode.ArchiveTooLarge, load.FaultCode);
        Assert.InRange(grown, long.MinValue, 100 << 20);
        await IsRefusedAsync(name, file, ErrorCode.ArchiveTooLarge);
        Figures.Report("C03", bomb, $"{Figures.Seconds(took)}, {Math.Max(0, grown >> 20)} MB more", "≤ 5 s, flat");
    }

    [Theory(Timeout = 30_000)]
    [InlineData("unsigned")]
    [InlineData(LandingKeys.Stranger)]
    [InlineData(LandingKeys.Carolina)]
    [InlineData(LandingKeys.Expired)]
    [InlineData(LandingKeys.Revoked)]
    [InlineData(LandingKeys.Housemate)]
    [CatalogueCase("C02")]
    public async Task A_signer_who_may_not_sign_is_a_security_event_with_the_fingerprint(string signer)
    {
        await site.StartAsync();
        var file = await site.Keys.SealAsync(await GoodTarAsync(), signer == "unsigned" ? null : signer);

        var name = await site.DeliverAsync(file);
        await site.EndAsync(name);

        var events = site.LogLines().Where(line => line.Contains("security_event", StringComparison.Ordinal)
            && line.Contains(name, StringComparison.Ordinal));
        var fingerprint = signer == "unsigned" ? "" : await site.Keys.FingerprintOfAsync(signer);
        Assert.Contains(fingerprint, Assert.Single(events), StringComparison.Ordinal);
    }

    private static async Task<byte[]> GoodTarAsync() => await LandingTar.PackAsync(LandingJson.File(), GoodCsv);

    private static async Task<byte[]> GoodAsync(LandingKeys keys) => await keys.SealAsync(await GoodTarAsync());

    private static TarEntry Json() => LandingTar.Member("wy-math.json", LandingJson.File());

    private static TarEntry Csv() => LandingTar.Member("wy-math.csv", GoodCsv);

    private static async Task<byte[]> TarAsync(LandingKeys keys, params IEnumerable<TarEntry> entries) =>
        await keys.SealAsync(await LandingTar.PackAsync(entries));

    private static Task<byte[]> JsonAsync(LandingKeys keys, string json) =>
        TarAsync(keys, LandingTar.Member("x.json", json), Csv());

    private static Task<byte[]> ErrAsync(LandingKeys keys, string errors) =>
        TarAsync(
            keys, Json(), Csv(),
            LandingTar.Member("x.err", $$"""{"content": "error", "tsb_error": {{errors}}}"""));

    private static Task<byte[]> CsvAsync(LandingKeys keys, string csv) =>
        TarAsync(keys, Json(), LandingTar.Member("x.csv", csv));

    private static byte[] Zip()
    {
        using var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create))
        using (var entry = zip.CreateEntry("x.csv").Open())
            entry.Write(Encoding.UTF8.GetBytes(GoodCsv));
        return packed.ToArray();
    }

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
        var reason = receipt.GetProperty("fault").GetProperty("reason").GetString()!;
        Assert.NotEmpty(reason);
        if (code is ErrorCode.WrongDelimiter or ErrorCode.HeadersMismatch or ErrorCode.NoHeaders
            or ErrorCode.DuplicateHeaders)
            Assert.Contains("ine 1 ", reason, StringComparison.Ordinal);
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
