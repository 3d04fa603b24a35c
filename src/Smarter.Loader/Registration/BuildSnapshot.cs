using Dapper;
using Npgsql;
using Smarter.Core;
using Smarter.Database;
using Smarter.Loader.Batches;
using Smarter.Loader.Building;

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
        DELETE FROM "{0}".student_reg removed
         USING (SELECT line.src_file_rec_num,
                       max(line.src_file_rec_num) OVER (PARTITION BY {{Content}}) AS last_row
                  FROM "{0}".student_reg line JOIN repeated_student USING (student_id)) repeated
         WHERE removed.src_file_rec_num = repeated.src_file_rec_num
           AND repeated.src_file_rec_num < repeated.last_row
        RETURNING removed.src_file_rec_num
        """;

    private const string FindStudentsRegisteredTwice = """
        SELECT src_file_rec_num
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

        var notes = await RowNotes.RecordAsync(connection, databases.Udl, file,
            [ErrorCode.SupersededInFile, ErrorCode.StudentRegisteredTwice], cancellation);
        await files.RecordBuiltAsync(
            file.Id, notes.Count(note => note.Code == (long)ErrorCode.SupersededInFile), cancellation);
    }

    private async Task BuildAsync(NpgsqlConnection connection, LoadFile file, CancellationToken cancellation)
    {
        var started = clock.GetUtcNow();
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync("SET LOCAL ROLE smarter_staging");
        CommandDefinition Command(string sql) => new(
            sql.Replace("{0}", file.Guid, StringComparison.Ordinal),
            transaction: transaction, commandTimeout: 0, cancellationToken: cancellation);

        var notes = new List<RowNote>();
        void Note(ErrorCode code, IEnumerable<long> rowNumbers) =>
            notes.AddRange(rowNumbers.Select(row => new RowNote((long)code, row)));
        await connection.ExecuteAsync(Command(FindRepeatedStudents));
        Note(ErrorCode.SupersededInFile, await connection.QueryAsync<long>(Command(RemoveRepeatedRows)));
        Note(ErrorCode.StudentRegisteredTwice, await connection.QueryAsync<long>(Command(FindStudentsRegisteredTwice)));
        var rows = await connection.ExecuteScalarAsync<long>(Command(CountRows));
        await RowNotes.KeepAsync(connection, file, notes, cancellation);
        await transaction.CommitAsync(cancellation);
        await audit.RecordAsync(file, file.LoadType, cancellation,
            new StageRecord(UdlPhase.Snapshot, started, clock.GetUtcNow(), rows, Schema: file.Guid));
    }
}
