using Npgsql;

namespace Smarter.Database;

/// <summary>Moves a result set between two servers as PostgreSQL writes it, with flat memory.</summary>
public static class CopyPipe
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>Runs both statements at once, in whatever transactions the connections have open.</summary>
    /// <param name="copyOut">A <c>COPY … TO STDOUT (FORMAT binary)</c> statement.</param>
    /// <param name="copyIn">A <c>COPY … FROM STDIN (FORMAT binary)</c> statement
    /// with the same columns and types.</param>
    /// <exception cref="NpgsqlException">A server refused a statement or a row, or was lost;
    /// no row is written.</exception>
    public static async Task RunAsync(
        NpgsqlConnection from, string copyOut, NpgsqlConnection to, string copyIn, CancellationToken cancellation)
    {
        await using var source = await from.BeginRawBinaryCopyAsync(copyOut, cancellation);
        await using var target = await to.BeginRawBinaryCopyAsync(copyIn, cancellation);
        try
        {
            await source.CopyToAsync(target, BufferBytes, cancellation);
        }
        catch
        {
            await target.CancelAsync(); // else its disposal would end the COPY as if it were whole
            throw;
        }
    }
}
