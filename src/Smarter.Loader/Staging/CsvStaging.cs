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
/// and two COPYs, one for the facts and one for the students, run beside each other in their own transactions.
/// A third takes the row errors. Memory is flat: a few blocks are under way at once.
/// Nothing is visible before <see cref="CommitAsync"/>.
/// </summary>
internal sealed class CsvStaging : IAsyncDisposable
{
    private const int BlocksWaiting = 2;
    private const int ErrorsAtOnce = 1000;
    private static readonly string[] ErrorColumns =
        ["guid_batch", "err_code", "err_code_text", "input_file", "src_file_rec_num", "column_name"];

    private readonly StarTuples tuples;
    private readonly SchoolDirectory schools;
    private readonly RowRules rules;
    private readonly RecordIds recordIds;
    private readonly LoadFile file;
    private readonly TableCopy facts;
    private readonly TableCopy students;
    private readonly TableCopy errors;
    private readonly ILogger log;
    private long received;
    private long rejected;

    private CsvStaging(
        LoadFile file, RowRules rules, StarTuples tuples, SchoolDirectory schools, RecordIds recordIds,
        TableCopy facts, TableCopy students, TableCopy errors, ILogger log)
    {
        (this.file, this.rules, this.tuples, this.schools, this.recordIds) = (file, rules, tuples, schools, recordIds);
        (this.facts, this.students, this.errors, this.log) = (facts, students, errors, log);
    }

    /// <summary>Opens the three COPYs; the batch schema must exist and be empty.</summary>
    public static async Task<CsvStaging> BeginAsync(
        LoadFile file, NpgsqlDataSource staging, NpgsqlDataSource udl, RowRules rules, StarTuples tuples,
        SchoolDirectory schools, ILogger log, CancellationToken cancellation)
    {
        var open = new List<TableCopy>();
        try
        {
            open.Add(await TableCopy.BeginAsync(staging,
                BatchSchema.CreateTable(file.Id, tuples.FactTable, withRowNumber: true),
                BatchSchema.Copy(file.Id, tuples.FactTable, tuples.FactColumns), cancellation));
            open.Add(await TableCopy.BeginAsync(staging,
                BatchSchema.CreateTable(file.Id, "dim_student", withRowNumber: true),
                BatchSchema.Copy(file.Id, "dim_student", StarTuples.StudentColumns), cancellation));
            open.Add(await TableCopy.BeginAsync(udl,
                $"DELETE FROM err_list WHERE guid_batch = '{file.Id}'",
                $"COPY err_list ({string.Join(", ", ErrorColumns)}) FROM STDIN (FORMAT binary)", cancellation));
            return new CsvStaging(
                file, rules, tuples, schools, new RecordIds(udl, file.Tenant), open[0], open[1], open[2], log);
        }
        catch
        {
            foreach (var copy in open)
                await copy.DisposeAsync();
            throw;
        }
    }

    /// <summary>The transaction of the facts, for the small tables that belong to it;
    /// usable after <see cref="LoadAsync"/>.</summary>
    public NpgsqlConnection FactConnection => facts.Connection;

    /// <summary>Data rows read so far; may be read from another thread.</summary>
    public long Received => Volatile.Read(ref received);

    /// <summary>Checks and copies the whole CSV.</summary>
    /// <param name="csv">Read to its end.</param>
    /// <exception cref="FileRejectedException">3003 to 3014, 5030 or 5034.</exception>
    public async Task<CsvCounts> LoadAsync(Stream csv, CancellationToken cancellation)
    {
        var counted = new MeteredStream(csv);
        var (reader, header, first) = await CsvStart.ReadAsync(counted, cancellation);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var blocks = Channel.CreateBounded<(CsvBlock Block, long FirstRecordId)>(BlocksWaiting);
        var workers = Enumerable.Range(0, Math.Clamp(Environment.ProcessorCount, 1, 4))
            .Select(_ => Task.Run(() => WorkAsync(header, blocks.Reader, stop), stop.Token))
            .ToArray();
        await FeedAsync(reader, first, blocks.Writer, stop, workers);
        await Task.WhenAll(workers);

        await facts.CompleteAsync();
        await students.CompleteAsync();
        await errors.CompleteAsync();
        return new CsvCounts(received, rejected, counted.Count);
    }

    /// <summary>Makes the rows lasting. Three transactions cannot end as one:
    /// only the stage of the batch, written afterwards, says that all are there, and a restart begins anew.</summary>
    public async Task CommitAsync(CancellationToken cancellation)
    {
        await facts.CommitAsync(cancellation);
        await students.CommitAsync(cancellation);
        await errors.CommitAsync(cancellation);
    }

    /// <summary>Keeps the row errors of a file that is then rejected; its rows are rolled back.</summary>
    public Task CommitErrorsAsync(CancellationToken cancellation) => errors.CommitAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await facts.DisposeAsync();
        await students.DisposeAsync();
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
            var known = new SchoolCache(schools);
            await foreach (var (block, firstRecordId) in blocks.ReadAllAsync(stop.Token))
            {
                using (block)
                    await CopyAsync(block, firstRecordId, checker, known, stop.Token);
            }
            known.Flush();
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private async Task CopyAsync(
        CsvBlock block, long firstRecordId, RowChecker checker, SchoolCache known, CancellationToken cancellation)
    {
        var factTuples = new CopyBuffer(2 * block.Bytes.Length);
        var studentTuples = new CopyBuffer(2 * block.Bytes.Length);
        var found = new List<RowError>();
        var bad = 0;
        for (var i = 0; i < block.Rows.Count; i++)
        {
            if (checker.CheckRowOf(block, i, found))
                Append(checker, known, factTuples, studentTuples, firstRecordId + i, block.FirstRow + i);
            else
                bad++;
        }
        Interlocked.Add(ref rejected, bad);
        await facts.AddAsync(factTuples, cancellation);
        await students.AddAsync(studentTuples, cancellation);
        foreach (var some in found.Chunk(ErrorsAtOnce))
            await errors.AddAsync(Encode(some), cancellation);
        if (log.IsEnabled(LogLevel.Debug))
            log.LogDebug("Rows up to {Row} are checked", block.FirstRow + block.Rows.Count - 1);
    }

    private void Append(
        RowChecker row, SchoolCache known, CopyBuffer factTuples, CopyBuffer studentTuples, long recordId, long number)
    {
        if (row.IsDelete)
        {
            tuples.AppendFact(factTuples, row, recordId, schoolRecordId: -1, number);
            return;
        }
        var school = known.RecordIdOf(StarTuples.SchoolOf(row), number, recordId);
        tuples.AppendFact(factTuples, row, recordId, school, number);
        tuples.AppendStudent(studentTuples, row, recordId, number);
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
