using Dapper;
using Npgsql;

namespace Smarter.Loader.Staging;

/// <summary>Hands out a tenant's record ids in runs, from blocks that it reserves in <c>udl2</c>;
/// what is left over is never used. For one thread.</summary>
internal sealed class RecordIds(NpgsqlDataSource udl, string tenant)
{
    private const int BlockSize = 20_000;
    private const string Reserve = "SELECT reserve_record_sids(@tenant, @howMany)";

    private long next;
    private long end;

    /// <returns>The first of <paramref name="howMany"/> ids that follow each other.</returns>
    public async Task<long> TakeAsync(int howMany, CancellationToken cancellation)
    {
        if (end - next < howMany)
        {
            var size = Math.Max(BlockSize, howMany);
            await using var connection = await udl.OpenConnectionAsync(cancellation);
            next = await connection.ExecuteScalarAsync<long>(
                new CommandDefinition(Reserve, new { tenant, howMany = (long)size }, cancellationToken: cancellation));
            end = next + size;
        }
        next += howMany;
        return next - howMany;
    }
}
