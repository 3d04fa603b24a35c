using System.Text;
using Microsoft.Extensions.Options;
using Smarter.Core;
using Smarter.Loader.Arrival;
using Smarter.Loader.Batches;
using Smarter.Loader.Building;
using Smarter.Loader.Checking;
using Smarter.Loader.Finishing;
using Smarter.Loader.Registration;
using Smarter.Loader.Staging;
using Smarter.Loader.Unpacking;

namespace Smarter.Loader.Validating;

/// <summary>Whom a check is for.</summary>
/// <param name="Id">The submission's; null for a check that nobody keeps.</param>
/// <param name="Tenant">Whose ring must hold the signer's key, and whose strictness counts; null for no tenant in
/// particular.</param>
/// <param name="StateCode">The state that each row must name; null to take that of the first row.</param>
/// <param name="ScratchFolder">Where files without a name may lie while the check runs.</param>
internal sealed record CheckContext(Guid? Id, string? Tenant, string? StateCode, string ScratchFolder);

/// <summary>Begins checks with the rules of a load: the same reading, the same row check, the same receipt.</summary>
/// <param name="gpg">The loader's keys; null where there are none, then no encrypted file can be checked.</param>
internal sealed class FileChecks(
    GpgOptions? gpg, IOptions<ArchiveLimits> limits, IOptions<CheckingOptions> checking, TimeProvider clock)
{
    /// <summary>Whether encrypted files can be checked here.</summary>
    public bool HasKeys => gpg is not null;

    public FileCheck Begin(FileToCheck file, CheckContext context) =>
        new(file, context, gpg, limits.Value, checking.Value, clock);
}

