using System.Text.Json;
using Dapper;
using Smarter.Core;
using Smarter.Testing;

namespace Smarter.Migrator.Tests.Batches;

/// <summary>A batch as the loader leaves it: a schema in staging that belongs to <c>smarter_staging</c>,
/// the lean facts as a view, and a row in <c>udl_stats</c>. Each builder method adds one row;
/// what a test does not name has some valid value.</summary>
internal sealed class StagedBatch
{
    private const string CreateSchema = """
        CREATE SCHEMA "{0}" AUTHORIZATION smarter_staging;
        SET ROLE smarter_staging;
        CREATE TABLE "{0}".dim_asmt (LIKE star.dim_asmt INCLUDING DEFAULTS);
        CREATE TABLE "{0}".dim_inst_hier (LIKE star.dim_inst_hier INCLUDING DEFAULTS);
        CREATE TABLE "{0}".dim_student (LIKE star.dim_student INCLUDING DEFAULTS);
        CREATE TABLE "{0}".fact_asmt_outcome_vw (LIKE star.fact_asmt_outcome_vw INCLUDING DEFAULTS);
        ALTER TABLE "{0}".fact_asmt_outcome_vw ADD src_file_rec_num bigint;
        CREATE TABLE "{0}".fact_block_asmt_outcome (LIKE star.fact_block_asmt_outcome INCLUDING DEFAULTS);
        ALTER TABLE "{0}".fact_block_asmt_outcome ADD src_file_rec_num bigint;
        CREATE TABLE "{0}".student_reg (LIKE star.student_reg INCLUDING DEFAULTS);
        ALTER TABLE "{0}".student_reg ADD src_file_rec_num bigint;
        """;

    private const string LeanColumns = """
        SELECT string_agg(CASE attname WHEN 'asmt_outcome_rec_id' THEN 'asmt_outcome_vw_rec_id AS asmt_outcome_rec_id'
                                       ELSE quote_ident(attname) END, ', ' ORDER BY attnum)
          FROM pg_attribute WHERE attrelid = 'star.fact_asmt_outcome'::regclass AND attnum > 0
        """;

    private const string Defaults = """
        SELECT jsonb_object_agg(
                   attname,
                   CASE WHEN atttypid = 'varchar'::regtype THEN to_jsonb('1'::text) ELSE to_jsonb(1) END)::text
          FROM pg_attribute
         WHERE attrelid = ('star.' || @table)::regclass AND attnum > 0 AND attnotnull
        """;

    private const string Ingested = """
        INSERT INTO udl_stats (tenant, load_type, file_arrived, load_status, batch_guid, notification,
                               batch_operation, snapshot_criteria)
        VALUES (@tenant, @loadType, timestamp '2026-11-20' + @arrivedSecond * interval '1 second', @loadStatus,
                @batchGuid, '{"callback_url": "https://example.org/"}', @batchOperation, @snapshotCriteria)
        """;

    private readonly TestDatabase database;
    private readonly string tenant;

    private StagedBatch(TestDatabase database, string tenant, Guid guid) =>
        (this.database, this.tenant, Guid) = (database, tenant, guid);

    public Guid Guid { get; }

    public static async Task<StagedBatch> CreateAsync(TestDatabase database, string tenant, Guid? guid = null)
    {
        var batch = new StagedBatch(database, tenant, guid ?? Guid.NewGuid());
        await using var connection = await database.Owner.Staging(tenant).OpenConnectionAsync();
        await connection.ExecuteAsync(CreateSchema.Replace("{0}", $"{batch.Guid}", StringComparison.Ordinal));
        var lean = await connection.ExecuteScalarAsync<string>(LeanColumns);
        await connection.ExecuteAsync($"""
            CREATE VIEW "{batch.Guid}".fact_asmt_outcome AS SELECT {lean} FROM "{batch.Guid}".fact_asmt_outcome_vw;
            RESET ROLE;
            """);
        return batch;
    }

    /// <summary>One assessment (key 1), one school (key 2)
    /// and the named students (keys 11, 12, …), all to be inserted.</summary>
    public async Task<StagedBatch> WithDimensionsAsync(params string[] students)
    {
        await HasAssessmentAsync(1);
        await HasSchoolAsync(2);
        foreach (var (student, index) in students.Select((student, index) => (student, index)))
            await HasStudentAsync(11 + index, student);
        return this;
    }

