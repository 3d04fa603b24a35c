using System.Threading.Channels;
using Npgsql;
using Smarter.Core;
using Smarter.Loader.Batches;
using Smarter.Loader.Checking;
using Smarter.Loader.Unpacking;

namespace Smarter.Loader.Staging;

/// <summary>What one CSV held.</summary>
/// <param name="Received">Data rows.</param>
/// <param name="Rejected">Rows with at least one error.</param>
/// <param name="Bytes">Bytes of CSV.</param>
internal sealed record CsvCounts(long Received, long Rejected, long Bytes);

/// <summary>
/// Streams one CSV into the batch schema: a reader cuts it into blocks of rows, workers check and encode them,
/// and a COPY for each table, for an assessment the facts and the students, runs beside the others in a transaction
/// of its own. One more takes the row errors. Memory is flat: a few blocks are under way at once.
/// Nothing is visible before <see cref="CommitAsync"/>.
/// </summary>
internal sealed class CsvStaging : IAsyncDisposable
{
    private const int BlocksWaiting = 2;
    private const int ErrorsAtOnce = 1000;
    private static readonly string[] ErrorColumns =
        ["guid_batch", "err_code", "err_code_text", "input_file", "src_file_rec_num", "column_name"];

    private readonly IBatchTables target;
    private readonly RowRules rules;
    private readonly RecordIds recordIds;
    private readonly LoadFile file;
    private readonly TableCopy[] tables;
    private readonly TableCopy errors;
    private readonly ILogger log;
    private long received;
    private long rejected;

    private CsvStaging(
        LoadFile file, RowRules rules, IBatchTables target, RecordIds recordIds,
        TableCopy[] tables, TableCopy errors, ILogger log)
    {
        (this.file, this.rules, this.target, this.recordIds) = (file, rules, target, recordIds);
        (this.tables, this.errors, this.log) = (tables, errors, log);
    }

    /// <summary>Opens the COPYs; the batch schema must exist and be empty.</summary>
    public static async Task<CsvStaging> BeginAsync(
        LoadFile file, NpgsqlDataSource staging, NpgsqlDataSource udl, RowRules rules, IBatchTables target,
        ILogger log, CancellationToken cancellation)
    {
        var open = new List<TableCopy>();
        try
        {
            foreach (var table in target.Tables)
                open.Add(await TableCopy.BeginAsync(staging,
                    BatchSchema.CreateTableWithout(table.Constants.Keys, file.Id, table.Name),
                    BatchSchema.Copy(file.Id, table.Name, table.Columns), cancellation));
            open.Add(await TableCopy.BeginAsync(udl,
                $"DELETE FROM err_list WHERE guid_batch = '{file.Id}'",
                $"COPY err_list ({string.Join(", ", ErrorColumns)}) FROM STDIN (FORMAT binary)", cancellation));
            return new CsvStaging(
                file, rules, target, new RecordIds(udl, file.Tenant), [.. open[..^1]], open[^1], log);
        }
        catch
        {
            foreach (var copy in open)
                await copy.DisposeAsync();
            throw;
        }
    }

    /// <summary>The transaction of the facts, the first table, for the small tables that belong to it;
    /// usable after <see cref="LoadAsync"/>.</summary>
    public NpgsqlConnection FactConnection => tables[0].Connection;

    /// <summary>Data rows read so far; may be read from another thread.</summary>
    public long Received => Volatile.Read(ref received);

    /// <summary>Checks and copies the whole CSV.</summary>
    /// <param name="csv">Read to its end.</param>
    /// <exception cref="FileRejectedException">3003 to 3014, 5030 or 5034.</exception>
    public async Task<CsvCounts> LoadAsync(Stream csv, CancellationToken cancellation)
    {
        var counted = new MeteredStream(csv);
        var (reader, header, first) = await CsvStart.ReadAsync(counted, rules.Layout, cancellation);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var blocks = Channel.CreateBounded<(CsvBlock Block, long FirstRecordId)>(BlocksWaiting);
        var workers = Enumerable.Range(0, Math.Clamp(Environment.ProcessorCount, 1, 4))
            .Select(_ => Task.Run(() => WorkAsync(header, blocks.Reader, stop), stop.Token))
            .ToArray();
        await FeedAsync(reader, first, blocks.Writer, stop, workers);
        await Task.WhenAll(workers);

        foreach (var (copy, table) in tables.Zip(target.Tables))
        {
            await copy.CompleteAsync();
            await BatchSchema.AddConstantsAsync(
                copy.Connection, file.Id, table.Name, table.Constants, cancellation);
        }
        await errors.CompleteAsync();
        return new CsvCounts(received, rejected, counted.Count);
    }

