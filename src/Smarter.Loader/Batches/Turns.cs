using System.Collections.Concurrent;
using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;
using Smarter.Database;
using Smarter.Loader.Arrival;

namespace Smarter.Loader.Batches;

/// <summary>A load that has not ended and that no worker holds.</summary>
internal sealed record IdleLoad(Guid Id, string Stage);

/// <summary>
/// Whose turn it is: the tenant that has waited longest since a file of its own was begun, and of its files the one
/// that arrived first. Also counts attempts before the work, because a process that dies can count nothing.
/// </summary>
internal sealed class Turns(Databases databases, Submissions submissions, IOptions<ArrivalOptions> options)
{
    // A delay in the future, as after a jump of the clock, does not hold a load up.
    private const string IsRested = "(delayed_at IS NULL OR delayed_at NOT BETWEEN now() - @rest AND now())";

    private const string FindNext = $"""
        SELECT waiting.guid_batch
          FROM (SELECT guid_batch, tenant, arrival_number,
                       row_number() OVER (PARTITION BY tenant ORDER BY arrival_number) AS place
                  FROM load_file WHERE stage = 'arrived' AND {IsRested}) waiting
         CROSS JOIN LATERAL (
            SELECT max(turn) AS turn FROM load_file WHERE tenant = waiting.tenant) last
         WHERE place <= 16
         ORDER BY place, last.turn NULLS FIRST, arrival_number
        """;

    private const string FindIdle = $"""
        SELECT guid_batch AS id, stage FROM load_file
         WHERE stage <> 'ended' AND {IsRested}
           AND NOT EXISTS (
            SELECT FROM pg_locks
             WHERE locktype = 'advisory' AND objsubid = 1 AND database = (
                    SELECT oid FROM pg_database WHERE datname = current_database())
               AND (classid::bigint << 32) | objid::bigint
                   = hashtextextended('smarter.load.' || guid_batch, 0))
         ORDER BY arrival_number LIMIT 1000
        """;

    private const string Begin = """
        UPDATE load_file
           SET attempts = greatest(attempts - @owed, 0) + 1,
               turn = CASE stage WHEN 'arrived' THEN nextval('load_turn') ELSE turn END
         WHERE guid_batch = @id
        RETURNING attempts
        """;

    private const string End = """
        UPDATE load_file SET attempts = 0, delayed_by = NULL, delayed_at = NULL WHERE guid_batch = @id
        """;

    private const string TakeBack = "UPDATE load_file SET attempts = greatest(attempts - 1, 0) WHERE guid_batch = @id";

    private const string Delay = "UPDATE load_file SET delayed_by = @cause, delayed_at = now() WHERE guid_batch = @id";

    private readonly ConcurrentDictionary<Guid, int> owed = new();

    /// <returns>Loads that wait to be staged, in the order in which they should be; a worker may hold some.</returns>
    public async Task<IReadOnlyList<Guid>> FindNextAsync(CancellationToken cancellation)
    {
        await using var connection = await databases.Udl.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<Guid>(Command(FindNext, new { rest = Rest }, cancellation))).AsList();
    }

    /// <returns>At most a thousand loads that wait for their next step and that no worker holds,
    /// in the order of arrival.</returns>
    public async Task<IReadOnlyList<IdleLoad>> FindIdleAsync(CancellationToken cancellation)
    {
        await using var connection = await databases.Udl.OpenConnectionAsync(cancellation);
        return (await connection.QueryAsync<IdleLoad>(Command(FindIdle, new { rest = Rest }, cancellation))).AsList();
    }

    /// <summary>Counts an attempt, before the work.</summary>
    /// <returns>The attempts at the load's present stage, this one included.</returns>
    public async Task<int> BeginAsync(Guid id, CancellationToken cancellation)
    {
        await using var connection = await databases.Udl.OpenConnectionAsync(cancellation);
        var count = await connection.ExecuteScalarAsync<int>(
            Command(Begin, new { id, owed = owed.GetValueOrDefault(id) }, cancellation));
        owed.TryRemove(id, out _);
        return count;
    }

    /// <summary>The stage is done: the next one begins with no attempts, and nothing holds the load up.</summary>
    public Task EndAsync(Guid id) => ExecuteAsync(End, new { id });

    /// <summary>The attempt that was begun does not count.</summary>
    public async Task TakeBackAsync(Guid id)
    {
        try
        {
            await ExecuteAsync(TakeBack, new { id });
        }
        catch (Exception broken) when (broken is NpgsqlException or TimeoutException)
        {
            // PostgreSQL is what failed: settled at the next attempt.
            owed.AddOrUpdate(id, 1, (_, before) => before + 1);
        }
    }

    /// <summary>Stores what holds the load up, for operator and submitter; it rests for
    /// <see cref="ArrivalOptions.ResumeInterval"/>.</summary>
    /// <param name="cause">Without student data.</param>
    /// <exception cref="NpgsqlException">PostgreSQL cannot store it.</exception>
    public async Task DelayAsync(Guid id, string cause)
    {
        await submissions.RecordDelayAsync(id, cause, CancellationToken.None);
        await ExecuteAsync(Delay, new { id, cause });
    }

    private TimeSpan Rest => options.Value.ResumeInterval;

    /// <summary>To its end even when the process is asked to stop: else a stop would count as a failed
    /// attempt.</summary>
    private async Task ExecuteAsync(string sql, object parameters)
    {
        await using var connection = await databases.Udl.OpenConnectionAsync(CancellationToken.None);
        await connection.ExecuteAsync(sql, parameters);
    }

    private static CommandDefinition Command(string sql, object parameters, CancellationToken cancellation) =>
        new(sql, parameters, cancellationToken: cancellation);
}
