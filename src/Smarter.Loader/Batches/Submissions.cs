using Dapper;
using Npgsql;
using Smarter.Database;

namespace Smarter.Loader.Batches;

/// <summary>How far the reading of one file is.</summary>
/// <param name="Bytes">Read of the delivered file.</param>
/// <param name="OfBytes">The whole of it; more than 0.</param>
/// <param name="Rows">Data rows read.</param>
internal readonly record struct ReadingProgress(long Bytes, long OfBytes, long Rows)
{
    private const double CopyingShare = 0.1;

    /// <summary>When the archive holds the CSV before its JSON: it is first copied, which is quick, and then
    /// read.</summary>
    /// <param name="csvBytes">Read of the copy.</param>
    /// <param name="ofCsvBytes">The whole of it; 0 until it is there.</param>
    public ReadingProgress WithKeptCsv(long csvBytes, long ofCsvBytes)
    {
        var read = ofCsvBytes == 0 ? 0 : (double)csvBytes / ofCsvBytes;
        return this with { Bytes = (long)(CopyingShare * Bytes + (1 - CopyingShare) * read * OfBytes) };
    }
}

/// <summary>
/// Writes <c>edware_stats.submission</c>, which the site shows to data administrators. Progress that cannot be written
/// is lost and holds no load up; only the end, with its receipt, must be written.
/// </summary>
internal sealed class Submissions(Databases databases, TimeProvider clock, ILogger<Submissions> log)
{
    /// <summary>How much of a load's work is the reading, in percent; the rest is building and finishing.</summary>
    public const int ReadingOfLoad = 80;

    /// <summary>The same for a check.</summary>
    public const int ReadingOfCheck = 95;

    private const int FinishingAt = 95;

    private const string Insert = """
        INSERT INTO submission (submission_id, tenant, submitter, file_name, size_bytes, arrived_at, stage, updated_at)
        VALUES (@Id, @Tenant, @Submitter, @FileName, @SizeBytes,
                @ArrivedAt::timestamp AT TIME ZONE 'UTC', 'waiting', now())
        ON CONFLICT (submission_id) DO NOTHING
        """;

    private const string UpdateReading = """
        UPDATE submission
           SET stage = 'reading', percent = @percent, rows_read = @rows, rows_per_second = @rate,
               seconds_left = @secondsLeft, delayed_by = NULL, updated_at = now()
         WHERE submission_id = @id AND stage <> 'ended'
        """;

    private const string UpdateBuilding = """
        UPDATE submission
           SET stage = 'building', percent = @percent, rows_read = @rows, rows_per_second = NULL,
               seconds_left = @secondsLeft, delayed_by = NULL, updated_at = now()
         WHERE submission_id = @id AND stage <> 'ended'
        """;

    private const string UpdateFinishing = """
        UPDATE submission
           SET stage = 'finishing', percent = @percent, rows_per_second = NULL, seconds_left = NULL,
               delayed_by = NULL, updated_at = now()
         WHERE submission_id = @id AND stage <> 'ended'
        """;

    private const string UpdateDelay = """
        UPDATE submission
           SET delayed_by = @cause, rows_per_second = NULL, seconds_left = NULL, updated_at = now()
         WHERE submission_id = @id AND stage <> 'ended'
        """;

    private const string UpdateEnd = """
        UPDATE submission
           SET stage = 'ended', percent = 100,
               rows_read = greatest(rows_read, (@receipt::jsonb #>> '{rows,received}')::bigint),
               rows_per_second = NULL, seconds_left = NULL, delayed_by = NULL, updated_at = now(),
               ended_at = now(), outcome = @outcome, receipt = @receipt::jsonb
         WHERE submission_id = @id
        """;

    private static readonly TimeSpan WriteInterval = TimeSpan.FromSeconds(1);

    /// <summary>The file is taken and waits.</summary>
    public Task RecordArrivedAsync(LoadFile file, CancellationToken cancellation) =>
        TryAsync(file.Id, Insert, file, cancellation);

    /// <summary>The file is being read: writes how far, at once and every second, until the answer is
    /// disposed.</summary>
    /// <param name="sample">Called from another thread.</param>
    /// <param name="readingPercent"><see cref="ReadingOfLoad"/> or <see cref="ReadingOfCheck"/>.</param>
    public IAsyncDisposable FollowReading(Guid submissionId, Func<ReadingProgress> sample, int readingPercent) =>
        new Following(this, submissionId, sample, readingPercent, clock);

