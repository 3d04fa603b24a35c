using Dapper;
using Smarter.Database;

namespace Smarter.Web.Submissions;

/// <summary>Reads table <c>submission</c>. Every statement names the tenants that the caller may see.</summary>
internal sealed class SubmissionQuery(Databases databases)
{
    private const string Columns = """
        SELECT submission_id, tenant, submitter, file_name, is_check, size_bytes, arrived_at, stage, percent::int,
               rows_read, rows_per_second, seconds_left, delayed_by, updated_at, ended_at, outcome,
               (receipt #>> '{rows,received}')::bigint AS received, (receipt #>> '{rows,loaded}')::bigint AS loaded,
               (receipt #>> '{rows,rejected}')::bigint AS rejected,
               (receipt #>> '{rows,superseded}')::bigint AS superseded
          FROM submission
        """;

    private const string One = " WHERE submission_id = @id AND tenant = ANY (@tenants)";
    private const string OfTenant = " WHERE tenant = @tenant";
    private const string AfterPage = " AND (arrived_at, submission_id) < (@ArrivedAt, @SubmissionId)";

    private const string NewestFirst = """
         ORDER BY arrived_at DESC, submission_id DESC
         LIMIT @rows
        """;

    private const string CountUnderWay = "SELECT count(*) FROM submission WHERE tenant = @tenant AND stage <> 'ended'";

    private const string CountChecks = """
        SELECT count(*) FROM submission WHERE is_check AND stage <> 'ended' AND submitter = @submitter
        """;

    private const string FindReceipt = """
        SELECT receipt::text FROM submission WHERE submission_id = @id AND tenant = ANY (@tenants)
        """;

    /// <summary>The newest <paramref name="rows"/> submissions of a tenant, the newest first.</summary>
    /// <param name="after">Where the page before this one ended; null for the first page.</param>
    public async Task<IReadOnlyList<Submission>> ListAsync(
        string tenant, SubmissionFilter filter, PageEnd? after, int rows, CancellationToken cancellation)
    {
        var chosen = filter switch
        {
            SubmissionFilter.UnderWay => " AND stage <> 'ended'",
            SubmissionFilter.Ingested => " AND outcome = 'ingested'",
            SubmissionFilter.Failed => " AND outcome = 'failed'",
            SubmissionFilter.Duplicate => " AND outcome = 'duplicate'",
            SubmissionFilter.Accepted => " AND outcome = 'accepted'",
            _ => "",
        };
        var sql = Columns + OfTenant + chosen + (after is null ? "" : AfterPage) + NewestFirst;
        var values = new { tenant, rows, after?.ArrivedAt, after?.SubmissionId };
        await using var connection = await databases.Stats.OpenConnectionAsync(cancellation);
        var command = new CommandDefinition(sql, values, cancellationToken: cancellation);
        return (await connection.QueryAsync<Submission>(command)).AsList();
    }

    /// <summary>How many submissions of the tenant have not ended.</summary>
    public Task<long> CountUnderWayAsync(string tenant, CancellationToken cancellation) =>
        CountAsync(CountUnderWay, new { tenant }, cancellation);

    /// <summary>How many checks of a person have not ended.</summary>
    public Task<long> CountChecksAsync(string submitter, CancellationToken cancellation) =>
        CountAsync(CountChecks, new { submitter }, cancellation);

    /// <returns>Null when there is no such submission, or when it is another tenant's.</returns>
    public async Task<Submission?> FindAsync(Guid id, IReadOnlyList<string> tenants, CancellationToken cancellation)
    {
        await using var connection = await databases.Stats.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<Submission>(
            new CommandDefinition(Columns + One, new { id, tenants }, cancellationToken: cancellation));
    }

    /// <returns>The receipt as JSON; null when there is none yet, no such submission, or it is another
    /// tenant's.</returns>
    public async Task<string?> FindReceiptAsync(
        Guid id, IReadOnlyList<string> tenants, CancellationToken cancellation)
    {
        await using var connection = await databases.Stats.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<string?>(
            new CommandDefinition(FindReceipt, new { id, tenants }, cancellationToken: cancellation));
    }

    private async Task<long> CountAsync(string sql, object values, CancellationToken cancellation)
    {
        await using var connection = await databases.Stats.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<long>(
            new CommandDefinition(sql, values, cancellationToken: cancellation));
    }
}