    public Task HasAssessmentAsync(
        long key, string asmtGuid = "math-3", string recStatus = RecStatus.Current, string version = "1") =>
        AddAsync(
            "dim_asmt",
            new { asmt_rec_id = key, asmt_guid = asmtGuid, asmt_version = version, rec_status = recStatus });

    public Task HasSchoolAsync(
        long key, string schoolId = "school-1", string recStatus = RecStatus.Current, string name = "Elm") =>
        AddAsync(
            "dim_inst_hier",
            new { inst_hier_rec_id = key, school_id = schoolId, school_name = name, rec_status = recStatus });

    public Task HasStudentAsync(
        long key, string studentId, string? lastName = null, string recStatus = RecStatus.Current) =>
        AddAsync(
            "dim_student",
            new { student_rec_id = key, student_id = studentId, last_name = lastName, rec_status = recStatus });

    public Task HasOutcomeAsync(long key, string studentId, long studentKey = 11, int score = 2400,
        string recStatus = RecStatus.Current, long asmtKey = 1, long schoolKey = 2) =>
        AddAsync("fact_asmt_outcome_vw", new
        {
            asmt_outcome_vw_rec_id = key,
            asmt_rec_id = asmtKey,
            inst_hier_rec_id = schoolKey,
            student_rec_id = studentKey,
            student_id = studentId,
            asmt_guid = "math-3",
            date_taken = "20260501",
            asmt_score = score,
            rec_status = recStatus,
            src_file_rec_num = key,
        });

    public Task HasBlockOutcomeAsync(long key, string studentId, long studentKey = 11) =>
        AddAsync("fact_block_asmt_outcome", new
        {
            asmt_outcome_rec_id = key,
            asmt_rec_id = 1,
            inst_hier_rec_id = 2,
            student_rec_id = studentKey,
            student_id = studentId,
            asmt_guid = "math-3",
            date_taken = "20260501",
            rec_status = RecStatus.Current,
        });

    public Task HasRegistrationAsync(
        long key, string studentId, string system = "trs", int year = 2026, string? firstName = null) =>
        AddAsync("student_reg", new
        {
            student_reg_rec_id = key,
            student_id = studentId,
            first_name = firstName,
            reg_system_id = system,
            academic_year = year,
            src_file_rec_num = key,
        });

    /// <summary>Announces the batch in <c>udl_stats</c> as a snapshot of student registration.</summary>
    public Task<StagedBatch> IsSnapshotAsync(int arrivedSecond = 1,
        string? criteria = """{"reg_system_id": "trs", "academic_year": 2026}""") =>
        IsReadyAsync(arrivedSecond, LoadType.StudentRegistration, LoadStatus.Ingested, "s", criteria);

    /// <summary>Announces the batch in <c>udl_stats</c>.</summary>
    /// <param name="arrivedSecond">Orders the batches of a test by arrival.</param>
    public async Task<StagedBatch> IsReadyAsync(
        int arrivedSecond = 1, string loadType = LoadType.Assessment, string loadStatus = LoadStatus.Ingested,
        string? batchOperation = null, string? snapshotCriteria = null)
    {
        await using var connection = await database.Owner.Stats.OpenConnectionAsync();
        await connection.ExecuteAsync(Ingested, new
        {
            tenant,
            loadType,
            arrivedSecond,
            loadStatus,
            batchGuid = $"{Guid}",
            batchOperation,
            snapshotCriteria,
        });
        return this;
    }

    /// <summary>Reads from the batch schema.</summary>
    /// <param name="sql">Names tables without schema.</param>
    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = await database.Owner.Staging(tenant).OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync($"SET LOCAL search_path = \"{Guid}\"");
        return (await connection.ExecuteScalarAsync<T>(sql))!;
    }

    private async Task AddAsync(string table, object named)
    {
        await using var connection = await database.Owner.Staging(tenant).OpenConnectionAsync();
        var defaults = await connection.ExecuteScalarAsync<string>(Defaults, new { table });
        var target = $"\"{Guid}\".{table}";
        await connection.ExecuteAsync($"""
            INSERT INTO {target}
            SELECT * FROM jsonb_populate_record(NULL::{target},
                @defaults::jsonb || @named::jsonb || jsonb_build_object('batch_guid', '{Guid}'))
            """, new { defaults, named = JsonSerializer.Serialize(named) });
    }
}
