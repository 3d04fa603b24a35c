using Dapper;
using Npgsql;
using Smarter.Database;

namespace Smarter.Loader.Locking;

/// <summary>
/// Work that one process of all machines does at a time, by an advisory lock of <c>udl2</c>. The others wait, and one
/// of them takes over when the lock's connection ends, with the process at the latest.
/// </summary>
internal sealed class SoleWorker(Databases databases, TimeProvider clock, ILogger<SoleWorker> log)
{
    private const string TryLock = "SELECT pg_try_advisory_lock(hashtextextended('smarter.' || @work, 0))";
    private const string Unlock = "SELECT pg_advisory_unlock_all()";

    /// <summary>Repeats <paramref name="roundAsync"/> while it is this process's turn. Whatever goes wrong in a round
    /// is logged, and the next round comes after the pause.</summary>
    /// <param name="work">Names the lock; the same on every machine.</param>
    /// <param name="pause">How long from now to the next round, and to the next try for the lock.</param>
    /// <returns>When <paramref name="stopping"/> is signalled.</returns>
    public async Task RepeatAsync(
        string work, Func<TimeSpan> pause, Func<CancellationToken, Task> roundAsync, CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await TryHoldAsync(work, pause, roundAsync, stopping);
                await Task.Delay(pause(), clock, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // asked to stop
        }
    }

    /// <summary>Works until the lock is lost; returns at once when another process holds it.</summary>
    private async Task TryHoldAsync(
        string work, Func<TimeSpan> pause, Func<CancellationToken, Task> roundAsync, CancellationToken stopping)
    {
        try
        {
            await using var connection = await databases.Udl.OpenConnectionAsync(stopping);
            if (!await connection.ExecuteScalarAsync<bool>(TryLock, new { work }))
                return;
            log.LogInformation("It is this process's turn: {Work}", work);
            try
            {
                while (true)
                {
                    await connection.ExecuteAsync("SELECT 1"); // a lost connection has lost the lock
                    await TryRoundAsync(work, roundAsync, stopping);
                    await Task.Delay(pause(), clock, stopping);
                }
            }
            finally
            {
                if (connection.FullState == System.Data.ConnectionState.Open)
                    await connection.ExecuteAsync(Unlock);
            }
        }
        catch (Exception broken) when (broken is NpgsqlException or TimeoutException)
        {
            log.LogError(broken, "The turn for {Work} cannot be had now", work);
        }
    }

    private async Task TryRoundAsync(string work, Func<CancellationToken, Task> roundAsync, CancellationToken stopping)
    {
        try
        {
            await roundAsync(stopping);
        }
        catch (Exception trouble)
            when (trouble is not OperationCanceledException || !stopping.IsCancellationRequested) // else a time limit
        {
            log.LogError(trouble, "A round of {Work} failed; the next one tries again", work);
        }
    }
}
