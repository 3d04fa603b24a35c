using Dapper;
using Npgsql;
using Smarter.Database;
using Smarter.Loader.Batches;

namespace Smarter.Loader.Building;

/// <summary>Finds the students whom production already describes just as the file does: their rows become shadows,
/// and the facts point to production's record (loader.md §5.5, step 2).</summary>
internal static class StudentShadows
{
    private const string AnyStudent = "SELECT EXISTS (SELECT FROM dim_student WHERE rec_status = 'C')";

    private const string MakeWanted = "CREATE TEMP TABLE wanted (student_id varchar(40) COLLATE \"C\") ON COMMIT DROP";

    private static readonly string CopyKnownOut = $"""
        COPY (SELECT known.student_rec_id, {StudentContent.List("known")}
                FROM wanted JOIN dim_student known ON known.student_id = wanted.student_id AND known.rec_status = 'C')
        TO STDOUT (FORMAT binary)
        """;

    private static readonly string MakeKnown = $"""
        CREATE TEMP TABLE known ON COMMIT DROP AS
        SELECT known.student_rec_id, {StudentContent.List("known")} FROM star.dim_student known WITH NO DATA
        """;

    private static readonly string MarkShadows = $$"""
        CREATE TEMP TABLE shadow ON COMMIT DROP AS
        SELECT known.student_id, known.student_rec_id
          FROM known JOIN "{1}".dim_student student ON student.student_id = known.student_id
         WHERE ({{StudentContent.List("student")}}) IS NOT DISTINCT FROM ({{StudentContent.List("known")}});
        ANALYZE shadow;
        UPDATE "{1}".dim_student student SET student_rec_id = shadow.student_rec_id, rec_status = 'S'
          FROM shadow WHERE shadow.student_id = student.student_id;
        UPDATE "{1}".{0} fact SET student_rec_id = shadow.student_rec_id
          FROM shadow WHERE shadow.student_id = fact.student_id AND fact.rec_status = 'C';
        """;

    /// <param name="staging">In the transaction that builds the batch, as role smarter_staging.</param>
    /// <param name="table">The batch's fact table.</param>
    /// <returns>How many students are shadows.</returns>
    public static async Task<long> ResolveAsync(
        NpgsqlConnection staging, NpgsqlDataSource production, LoadFile file, string table,
        CancellationToken cancellation)
    {
        await using var source = await production.OpenConnectionAsync(cancellation);
        if (!await source.ExecuteScalarAsync<bool>(new CommandDefinition(AnyStudent, cancellationToken: cancellation)))
            return 0;

        await using var transaction = await source.BeginTransactionAsync(cancellation);
        await source.ExecuteAsync(MakeWanted);
        await CopyPipe.RunAsync(
            staging, $"""COPY (SELECT student_id FROM "{file.Id}".dim_student) TO STDOUT (FORMAT binary)""",
            source, "COPY wanted FROM STDIN (FORMAT binary)", cancellation);
        await source.ExecuteAsync("ANALYZE wanted", commandTimeout: 0);

        await staging.ExecuteAsync(MakeKnown);
        await CopyPipe.RunAsync(source, CopyKnownOut, staging, "COPY known FROM STDIN (FORMAT binary)", cancellation);
        await staging.ExecuteAsync("ANALYZE known", commandTimeout: 0);
        var sql = MarkShadows.Replace("{0}", table, StringComparison.Ordinal)
            .Replace("{1}", file.Guid, StringComparison.Ordinal);
        await staging.ExecuteAsync(new CommandDefinition(sql, commandTimeout: 0, cancellationToken: cancellation));
        return await staging.ExecuteScalarAsync<long>("SELECT count(*) FROM shadow");
    }
}
