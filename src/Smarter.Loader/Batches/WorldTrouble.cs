using System.ComponentModel;
using Npgsql;
using Smarter.Loader.Unpacking;

namespace Smarter.Loader.Batches;

/// <summary>A disk, a network, a server that is away or full: no fault of the file, and it passes.</summary>
internal static class WorldTrouble
{
    private const int NoSpaceLeft = 28; // ENOSPC of Linux, which .NET keeps as HResult
    private const int QuotaExceeded = 122; // EDQUOT

    /// <returns>What the load waits for, in words without student data; null when the trouble is not the world's.
    /// </returns>
    public static string? CauseOf(Exception trouble) => trouble switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } =>
            "The disk of PostgreSQL is full (53100). It goes on when there is space.",
        PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } =>
            "Another connection, perhaps of a loader that was killed, still holds its tables (55P03).",
        PostgresException refused
            when refused.IsTransient || refused.SqlState[..2] is "08" or "40" or "53" or "57" or "58" =>
            $"PostgreSQL refuses for now ({refused.SqlState}).",
        PostgresException => null,
        NpgsqlException or TimeoutException => "PostgreSQL does not answer.",
        IOException { HResult: NoSpaceLeft or QuotaExceeded } =>
            "The disk of the landing zone is full. It goes on when there is space.",
        IOException => "The landing zone cannot be read or written.",
        KeyNotUsableException notUsable => notUsable.Message,
        Win32Exception => "A program that the loader needs, such as gpg, does not start.",
        UnauthorizedAccessException => "The loader has no right to a file or folder of the landing zone.",
        _ => null,
    };
}
