using System.Text.Json;
using Dapper;
using Npgsql;

namespace Smarter.Web.Tests.Submissions;

/// <summary>A row of table <c>submission</c> that a test depends on; everything it does not name has an ordinary
/// value.</summary>
internal sealed record SubmittedFile
{
    public Guid Id { get; init; } = Guid.NewGuid();

    public string Tenant { get; init; } = "nc";

    public string Submitter { get; init; } = "winston";

    public string FileName { get; init; } = "grade3.tar.gz.gpg";

    public bool IsCheck { get; init; }

    public DateTime ArrivedAt { get; init; } = TimeProvider.System.GetUtcNow().UtcDateTime;

    public string Stage { get; init; } = "ended";

    public int Percent { get; init; } = 100;

    public long RowsRead { get; init; }

    public long? RowsPerSecond { get; init; }

    public long? SecondsLeft { get; init; }

    public string? DelayedBy { get; init; }

    /// <summary>Null while the stage is not <c>ended</c>.</summary>
    public string? Outcome { get; init; } = "ingested";

    /// <summary>Null for none.</summary>
    public object? Receipt { get; init; }
}

/// <summary>Writes submissions as the loader does, as role <c>smarter_loader</c>.</summary>
internal sealed class SubmittedFiles(NpgsqlDataSource stats)
{
    private const string Write = """
        INSERT INTO submission (submission_id, tenant, submitter, file_name, is_check, size_bytes, arrived_at, stage,
                                percent, rows_read, rows_per_second, seconds_left, delayed_by, updated_at, ended_at,
                                outcome, receipt)
        VALUES (@Id, @Tenant, @Submitter, @FileName, @IsCheck, 2048, @ArrivedAt, @Stage,
                @Percent, @RowsRead, @RowsPerSecond, @SecondsLeft, @DelayedBy, now(),
                CASE @Stage WHEN 'ended' THEN now() END, CASE @Stage WHEN 'ended' THEN @Outcome END, @json::jsonb)
        ON CONFLICT (submission_id) DO UPDATE
           SET stage = excluded.stage, percent = excluded.percent, rows_read = excluded.rows_read,
               rows_per_second = excluded.rows_per_second, seconds_left = excluded.seconds_left,
               delayed_by = excluded.delayed_by, updated_at = excluded.updated_at, ended_at = excluded.ended_at,
               outcome = excluded.outcome, receipt = excluded.receipt
        """;

    private const string Find = """
        SELECT tenant, submitter, file_name, is_check, size_bytes, stage FROM submission WHERE submission_id = @id
        """;

    private const string CountOfSubmitter = "SELECT count(*) FROM submission WHERE submitter = @submitter";

    /// <summary>Adds the row, or brings it up to date.</summary>
    public async Task<Guid> HasAsync(SubmittedFile file)
    {
        var values = new DynamicParameters(file);
        values.Add("json", file.Receipt is null ? null : JsonSerializer.Serialize(file.Receipt));
        await using var connection = await stats.OpenConnectionAsync();
        await connection.ExecuteAsync(Write, values);
        return file.Id;
    }

    public async Task<Ordered> FindAsync(Guid id)
    {
        await using var connection = await stats.OpenConnectionAsync();
        return await connection.QuerySingleAsync<Ordered>(Find, new { id });
    }

    public async Task<long> CountOfAsync(string submitter)
    {
        await using var connection = await stats.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<long>(CountOfSubmitter, new { submitter });
    }

    /// <summary>A receipt in the agreed shape, with two errors and a note.</summary>
    public static object ReceiptOf(SubmittedFile file) => new
    {
        batch_guid = file.Id,
        tenant = file.Tenant,
        file_name = file.FileName,
        md5 = "0123456789abcdef0123456789abcdef",
        arrived_at = file.ArrivedAt,
        ended_at = file.ArrivedAt,
        outcome = file.Outcome,
        fault = (object?)null,
        duplicate_of = (Guid?)null,
        rows = new { received = 12_000, loaded = 11_950, rejected = 48, superseded = 2 },
        errors = new object[]
        {
            new
            {
                code = 5106,
                name = "DateInvalid",
                reason = "the value is no date",
                mend = "Write yyyymmdd or yyyy-mm-dd.",
                column = "Birthdate",
                rows = 45,
                first_rows = new[] { 3, 17, 204 },
            },
            new
            {
                code = 5101,
                name = "RowWidth",
                reason = "=the row has other values than the header",
                mend = "Often a comma in a value is not quoted, or a line is \"broken\".",
                column = (string?)null,
                rows = 3,
                first_rows = new[] { 9, 10, 11 },
            },
        },
        notes = new object[]
        {
            new
            {
                code = 5120,
                name = "SupersededInFile",
                reason = "a later row has the same student, assessment and date",
                mend = "Nothing, if that is meant.",
                column = (string?)null,
                rows = 2,
                first_rows = new[] { 30, 31 },
            },
        },
    };

    internal sealed record Ordered(
        string Tenant, string Submitter, string FileName, bool IsCheck, long SizeBytes, string Stage);
}
