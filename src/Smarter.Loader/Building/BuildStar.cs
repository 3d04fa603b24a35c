using Dapper;
using Npgsql;
using Smarter.Core;
using Smarter.Database;
using Smarter.Loader.Batches;
using Smarter.Loader.Staging;

namespace Smarter.Loader.Building;

/// <summary>
/// Turns the staged rows of a batch into its star schema, set by set and in one transaction (loader.md §5.5, §5.6):
/// outcomes and students that the file repeats, students that production already holds, deletes,
/// and the unique keys that prove the result.
/// </summary>
internal sealed class BuildStar(Databases databases, LoadFiles files, UdlBatch audit, TimeProvider clock)
{
    // docs/adr/0007: the unique index is the test for repeats; only a file that fails it pays for finding them.
    // All rows of a batch have one asmt_guid (5030 else), so it adds nothing to the key.
    private const string OutcomeKey = """
        CREATE UNIQUE INDEX {0}_key ON "{1}".{0} (student_id, date_taken) WHERE rec_status = 'C'
        """;

    private const string StudentKey = """
        CREATE UNIQUE INDEX IF NOT EXISTS dim_student_key ON "{1}".dim_student (student_id)
        """;

    // The two keys are built side by side; helpers of their own would only stand in each other's way.
    private const string BuildAlone =
        "SET LOCAL maintenance_work_mem = '256MB'; SET LOCAL max_parallel_maintenance_workers = 0";

    private const string RemoveRepeatedOutcomes = """
        WITH later AS (
            SELECT student_id, asmt_guid, date_taken, max(src_file_rec_num) AS last_row
              FROM "{1}".{0} WHERE rec_status = 'C'
             GROUP BY student_id, asmt_guid, date_taken HAVING count(*) > 1),
        removed AS (
            DELETE FROM "{1}".{0} fact USING later
             WHERE fact.rec_status = 'C'
               AND (fact.student_id, fact.asmt_guid, fact.date_taken)
                   = (later.student_id, later.asmt_guid, later.date_taken)
               AND fact.src_file_rec_num < later.last_row
            RETURNING fact.src_file_rec_num)
        INSERT INTO "{1}".row_note SELECT @code, src_file_rec_num FROM removed
        """;

    // One row per student, with what it says: to compare each row with the last one is linear in the rows.
    private static readonly string FindRepeatedStudents = $$"""
        CREATE TEMP TABLE repeated_student ON COMMIT DROP AS
        SELECT DISTINCT ON (student_id) student_rec_id, src_file_rec_num, {{StudentContent.List("student")}}
          FROM "{1}".dim_student student
         WHERE student_id IN (SELECT student_id FROM "{1}".dim_student GROUP BY student_id HAVING count(*) > 1)
         ORDER BY student_id, src_file_rec_num DESC;
        ANALYZE repeated_student;
        """;

    private static readonly string NoteStudentsDescribedTwice = $$"""
        INSERT INTO "{1}".row_note
        SELECT @code, repeated.src_file_rec_num
          FROM repeated_student repeated
         WHERE EXISTS (
            SELECT FROM "{1}".dim_student other
             WHERE other.student_id = repeated.student_id
               AND ({{StudentContent.List("repeated")}}) IS DISTINCT FROM ({{StudentContent.List("other")}}))
        """;

    private const string KeepLastStudents = """
        UPDATE "{1}".{0} fact SET student_rec_id = repeated.student_rec_id
          FROM repeated_student repeated
         WHERE fact.student_id = repeated.student_id AND fact.student_rec_id NOT IN (-1, repeated.student_rec_id);
        DELETE FROM "{1}".dim_student student USING repeated_student repeated
         WHERE student.student_id = repeated.student_id AND student.student_rec_id <> repeated.student_rec_id;
        """;

    private const string ResolveDeletes = """
        UPDATE "{1}".{0} fact SET student_rec_id = student.student_rec_id
          FROM "{1}".dim_student student
         WHERE fact.rec_status IN ('W', 'D') AND student.student_id = fact.student_id;
        UPDATE "{1}".{0} fact SET inst_hier_rec_id = school.inst_hier_rec_id
          FROM "{1}".dim_inst_hier school
         WHERE fact.rec_status IN ('W', 'D')
           AND (school.state_code, school.district_id, school.school_id)
               = (fact.state_code, fact.district_id, fact.school_id);
        """;

    /// <summary>Builds the batch, unless an earlier attempt did,
    /// and moves it to <see cref="LoadStage.Finishing"/>.</summary>
    /// <exception cref="FileRejectedException">1000 or 1001: a delete does not fit;
    /// the whole file is rejected.</exception>
    public async Task RunAsync(LoadFile file, CancellationToken cancellation)
    {
        await using var connection = await databases.Staging(file.Tenant).OpenConnectionAsync(cancellation);
        if (!await RowNotes.AreKeptAsync(connection, file))
            await BuildAsync(connection, file, cancellation);

        var superseded = await RowNotes.RecordAsync(connection, databases.Udl, file,
            [ErrorCode.SupersededInFile, ErrorCode.StudentDescribedTwice], cancellation);
        await files.RecordBuiltAsync(file.Id, superseded, cancellation);
    }

