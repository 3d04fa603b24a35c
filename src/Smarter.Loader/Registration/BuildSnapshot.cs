using Dapper;
using Npgsql;
using Smarter.Core;
using Smarter.Database;
using Smarter.Loader.Batches;
using Smarter.Loader.Building;
using Smarter.Loader.Staging;

namespace Smarter.Loader.Registration;

/// <summary>
/// Makes the staged rows of a registration file ready to migrate, in one transaction (loader.md §5.7, docs/adr/0016):
/// of rows that say the same the last one stays; a student who is registered in different ways keeps every row.
/// </summary>
internal sealed class BuildSnapshot(Databases databases, LoadFiles files, UdlBatch audit, TimeProvider clock)
{
    private static readonly string Content =
        string.Join(", ", RegistrationLayout.Csv.Columns.Select(column => $"line.{column.Target}"));

    private const string FindRepeatedStudents = """
        CREATE TEMP TABLE repeated_student ON COMMIT DROP AS
        SELECT student_id FROM "{0}".student_reg GROUP BY student_id HAVING count(*) > 1;
        ANALYZE repeated_student;
        """;

    private static readonly string RemoveRepeatedRows = $$"""
        WITH removed AS (
            DELETE FROM "{0}".student_reg removed
             USING (SELECT line.src_file_rec_num,
                           max(line.src_file_rec_num) OVER (PARTITION BY {{Content}}) AS last_row
                      FROM "{0}".student_reg line JOIN repeated_student USING (student_id)) repeated
             WHERE removed.src_file_rec_num = repeated.src_file_rec_num
               AND repeated.src_file_rec_num < repeated.last_row
            RETURNING removed.src_file_rec_num)
        INSERT INTO "{0}".row_note SELECT @code, src_file_rec_num FROM removed
        """;

    private const string NoteStudentsRegisteredTwice = """
        INSERT INTO "{0}".row_note
        SELECT @code, src_file_rec_num
          FROM (SELECT line.src_file_rec_num, count(*) OVER (PARTITION BY line.student_id) AS rows
                  FROM "{0}".student_reg line JOIN repeated_student USING (student_id)) repeated
         WHERE rows > 1
        """;

    private const string CountRows = """SELECT count(*) FROM "{0}".student_reg""";

    /// <summary>Builds the batch, unless an earlier attempt did,
    /// and moves it to <see cref="LoadStage.Finishing"/>.</summary>
    public async Task RunAsync(LoadFile file, CancellationToken cancellation)
    {
        await using var connection = await databases.Staging(file.Tenant).OpenConnectionAsync(cancellation);
        if (!await RowNotes.AreKeptAsync(connection, file))
            await BuildAsync(connection, file, cancellation);

        var superseded = await RowNotes.RecordAsync(connection, databases.Udl, file,
            [ErrorCode.SupersededInFile, ErrorCode.StudentRegisteredTwice], cancellation);
        await files.RecordBuiltAsync(file.Id, superseded, cancellation);
    }

    private async Task BuildAsync(NpgsqlConnection connection, LoadFile file, CancellationToken cancellation)
    {
        var started = clock.GetUtcNow();
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(BatchSchema.BecomeOwner);
        CommandDefinition Command(string sql, ErrorCode? note = null) => new(
            sql.Replace("{0}", file.Guid, StringComparison.Ordinal), new { code = (long?)note }, transaction,
            commandTimeout: 0, cancellationToken: cancellation);

        await RowNotes.CreateAsync(connection, file, cancellation);
        await connection.ExecuteAsync(Command(FindRepeatedStudents));
        await connection.ExecuteAsync(Command(RemoveRepeatedRows, ErrorCode.SupersededInFile));
        await connection.ExecuteAsync(Command(NoteStudentsRegisteredTwice, ErrorCode.StudentRegisteredTwice));
        var rows = await connection.ExecuteScalarAsync<long>(Command(CountRows));
        await transaction.CommitAsync(cancellation);
        await audit.RecordAsync(file, file.LoadType, cancellation,
            new StageRecord(UdlPhase.Snapshot, started, clock.GetUtcNow(), rows, Schema: file.Guid));
    }
}
