using Npgsql;
using Smarter.Core;
using Smarter.Loader.Checking;

namespace Smarter.Loader.Staging;

/// <summary>The record that stands for the file's assessment.</summary>
/// <param name="Status"><see cref="RecStatus.Shadow"/> when production holds the same definition,
/// then the id is production's.</param>
internal sealed record AssessmentRecord(long RecordId, string Status)
{
    // Content is everything that the JSON says but the effective date (loader.md §1.2, "same content").
    private static readonly string FindSame = $"""
        SELECT asmt_rec_id FROM dim_asmt
         WHERE rec_status = 'C'
           AND ({string.Join(", ", ContentColumns.Select(column => column.Name))})
               IS NOT DISTINCT FROM ({string.Join(", ", ContentColumns.Select(column => $"@{column.Name}"))})
        """;

    private static IEnumerable<(string Name, int Index)> ContentColumns =>
        AssessmentMetadata.Columns.Select((name, index) => (name, index))
            .Where(column => column.name != "effective_date");

    /// <summary>Looks for the definition in production, and takes a new record id when it is not there.</summary>
    public static async Task<AssessmentRecord> FindAsync(
        NpgsqlDataSource production, NpgsqlDataSource udl, string tenant, AssessmentMetadata metadata,
        CancellationToken cancellation)
    {
        await using var connection = await production.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(FindSame, connection);
        foreach (var (name, index) in ContentColumns)
            command.Parameters.Add(Parameter(name, metadata.Values[index]));
        if (await command.ExecuteScalarAsync(cancellation) is long known)
            return new AssessmentRecord(known, RecStatus.Shadow);
        return new AssessmentRecord(await new RecordIds(udl, tenant).TakeAsync(1, cancellation), RecStatus.Current);
    }

    /// <summary>A NULL needs a type that compares with its column:
    /// scores and cut points are numbers, the rest is text.</summary>
    private static NpgsqlParameter Parameter(string name, object? value)
    {
        var isNumber = name.Contains("_score_", StringComparison.Ordinal)
            || name.Contains("_cut_point_", StringComparison.Ordinal)
            || name == "asmt_period_year";
        return new NpgsqlParameter(name, isNumber ? NpgsqlTypes.NpgsqlDbType.Smallint : NpgsqlTypes.NpgsqlDbType.Text)
        {
            Value = value ?? DBNull.Value,
        };
    }
}
