using Dapper;
using Npgsql;
using Smarter.Database;

namespace Smarter.Loader.Staging;

/// <summary>The schema of one batch in the tenant's staging database:
/// the star tables, with this batch's rows only.</summary>
/// <remarks>It belongs to the role <c>smarter_staging</c>, so that the migrator can drop it.
/// <c>fact_asmt_outcome</c> is a view of <c>fact_asmt_outcome_vw</c>: both hold the same outcomes,
/// so a batch stores them once (docs/adr/0006).</remarks>
internal static class BatchSchema
{
    /// <summary>The first statements of a transaction that writes to a batch schema. Who still holds a lock there is
    /// what a killed loader left: this attempt gives way (55P03) and is made again.</summary>
    public const string BecomeOwner = "SET LOCAL ROLE smarter_staging; SET LOCAL lock_timeout = '3s';";

    private const string DescribeConstants = """
        SELECT string_agg(
                   format('ADD COLUMN %I %s%s DEFAULT %L%s', attname, format_type(atttypid, atttypmod),
                          ' COLLATE ' || quote_ident(collname), value, CASE WHEN attnotnull THEN ' NOT NULL' END),
                   ', ' ORDER BY attnum)
          FROM unnest(@names::text[], @values::text[]) AS constant (name, value)
          JOIN pg_attribute ON attrelid = @template::regclass AND attname = name
          LEFT JOIN pg_collation ON pg_collation.oid = attcollation
        """;

    private const string LeanFact = """
        SELECT asmt_outcome_vw_rec_id AS asmt_outcome_rec_id, asmt_rec_id, student_rec_id, inst_hier_rec_id, asmt_guid,
               student_id, state_code, district_id, school_id, where_taken_id, where_taken_name, asmt_grade, enrl_grade,
               date_taken, date_taken_day, date_taken_month, date_taken_year,
               asmt_score, asmt_score_range_min, asmt_score_range_max, asmt_perf_lvl,
               asmt_claim_1_score, asmt_claim_1_score_range_min, asmt_claim_1_score_range_max, asmt_claim_1_perf_lvl,
               asmt_claim_2_score, asmt_claim_2_score_range_min, asmt_claim_2_score_range_max, asmt_claim_2_perf_lvl,
               asmt_claim_3_score, asmt_claim_3_score_range_min, asmt_claim_3_score_range_max, asmt_claim_3_perf_lvl,
               asmt_claim_4_score, asmt_claim_4_score_range_min, asmt_claim_4_score_range_max, asmt_claim_4_perf_lvl,
               acc_asl_video_embed, acc_braile_embed, acc_closed_captioning_embed, acc_text_to_speech_embed,
               acc_abacus_nonembed, acc_alternate_response_options_nonembed, acc_calculator_nonembed,
               acc_multiplication_table_nonembed, acc_print_on_demand_nonembed, acc_print_on_demand_items_nonembed,
               acc_read_aloud_nonembed, acc_scribe_nonembed, acc_speech_to_text_nonembed, acc_streamline_mode,
               acc_noise_buffer_nonembed, complete,
               from_date, to_date, rec_status::varchar(2), batch_guid, administration_condition
        """;

    /// <summary>Makes the schema anew, empty of tables; rows of an earlier attempt are gone.</summary>
    public static Task RecreateAsync(NpgsqlDataSource staging, Guid batch, CancellationToken cancellation) => RunAsync(
        staging, $"""{BecomeOwner} DROP SCHEMA IF EXISTS "{batch}" CASCADE; CREATE SCHEMA "{batch}";""", cancellation);

    /// <summary>Drops the schema and all in it; nothing happens when there is none.</summary>
    public static Task DropAsync(NpgsqlDataSource staging, Guid batch, CancellationToken cancellation) => RunAsync(
        staging, $"""{BecomeOwner} DROP SCHEMA IF EXISTS "{batch}" CASCADE;""", cancellation);

    /// <summary>Statements that make one table of the batch, to run in the transaction that fills it.</summary>
    /// <remarks>The table is filled once, frozen and dropped within the hour: autovacuum has no work there.</remarks>
    /// <param name="table">A table of the star template.</param>
    /// <param name="withRowNumber">Adds <c>src_file_rec_num</c>, the row's number in the file.</param>
    public static string CreateTable(Guid batch, string table, bool withRowNumber) => $"""
        {BecomeOwner}
        CREATE TABLE "{batch}".{table} (
            LIKE {Databases.StarTemplateSchema}.{table}{(withRowNumber ? ", src_file_rec_num bigint NOT NULL" : "")})
            WITH (autovacuum_enabled = false);
        """;

    /// <summary>As <see cref="CreateTable"/>, for a table of many rows, without the columns that are the same in all
    /// of them; <see cref="AddConstantsAsync"/> brings these after the COPY (docs/adr/0019).</summary>
    /// <param name="constants">Columns of the template.</param>
    public static string CreateTableWithout(IEnumerable<string> constants, Guid batch, string table) => $"""
        {CreateTable(batch, table, withRowNumber: true)}
        ALTER TABLE "{batch}".{table} {string.Join(", ", constants.Select(column => $"DROP COLUMN {column}"))};
        """;

    /// <summary>Adds columns that hold one value in every row. PostgreSQL keeps such a value once, in its catalog, and
    /// touches no row.</summary>
    /// <param name="connection">In the transaction that filled the table.</param>
    /// <param name="constants">The value of each column that <see cref="CreateTableWithout"/> left out, as
    /// text.</param>
    public static async Task AddConstantsAsync(
        NpgsqlConnection connection, Guid batch, string table, IReadOnlyDictionary<string, string> constants,
        CancellationToken cancellation)
    {
        var parameters = new
        {
            template = $"{Databases.StarTemplateSchema}.{table}",
            names = constants.Keys.ToArray(),
            values = constants.Values.ToArray(),
        };
        var columns = await connection.QuerySingleAsync<string>(
            new CommandDefinition(DescribeConstants, parameters, cancellationToken: cancellation));
        await connection.ExecuteAsync(
            new CommandDefinition($"""ALTER TABLE "{batch}".{table} {columns}""", cancellationToken: cancellation));
    }

    /// <summary>The statement that begins the COPY into a table of the batch.</summary>
    public static string Copy(Guid batch, string table, IEnumerable<string> columns) =>
        $"""COPY "{batch}".{table} ({string.Join(", ", columns)}) FROM STDIN (FORMAT binary, FREEZE)""";

    /// <summary>Statements that make the tables which the file does not fill, and the lean fact.</summary>
    /// <param name="factTable">The fact table that is there already.</param>
    public static string CreateRest(Guid batch, string factTable)
    {
        var other = factTable == "fact_asmt_outcome_vw" ? "fact_block_asmt_outcome" : "fact_asmt_outcome_vw";
        return $"""
            {CreateTable(batch, other, withRowNumber: true)}
            {CreateTable(batch, "student_reg", withRowNumber: false)}
            CREATE VIEW "{batch}".fact_asmt_outcome AS {LeanFact} FROM "{batch}".fact_asmt_outcome_vw;
            """;
    }

    private static async Task RunAsync(NpgsqlDataSource staging, string sql, CancellationToken cancellation)
    {
        await using var connection = await staging.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await connection.ExecuteAsync(
            new CommandDefinition(sql, transaction: transaction, cancellationToken: cancellation));
        await transaction.CommitAsync(cancellation);
    }
}
