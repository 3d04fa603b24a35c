using Npgsql;

namespace Smarter.Loader.Building;

/// <summary>Moves a result set between two servers as PostgreSQL writes it, with flat memory.</summary>
internal static class Pipe
{
    /// <param name="copyOut">A <c>COPY … TO STDOUT (FORMAT binary)</c> statement.</param>
    /// <param name="copyIn">A <c>COPY … FROM STDIN (FORMAT binary)</c> statement with the same columns and types.</param>
    public static async Task RunAsync(
        NpgsqlConnection from, string copyOut, NpgsqlConnection to, string copyIn, CancellationToken cancellation)
    {
        await using var source = await from.BeginRawBinaryCopyAsync(copyOut, cancellation);
        await using var target = await to.BeginRawBinaryCopyAsync(copyIn, cancellation);
        try
        {
            await source.CopyToAsync(target, 256 * 1024, cancellation);
        }
        catch
        {
            await target.CancelAsync();
            throw;
        }
    }
}