/// <summary>One check of one file. It loads nothing and touches no database; memory is flat (<see cref="RowKeys"/>).
/// </summary>
internal sealed class FileCheck(
    FileToCheck file, CheckContext context, GpgOptions? gpg, ArchiveLimits limits, CheckingOptions checking,
    TimeProvider clock)
{
    private readonly CauseCounts causes = new();
    private readonly long size = new FileInfo(file.Path).Length;
    private FileMetadata? metadata;
    private Func<long> bytesRead = () => 0;
    private Func<long> keptCsvRead = () => 0;
    private long keptCsvBytes;
    private FileStream? keptCsv;
    private bool hasCsv;
    private BatcherErrors? batcherErrors;
    private long received;
    private long rejected;

    /// <summary>How far the reading is; may be asked from another thread.</summary>
    public ReadingProgress Progress
    {
        get
        {
            var progress = new ReadingProgress(bytesRead(), Math.Max(size, 1), Volatile.Read(ref received));
            return keptCsv is null ? progress : progress.WithKeptCsv(keptCsvRead(), keptCsvBytes);
        }
    }

    /// <summary>Checks the file.</summary>
    /// <returns>The receipt that a load would give, with the outcome <c>accepted</c> or <c>failed</c>.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public async Task<Receipt> RunAsync(CancellationToken cancellation)
    {
        var began = clock.GetUtcNow().UtcDateTime;
        var md5 = await Md5Async(cancellation);
        FileRejectedException? fault = null;
        try
        {
            await ReadAsync(cancellation);
        }
        catch (FileRejectedException rejection)
        {
            fault = rejection;
        }
        var isCounted = fault is null or { Code: ErrorCode.BatchFailed or ErrorCode.DeletedTwice };
        var superseded = causes.Of(ErrorCode.SupersededInFile).Rows;
        var rows = fault is null
            ? new ReceiptRows(received, received - rejected - superseded, rejected, superseded)
            : isCounted ? new ReceiptRows(received, 0, received, 0) : new ReceiptRows(0, 0, 0, 0);
        var (errors, notes) = ReceiptCause.Split(isCounted ? causes.ToReceipt() : []);
        return new Receipt(
            context.Id, context.Tenant, Path.GetFileName(file.Path), md5, began, clock.GetUtcNow().UtcDateTime,
            fault is null ? CheckOutcome.Accepted : CheckOutcome.Failed,
            fault is null ? null : ReceiptFault.From(fault.Code, fault.Reason), DuplicateOf: null, rows, errors, notes);
    }

    private async Task ReadAsync(CancellationToken cancellation)
    {
        if (size == 0 && file.JsonPath is null)
            throw new FileRejectedException(ErrorCode.FileHasNoData, "The delivered file is empty.");
        await using var content = File.OpenRead(file.Path);
        if (file.JsonPath is { } json)
            await ReadPairAsync(content, json, cancellation);
        else if (file.IsEncrypted)
            await ReadEncryptedAsync(cancellation);
        else
            await ReadArchiveAsync(content, _ => Task.CompletedTask, cancellation);
    }

    private async Task ReadPairAsync(FileStream csv, string json, CancellationToken cancellation)
    {
        if (new FileInfo(json).Length > limits.MaxJsonBytes)
            throw new FileRejectedException(ErrorCode.ArchiveTooLarge,
                $"{ShownName.Of(Path.GetFileName(json))} is larger than {limits.MaxJsonBytes} bytes.");
        metadata = FileMetadata.Parse(await File.ReadAllBytesAsync(json, cancellation));
        await CheckCsvAsync(Metered(csv), cancellation);
    }

    private async Task ReadEncryptedAsync(CancellationToken cancellation)
    {
        await using var decryption = GpgDecryption.Start(
            Path.GetFullPath(file.Path), context.Tenant!, gpg!, limits.AllowedBytes(size));
        await ReadArchiveAsync(decryption.Plain, decryption.VerifyAsync, cancellation);
    }

    private async Task ReadArchiveAsync(
        Stream compressed, Func<CancellationToken, Task> verify, CancellationToken cancellation)
    {
        await using var archive = new LandingArchive(Metered(compressed), size, limits);
        try
        {
            await archive.ReadAllAsync(ReadAsync, verify, cancellation);
            if (keptCsv is not null)
            {
                var metered = new MeteredStream(keptCsv);
                (keptCsvRead, keptCsvBytes) = (() => metered.Count, keptCsv.Length);
                await CheckCsvAsync(metered, cancellation);
            }
            if (!hasCsv)
                throw batcherErrors!.WithoutCsv();
        }
        finally
        {
            if (keptCsv is not null)
                await keptCsv.DisposeAsync();
        }
    }

    private async Task ReadAsync(ArchiveMember member, CancellationToken cancellation)
    {
        switch (member.Kind)
        {
            case MemberKind.Json:
                metadata = FileMetadata.Parse(await member.ReadBytesAsync(cancellation));
                break;
            case MemberKind.Csv when metadata is null:
                keptCsv = ScratchFile.Create(context.ScratchFolder);
                await member.Content.CopyToAsync(keptCsv, cancellation);
                keptCsv.Position = 0;
                break;
            case MemberKind.Csv:
                await CheckCsvAsync(member.Content, cancellation);
                break;
            case MemberKind.Err:
                batcherErrors = BatcherErrors.Parse(await member.ReadBytesAsync(cancellation));
                break;
        }
    }

    /// <exception cref="FileRejectedException">What a load refuses the CSV for; 2005 and 1001 after the last row, when
    /// all causes are counted.</exception>
    private async Task CheckCsvAsync(Stream csv, CancellationToken cancellation)
    {
        hasCsv = true;
        var (reader, header, first) = await CsvStart.ReadAsync(csv, metadata!.RowLayout, cancellation);
        var today = DateOnly.FromDateTime(clock.GetLocalNow().DateTime);
        var state = context.StateCode ?? StateOf(header, first, metadata.RowLayout);
        var checker = new RowChecker(header, metadata.RulesFor(state, today));
        using IRowCheck rows = metadata is RegistrationMetadata
            ? new RegistrationCheck(context.ScratchFolder)
            : new OutcomeCheck(context.ScratchFolder);
        for (var block = first; block is not null; block = await reader.ReadBlockAsync(cancellation))
        {
            using (block)
                Check(block, checker, rows);
        }
        if (checking.Refusal(context.Tenant, received, rejected) is { } refusal)
            throw refusal;
        rows.Finish(causes);
        if (causes.Of(ErrorCode.DeletedTwice) is { Rows: > 0 } twice)
            throw DeleteMatches.Refusal(ErrorCode.DeletedTwice, twice.Rows, twice.First);
    }

    private void Check(CsvBlock block, RowChecker checker, IRowCheck rows)
    {
        var found = new List<RowError>();
        for (var i = 0; i < block.Rows.Count; i++)
        {
            if (checker.CheckRowOf(block, i, found))
                rows.Add(checker, block.FirstRow + i, causes);
            else
                rejected++;
        }
        foreach (var error in found)
            causes.Add(error);
        Volatile.Write(ref received, received + block.Rows.Count);
    }

    private MeteredStream Metered(Stream content)
    {
        var metered = new MeteredStream(content);
        bytesRead = () => metered.Count;
        return metered;
    }

    /// <returns>The state of the first row that names one, in upper case; "??" when none of the block does.</returns>
    private static string StateOf(CsvHeader header, CsvBlock block, CsvLayout layout)
    {
        var width = header.CanonicalOfFileColumn.Count;
        var column = header.CanonicalOfFileColumn.ToList().IndexOf(layout.IndexOf("state_code"));
        var fields = new CsvRow(width);
        foreach (var range in block.Rows)
        {
            var row = block.Bytes.AsSpan(range);
            if (fields.Split(row) == width && fields.Value(row, column) is { Length: 2 } state)
                return Encoding.ASCII.GetString(state).ToUpperInvariant();
        }
        return "??";
    }

    private async Task<string> Md5Async(CancellationToken cancellation)
    {
        await using var content = File.OpenRead(file.Path);
        return await Checksum.OfAsync(content, cancellation);
    }
}

/// <summary>What a check can end with; stored in <c>submission.outcome</c>.</summary>
internal static class CheckOutcome
{
    /// <summary>The file has no fault of its own: a load would take its good rows.</summary>
    public const string Accepted = "accepted";

    public const string Failed = "failed";
}