    private async Task BuildAsync(NpgsqlConnection connection, LoadFile file, CancellationToken cancellation)
    {
        var started = clock.GetUtcNow();
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync($"{BatchSchema.BecomeOwner} {BuildAlone}");
        var table = await FactTableAsync(connection, file);
        CommandDefinition Command(string sql, ErrorCode? note = null) => new(
            Sql(sql, table, file), new { code = (long?)note }, transaction, commandTimeout: 0,
            cancellationToken: cancellation);

        await RowNotes.CreateAsync(connection, file, cancellation);
        var unique = await Task.WhenAll(
            TryKeyAsync(connection, transaction, Command(OutcomeKey), cancellation),
            TryStudentKeyAsync(file, cancellation));
        if (unique is [false, _])
        {
            await connection.ExecuteAsync(Command(RemoveRepeatedOutcomes, ErrorCode.SupersededInFile));
            await connection.ExecuteAsync(Command(OutcomeKey));
        }
        if (unique is [_, false])
        {
            await connection.ExecuteAsync(Command(FindRepeatedStudents));
            await connection.ExecuteAsync(Command(NoteStudentsDescribedTwice, ErrorCode.StudentDescribedTwice));
            await connection.ExecuteAsync(Command(KeepLastStudents));
            await connection.ExecuteAsync(Command(StudentKey));
        }
        var production = databases.Production(file.Tenant);
        var shadows = await StudentShadows.ResolveAsync(connection, production, file, table, cancellation);
        var deletes = await DeleteMatches.ResolveAsync(connection, databases, file, table, cancellation);
        if (deletes > 0)
            await connection.ExecuteAsync(Command(ResolveDeletes));
        var facts = await connection.ExecuteScalarAsync<long>(Command("SELECT count(*) FROM \"{1}\".{0}"));
        var students = await connection.ExecuteScalarAsync<long>(Command("SELECT count(*) FROM \"{1}\".dim_student"));
        var schools = await connection.ExecuteScalarAsync<long>(Command("SELECT count(*) FROM \"{1}\".dim_inst_hier"));
        await transaction.CommitAsync(cancellation);
        await RecordAsync(file, table, started, facts, schools, students, shadows, deletes, cancellation);
    }

    /// <summary>Only these two names, and the batch's own guid, ever stand in the place of {0} and {1}.</summary>
    private static string Sql(string sql, string table, LoadFile file) =>
        sql.Replace("{0}", table, StringComparison.Ordinal).Replace("{1}", file.Guid, StringComparison.Ordinal);

    private static async Task<string> FactTableAsync(NpgsqlConnection connection, LoadFile file) =>
        await connection.ExecuteScalarAsync<bool>(
            $"""SELECT EXISTS (SELECT FROM "{file.Id}".fact_block_asmt_outcome)""")
            ? "fact_block_asmt_outcome"
            : "fact_asmt_outcome_vw";

    /// <returns>False when rows repeat a key; the transaction goes on as if nothing had been tried.</returns>
    private static async Task<bool> TryKeyAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, CommandDefinition createKey,
        CancellationToken cancellation)
    {
        await transaction.SaveAsync("before_key", cancellation);
        try
        {
            await connection.ExecuteAsync(createKey);
            return true;
        }
        catch (PostgresException repeated) when (repeated.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            await transaction.RollbackAsync("before_key", cancellation);
            return false;
        }
    }

    /// <summary>Builds the students' key beside that of the outcomes, in a transaction of its own: an attempt that is
    /// killed leaves the key or none, and the next one takes either.</summary>
    /// <returns>False when the file repeats a student.</returns>
    private async Task<bool> TryStudentKeyAsync(LoadFile file, CancellationToken cancellation)
    {
        await using var connection = await databases.Staging(file.Tenant).OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync($"{BatchSchema.BecomeOwner} {BuildAlone}");
        var isUnique = await TryKeyAsync(connection, transaction, new CommandDefinition(
            Sql(StudentKey, "", file), transaction: transaction, commandTimeout: 0, cancellationToken: cancellation),
            cancellation);
        await transaction.CommitAsync(cancellation);
        return isUnique;
    }

    private Task RecordAsync(
        LoadFile file, string table, DateTimeOffset started, long facts, long schools, long students, long shadows,
        long deletes, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        StageRecord Stage(string phase, string step, long records, bool? isLeaf = null) =>
            new(phase, started, now, records, Schema: file.Guid, Step: step, IsLeaf: isLeaf);
        return audit.RecordAsync(file, LoadType.Assessment, cancellation,
            Stage(UdlPhase.Dimensions, "INT --> DIM:dim_asmt", 1, true),
            Stage(UdlPhase.Dimensions, "INT --> DIM:dim_inst_hier", schools, true),
            Stage(UdlPhase.Dimensions, "INT --> DIM:dim_student", students, true),
            Stage(UdlPhase.Upsert, "Delete duplicate record in dim tables", shadows),
            Stage(UdlPhase.Facts, $"INT --> FACT:{table}", facts, true),
            Stage(UdlPhase.Deletions, "HANDLE DELETION IN FACT", deletes));
    }
}