    /// <summary>Makes the rows lasting. Several transactions cannot end as one:
    /// only the stage of the batch, written afterwards, says that all are there, and a restart begins anew.</summary>
    public async Task CommitAsync(CancellationToken cancellation)
    {
        foreach (var table in tables)
            await table.CommitAsync(cancellation);
        await errors.CommitAsync(cancellation);
    }

    /// <summary>Keeps the row errors of a file that is then rejected; its rows are rolled back.</summary>
    public Task CommitErrorsAsync(CancellationToken cancellation) => errors.CommitAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        foreach (var table in tables)
            await table.DisposeAsync();
        await errors.DisposeAsync();
    }

    private async Task FeedAsync(
        CsvBlockReader reader, CsvBlock first, ChannelWriter<(CsvBlock, long)> blocks,
        CancellationTokenSource stop, Task[] workers)
    {
        try
        {
            for (var block = first; block is not null; block = await reader.ReadBlockAsync(stop.Token))
            {
                received += block.Rows.Count;
                await blocks.WriteAsync((block, await recordIds.TakeAsync(block.Rows.Count, stop.Token)), stop.Token);
            }
            blocks.Complete();
        }
        catch (OperationCanceledException)
        {
            blocks.TryComplete();
            await Task.WhenAll(workers); // the worker that gave up says why
            throw;
        }
        catch
        {
            await stop.CancelAsync();
            await Task.WhenAll(workers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private async Task WorkAsync(
        CsvHeader header, ChannelReader<(CsvBlock Block, long FirstRecordId)> blocks, CancellationTokenSource stop)
    {
        try
        {
            var checker = new RowChecker(header, rules);
            var encoder = target.NewEncoder();
            await foreach (var (block, firstRecordId) in blocks.ReadAllAsync(stop.Token))
            {
                using (block)
                    await CopyAsync(block, firstRecordId, checker, encoder, stop.Token);
            }
            encoder.Flush();
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private async Task CopyAsync(
        CsvBlock block, long firstRecordId, RowChecker checker, IRowEncoder encoder, CancellationToken cancellation)
    {
        var tuples = Array.ConvertAll(tables, _ => new CopyBuffer(block.Bytes.Length));
        var found = new List<RowError>();
        var bad = 0;
        for (var i = 0; i < block.Rows.Count; i++)
        {
            var number = block.FirstRow + i;
            if (checker.CheckRowOf(block, i, found))
                encoder.Append(checker, firstRecordId + i, number, tuples);
            else
                bad++;
        }
        Interlocked.Add(ref rejected, bad);
        foreach (var (table, added) in tables.Zip(tuples))
            await table.AddAsync(added, cancellation);
        foreach (var some in found.Chunk(ErrorsAtOnce))
            await errors.AddAsync(Encode(some), cancellation);
        if (log.IsEnabled(LogLevel.Debug))
            log.LogDebug("Rows up to {Row} are checked", block.FirstRow + block.Rows.Count - 1);
    }

    private CopyBuffer Encode(RowError[] found)
    {
        var buffer = new CopyBuffer(256 * found.Length);
        foreach (var error in found)
        {
            buffer.Tuple(ErrorColumns.Length);
            buffer.Text(file.Guid);
            buffer.Bigint((long)error.Code);
            buffer.Text(RowError.Message(error.Code));
            buffer.Text(file.FileName);
            buffer.Bigint(error.Row);
            buffer.Text(error.Column);
        }
        return buffer;
    }
}