    /// <summary>The rows are staged and their star is built.</summary>
    /// <param name="rows">Data rows of the file.</param>
    /// <param name="readingTook">How long they took, the measure of what is left.</param>
    public Task RecordBuildingAsync(
        Guid submissionId, long rows, TimeSpan readingTook, CancellationToken cancellation) =>
        TryAsync(submissionId, UpdateBuilding, new
        {
            id = submissionId,
            percent = ReadingOfLoad,
            rows,
            secondsLeft = (long)Math.Ceiling(readingTook.TotalSeconds * (100 - ReadingOfLoad) / ReadingOfLoad),
        }, cancellation);

    /// <summary>The outcome is known; receipts are written and the file goes to history.</summary>
    public Task RecordFinishingAsync(Guid submissionId, CancellationToken cancellation) =>
        TryAsync(submissionId, UpdateFinishing, new { id = submissionId, percent = FinishingAt }, cancellation);

    /// <summary>A step is tried again later; the next progress takes the cause away.</summary>
    /// <param name="cause">What is waited for, in words for the submitter, without student data.</param>
    public Task RecordDelayAsync(Guid submissionId, string cause, CancellationToken cancellation) =>
        TryAsync(submissionId, UpdateDelay, new { id = submissionId, cause }, cancellation);

    /// <summary>The load has ended.</summary>
    /// <param name="receipt">The JSON receipt.</param>
    /// <exception cref="NpgsqlException">It cannot be written now.</exception>
    public async Task RecordEndedAsync(LoadFile file, string receipt, CancellationToken cancellation)
    {
        await using var connection = await databases.Stats.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(Insert, file, cancellationToken: cancellation));
        await EndAsync(connection, file.Id, file.Outcome!, receipt, cancellation);
    }

    /// <summary>The check has ended.</summary>
    /// <param name="outcome"><c>accepted</c> or <c>failed</c>.</param>
    /// <param name="receipt">The JSON receipt.</param>
    /// <exception cref="NpgsqlException">It cannot be written now.</exception>
    public async Task RecordCheckedAsync(
        Guid submissionId, string outcome, string receipt, CancellationToken cancellation)
    {
        await using var connection = await databases.Stats.OpenConnectionAsync(cancellation);
        await EndAsync(connection, submissionId, outcome, receipt, cancellation);
    }

    private static async Task EndAsync(
        NpgsqlConnection connection, Guid id, string outcome, string receipt, CancellationToken cancellation) =>
        await connection.ExecuteAsync(
            new CommandDefinition(UpdateEnd, new { id, outcome, receipt }, cancellationToken: cancellation));

    private async Task TryAsync(Guid submissionId, string sql, object parameters, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await databases.Stats.OpenConnectionAsync(cancellation);
            await connection.ExecuteAsync(
                new CommandDefinition(sql, parameters, commandTimeout: 5, cancellationToken: cancellation));
        }
        catch (Exception broken) when (broken is NpgsqlException or TimeoutException)
        {
            log.LogWarning(broken, "The progress of {SubmissionId} cannot be written now", submissionId);
        }
    }

    /// <summary>Samples one reading from time to time.</summary>
    private sealed class Following : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly Submissions owner;
        private readonly Guid submissionId;
        private readonly Func<ReadingProgress> sample;
        private readonly int readingPercent;
        private readonly TimeProvider clock;
        private readonly Task writing;

        public Following(
            Submissions owner, Guid submissionId, Func<ReadingProgress> sample, int readingPercent, TimeProvider clock)
        {
            (this.owner, this.submissionId, this.sample) = (owner, submissionId, sample);
            (this.readingPercent, this.clock) = (readingPercent, clock);
            writing = WriteAsync(clock.GetTimestamp());
        }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stop.Dispose();
        }

        private async Task WriteAsync(long started)
        {
            using var pause = new PeriodicTimer(WriteInterval, clock);
            do
                await WriteAsync(clock.GetElapsedTime(started), sample());
            while (await pause.WaitForNextTickAsync(stop.Token));
        }

        private Task WriteAsync(TimeSpan elapsed, ReadingProgress now)
        {
            var done = Math.Clamp((double)now.Bytes / now.OfBytes, 0, 1) * readingPercent / 100;
            var isSteady = elapsed >= WriteInterval && done > 0;
            return owner.TryAsync(submissionId, UpdateReading, new
            {
                id = submissionId,
                percent = (int)(100 * done),
                rows = now.Rows,
                rate = elapsed >= WriteInterval && now.Rows > 0 ? (long?)(now.Rows / elapsed.TotalSeconds) : null,
                secondsLeft = isSteady ? (long?)Math.Ceiling(elapsed.TotalSeconds * (1 / done - 1)) : null,
            }, stop.Token);
        }
    }
}
