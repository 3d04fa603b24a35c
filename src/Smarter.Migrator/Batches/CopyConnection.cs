using Npgsql;

namespace Smarter.Migrator.Batches;

internal static class CopyConnection
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>Opens a connection of its own, outside the pool, for statements that take as long as a batch is large:
    /// without a time limit (a COPY can be given one by its connection only), with large buffers, and with TCP probes
    /// that end it within two minutes when the server is gone.</summary>
    /// <exception cref="NpgsqlException">The server does not answer.</exception>
    public static async Task<NpgsqlConnection> OpenForCopyAsync(
        this NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var model = database.CreateConnection();
        var settings = new NpgsqlConnectionStringBuilder(model.ConnectionString)
        {
            CommandTimeout = 0,
            Pooling = false,
            ReadBufferSize = BufferBytes,
            WriteBufferSize = BufferBytes,
            TcpKeepAlive = true,
            TcpKeepAliveTime = 30,
            TcpKeepAliveInterval = 10,
        };
        var connection = model.CloneWith(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
