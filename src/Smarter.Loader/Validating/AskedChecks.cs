using System.Collections.Concurrent;
using Dapper;
using Microsoft.Extensions.Options;
using Smarter.Core;
using Smarter.Database;
using Smarter.Loader.Batches;
using Smarter.Loader.Finishing;

namespace Smarter.Loader.Validating;

/// <summary>
/// Runs the checks that the site asks for in table <c>submission</c>, oldest first, two at a time in a process.
/// A check is held by a lock that ends with the process (<see cref="BatchClaim"/>), so that a killed one begins again;
/// not by a lock of its row, which would keep its progress from being written.
/// </summary>
internal sealed class AskedChecks(
    Databases databases, FileChecks checks, Submissions submissions, IOptions<ChecksOptions> options,
    TimeProvider clock, ILogger<AskedChecks> log) : BackgroundService
{
    private const int AtOnce = 2;

    private const string FindAsked = """
        SELECT submission_id, tenant, file_name FROM submission
         WHERE is_check AND stage <> 'ended' ORDER BY arrived_at, submission_id
        """;

    private const string IsStillAsked =
        "SELECT EXISTS (SELECT FROM submission WHERE submission_id = @id AND stage <> 'ended')";

    private const string FindEnded = """
        SELECT submission_id FROM submission
         WHERE is_check AND stage = 'ended' AND submission_id = ANY (@ids)
        """;

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RestAfterTrouble = TimeSpan.FromSeconds(10);

    /// <summary>Checks that met trouble of the world, with when: for a while they do not run, then after the others.
    /// </summary>
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> resting = [];

    /// <summary>A check whose last attempt did not end may have killed its process: such checks run one after the
    /// other, so that one is not blamed for another.</summary>
    private readonly SemaphoreSlim suspects = new(1);

    private sealed record AskedCheck(Guid SubmissionId, string Tenant, string FileName);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Folder is null)
            return;
        await RemoveLeftFoldersAsync(stoppingToken);
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => PollAsync(stoppingToken)));
    }

    private async Task PollAsync(CancellationToken stopping)
    {
        using var pause = new PeriodicTimer(PollInterval, clock);
        do
        {
            try
            {
                while (await RunNextAsync(stopping))
                {
                }
            }
            catch (Exception broken) when (!stopping.IsCancellationRequested)
            {
                log.LogError(broken, "Checks cannot be run now");
            }
        }
        while (await pause.WaitForNextTickAsync(stopping));
    }

    /// <returns>False when nobody asks for a check that is not under way or at rest.</returns>
    private async Task<bool> RunNextAsync(CancellationToken stopping)
    {
        var inTurn = (await AskedAsync(stopping)).OrderBy(asked => resting.GetValueOrDefault(asked.SubmissionId));
        foreach (var asked in inTurn)
        {
            if (resting.TryGetValue(asked.SubmissionId, out var since) && clock.GetUtcNow() - since < RestAfterTrouble)
                continue;
            await using var claim = await BatchClaim.TryTakeAsync(databases, asked.SubmissionId, stopping);
            if (claim is null || !await IsStillAskedAsync(asked, stopping))
                continue;
            var isSuspect = CheckAttempts.Count(FolderOf(asked)) > 0;
            if (isSuspect && !await suspects.WaitAsync(TimeSpan.Zero, stopping))
                continue;
            try
            {
                await RunAsync(asked, stopping);
            }
            finally
            {
                if (isSuspect)
                    suspects.Release();
            }
            return true;
        }
        return false;
    }

    private async Task RunAsync(AskedCheck asked, CancellationToken stopping)
    {
        using var scope = log.BeginScope(new Dictionary<string, object> { ["BatchId"] = asked.SubmissionId });
        var began = clock.GetUtcNow().UtcDateTime;
        try
        {
            await EndAsync(asked, await CheckAsync(asked, began, stopping), stopping);
        }
        catch (Exception trouble) when (WorldTrouble.CauseOf(trouble) is { } cause)
        {
            log.LogError(trouble, "The check is tried again later: {Cause}", cause);
            resting[asked.SubmissionId] = clock.GetUtcNow();
            await submissions.RecordDelayAsync(asked.SubmissionId, cause, stopping);
            CheckAttempts.TakeBack(FolderOf(asked));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            CheckAttempts.TakeBack(FolderOf(asked));
            throw;
        }
        catch (Exception unforeseen)
        {
            log.LogError(unforeseen, "The check failed");
            resting[asked.SubmissionId] = clock.GetUtcNow();
            await EndAsync(asked, Failed(asked, began, new FileRejectedException(
                ErrorCode.CannotBeProcessed,
                $"The check failed ({unforeseen.GetType().Name}); the loader's log says why.")), stopping);
        }
    }

    private async Task<Receipt> CheckAsync(AskedCheck asked, DateTime began, CancellationToken stopping)
    {
        if (FileOf(asked) is not { } file)
            return Failed(asked, began, new FileRejectedException(
                ErrorCode.FileLost, "The file to check is no longer there."));
        if (CheckAttempts.Begin(FolderOf(asked)) > CheckAttempts.AtMost)
            return Failed(asked, began, new FileRejectedException(
                ErrorCode.CannotBeProcessed,
                $"The loader ended {CheckAttempts.AtMost} times while it checked this file."));
        var check = checks.Begin(file, new CheckContext(
            asked.SubmissionId, asked.Tenant, databases.FindTenant(asked.Tenant)!.StateCode, FolderOf(asked)));
        await using var following = submissions.FollowReading(
            asked.SubmissionId, () => check.Progress, Submissions.ReadingOfCheck);
        return await check.RunAsync(stopping);
    }

    private async Task EndAsync(AskedCheck asked, Receipt receipt, CancellationToken stopping)
    {
        await submissions.RecordCheckedAsync(asked.SubmissionId, receipt.Outcome, receipt.ToJson(), stopping);
        resting.TryRemove(asked.SubmissionId, out _);
        log.LogInformation("{File} of {Tenant} was checked: {Outcome}", asked.FileName, asked.Tenant, receipt.Outcome);
        if (Directory.Exists(FolderOf(asked)))
            Directory.Delete(FolderOf(asked), recursive: true);
    }

    /// <returns>What lies in the check's folder; null when it is not there, or not what the site puts there.</returns>
    private FileToCheck? FileOf(AskedCheck asked)
    {
        if (Path.GetFileName(asked.FileName) != asked.FileName
            || !File.Exists(Path.Combine(FolderOf(asked), asked.FileName)))
            return null;
        try
        {
            return FileToCheck.Find([FolderOf(asked)]) is [var only] ? only : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private Receipt Failed(AskedCheck asked, DateTime began, FileRejectedException fault) => new(
        asked.SubmissionId, asked.Tenant, asked.FileName, Md5: "", began, clock.GetUtcNow().UtcDateTime,
        CheckOutcome.Failed, ReceiptFault.From(fault.Code, fault.Reason), DuplicateOf: null,
        new ReceiptRows(0, 0, 0, 0), [], []);

    /// <summary>A loader that was killed between the end of a check and the removal of its folder left one.</summary>
    private async Task RemoveLeftFoldersAsync(CancellationToken stopping)
    {
        try
        {
            await TryRemoveLeftFoldersAsync(stopping);
        }
        catch (Exception broken) when (!stopping.IsCancellationRequested)
        {
            log.LogWarning(broken, "Folders of checks that have ended stay until the next start");
        }
    }

    private async Task TryRemoveLeftFoldersAsync(CancellationToken stopping)
    {
        var folders = Directory.GetDirectories(options.Value.Folder!)
            .Where(folder => databases.FindTenant(Path.GetFileName(folder)) is not null)
            .SelectMany(Directory.GetDirectories)
            .Where(folder => Guid.TryParse(Path.GetFileName(folder), out _))
            .ToDictionary(folder => Guid.Parse(Path.GetFileName(folder)));
        if (folders.Count == 0)
            return;
        await using var connection = await databases.Stats.OpenConnectionAsync(stopping);
        foreach (var ended in await connection.QueryAsync<Guid>(new CommandDefinition(
            FindEnded, new { ids = folders.Keys.ToArray() }, cancellationToken: stopping)))
        {
            Directory.Delete(folders[ended], recursive: true);
        }
    }

    /// <returns>Oldest first; those of tenants that this loader does not serve are another's.</returns>
    private async Task<IReadOnlyList<AskedCheck>> AskedAsync(CancellationToken stopping)
    {
        await using var connection = await databases.Stats.OpenConnectionAsync(stopping);
        var asked = await connection.QueryAsync<AskedCheck>(
            new CommandDefinition(FindAsked, cancellationToken: stopping));
        return [.. asked.Where(check => databases.FindTenant(check.Tenant) is not null)];
    }

    private async Task<bool> IsStillAskedAsync(AskedCheck asked, CancellationToken stopping)
    {
        await using var connection = await databases.Stats.OpenConnectionAsync(stopping);
        return await connection.ExecuteScalarAsync<bool>(
            new CommandDefinition(IsStillAsked, new { id = asked.SubmissionId }, cancellationToken: stopping));
    }

    private string FolderOf(AskedCheck asked) =>
        Path.Combine(options.Value.Folder!, asked.Tenant, asked.SubmissionId.ToString());

    public override void Dispose()
    {
        suspects.Dispose();
        base.Dispose();
    }
}
