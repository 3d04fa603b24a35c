using System.Threading.Channels;
using Dapper;
using Npgsql;

namespace Smarter.Loader.Staging;

/// <summary>One running COPY into one table,
/// in a transaction of its own that only <see cref="CommitAsync"/> makes lasting.</summary>
internal sealed class TableCopy : IAsyncDisposable
{
    // Signature, flags and length of the header extension (PostgreSQL manual, COPY, "Binary Format").
    private static readonly byte[] FileHeader =
        [.. "PGCOPY\n"u8, 0xFF, .. "\r\n\0"u8, 0, 0, 0, 0, 0, 0, 0, 0];

    private static readonly byte[] FileTrailer = [0xFF, 0xFF];

    private readonly NpgsqlTransaction transaction;
    private readonly Channel<CopyBuffer> waiting = Channel.CreateBounded<CopyBuffer>(2);
    private readonly Task writing;

    private TableCopy(NpgsqlConnection connection, NpgsqlTransaction transaction, NpgsqlRawCopyStream copy)
    {
        Connection = connection;
        this.transaction = transaction;
        writing = WriteAsync(copy);
    }

    /// <summary>The connection, for more statements in the transaction
    /// once <see cref="CompleteAsync"/> returned.</summary>
    public NpgsqlConnection Connection { get; }

    /// <param name="prepare">Statements before the COPY, in its transaction.</param>
    /// <param name="copy">A <c>COPY … FROM STDIN (FORMAT binary …)</c> statement.</param>
    public static async Task<TableCopy> BeginAsync(
        NpgsqlDataSource database, string prepare, string copy, CancellationToken cancellation)
    {
        var connection = await database.OpenConnectionAsync(cancellation);
        try
        {
            var transaction = await connection.BeginTransactionAsync(cancellation);
            await connection.ExecuteAsync(
                new CommandDefinition(prepare, transaction: transaction, cancellationToken: cancellation));
            return new TableCopy(connection, transaction, await connection.BeginRawBinaryCopyAsync(copy, cancellation));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Hands over tuples; waits while the server is behind. The buffer is disposed once it is sent.</summary>
    /// <exception cref="PostgresException">The server has refused earlier tuples.</exception>
    public async ValueTask AddAsync(CopyBuffer tuples, CancellationToken cancellation)
    {
        try
        {
            await waiting.Writer.WriteAsync(tuples, cancellation);
        }
        catch (ChannelClosedException)
        {
            await writing;
            throw;
        }
    }

    /// <summary>Ends the COPY; the rows stand in the open transaction.</summary>
    public async Task CompleteAsync()
    {
        waiting.Writer.TryComplete();
        await writing;
    }

    public Task CommitAsync(CancellationToken cancellation) => transaction.CommitAsync(cancellation);

    /// <summary>Rolls back what was not committed.</summary>
    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete(new OperationCanceledException("The load was given up."));
        await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await transaction.DisposeAsync();
        await Connection.DisposeAsync();
    }

    private async Task WriteAsync(NpgsqlRawCopyStream copy)
    {
        try
        {
            await copy.WriteAsync(FileHeader);
            await foreach (var tuples in waiting.Reader.ReadAllAsync())
            {
                using (tuples)
                    await copy.WriteAsync(tuples.Written);
            }
            await copy.WriteAsync(FileTrailer);
            await copy.DisposeAsync();
        }
        catch (Exception trouble)
        {
            waiting.Writer.TryComplete(trouble);
            await GiveUpAsync(copy);
            throw;
        }
    }

    private static async Task GiveUpAsync(NpgsqlRawCopyStream copy)
    {
        try
        {
            await copy.CancelAsync();
        }
        catch (Exception broken)
            when (broken is NpgsqlException or InvalidOperationException or ObjectDisposedException)
        {
            // The connection is gone already; the transaction goes with it.
        }
    }
}
