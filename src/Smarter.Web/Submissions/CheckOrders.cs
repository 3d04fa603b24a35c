using Dapper;
using Smarter.Database;

namespace Smarter.Web.Submissions;

/// <summary>A check that a person asks for.</summary>
/// <param name="Submitter">The person's uid.</param>
/// <param name="ArrivedAt">In UTC.</param>
internal sealed record CheckOrder(Guid SubmissionId, string Tenant, string Submitter, DateTime ArrivedAt);

/// <summary>Orders checks of the loader, by a row of table <c>submission</c>.</summary>
internal sealed class CheckOrders(Databases databases)
{
    /// <summary>One order of a person at a time, so that two at once cannot both be the last that is allowed.</summary>
    private const string LockSubmitter = "SELECT pg_advisory_xact_lock(hashtextextended('check ' || @Submitter, 0))";

    private const string Insert = """
        INSERT INTO submission (submission_id, tenant, submitter, file_name, is_check, size_bytes, arrived_at, stage,
                                updated_at)
        SELECT @SubmissionId, @Tenant, @Submitter, @fileName, true, @sizeBytes, @ArrivedAt, 'waiting', @ArrivedAt
         WHERE (SELECT count(*) FROM submission WHERE is_check AND stage <> 'ended' AND submitter = @Submitter)
               < @mostUnderWay
        """;

    /// <summary>Orders the check of files that already lie in their folder.</summary>
    /// <returns>False when the person has <paramref name="mostUnderWay"/> checks under way; then nothing is
    /// ordered.</returns>
    public async Task<bool> InsertAsync(
        CheckOrder order, string fileName, long sizeBytes, int mostUnderWay, CancellationToken cancellation)
    {
        var values = new DynamicParameters(order);
        values.AddDynamicParams(new { fileName, sizeBytes, mostUnderWay });
        await using var connection = await databases.Stats.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(
            new CommandDefinition(LockSubmitter, values, transaction, cancellationToken: cancellation));
        var inserted = await connection.ExecuteAsync(
            new CommandDefinition(Insert, values, transaction, cancellationToken: cancellation));
        await transaction.CommitAsync(cancellation);
        return inserted == 1;
    }
}
