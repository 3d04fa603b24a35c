using Dapper;
using Npgsql;
using Smarter.Core;

namespace Smarter.Testing;

/// <summary>Outcomes that a test depends on; everything it does not name has an ordinary value.</summary>
public sealed record Outcomes
{
    /// <summary>How many outcomes, each of its own student.</summary>
    public int Students { get; init; } = 1;

    /// <summary>Achievement level, 1 to 4.</summary>
    public int Level { get; init; } = 3;

    /// <summary>Math or ELA.</summary>
    public string Subject { get; init; } = "Math";

    /// <summary>Id of the district.</summary>
    public string District { get; init; } = "D1";

    /// <summary>Null repeats the id.</summary>
    public string? DistrictName { get; init; }

    /// <summary>Id of the school.</summary>
    public string School { get; init; } = "S1";

    /// <summary>Null repeats the id.</summary>
    public string? SchoolName { get; init; }

    public string Grade { get; init; } = "03";

    /// <summary>The year in which the school year ends.</summary>
    public int Year { get; init; } = 2016;

    /// <summary>One of <see cref="AssessmentType"/>; blocks go to their own table.</summary>
    public string Type { get; init; } = AssessmentType.Summative;

    /// <summary>Null, IN, SD or NS.</summary>
    public string? Condition { get; init; }

    public bool? Complete { get; init; } = true;

    /// <summary>male, female or NS.</summary>
    public string Sex { get; init; } = "female";

    /// <summary>The derived ethnicity, 0 to 7 (<see cref="Core.Ethnicity"/>).</summary>
    public int Ethnicity { get; init; } = 6;

    /// <summary>Null, here and in the next four: not stated.</summary>
    public bool? Iep { get; init; } = false;

    public bool? Lep { get; init; } = false;

    public bool? Plan504 { get; init; } = false;

    public bool? Migrant { get; init; } = false;

    public bool? Disadvantaged { get; init; } = false;

    /// <summary>Stands in the tenth group column of the students; null for no group.</summary>
    public string? Group { get; init; }

    public string RecStatus { get; init; } = Core.RecStatus.Current;
}

/// <summary>Fills one tenant's production database directly, as its owner.</summary>
/// <param name="production">See <see cref="TestDatabase.Owner"/>.</param>
public sealed class Warehouse(NpgsqlDataSource production, string stateCode)
{
    private const string InsertInstitution = """
        INSERT INTO dim_inst_hier (inst_hier_rec_id, state_code, district_id, district_name, school_id, school_name,
                                   from_date, rec_status, batch_guid)
        VALUES (nextval('global_rec_seq'), @stateCode, @District, @DistrictName, @School, @SchoolName, '20150901',
                CASE WHEN EXISTS (SELECT 1 FROM dim_inst_hier WHERE state_code = @stateCode AND district_id = @District
                                     AND school_id = @School AND rec_status = 'C') THEN 'I' ELSE 'C' END, 'test')
        RETURNING inst_hier_rec_id
        """;

    private const string FindInstitution = """
        SELECT inst_hier_rec_id
          FROM dim_inst_hier
         WHERE state_code = @stateCode AND district_id = @District AND school_id = @School
           AND district_name = @DistrictName AND school_name = @SchoolName
        """;

    private const string InsertAssessment = """
        INSERT INTO dim_asmt (asmt_rec_id, asmt_guid, asmt_type, asmt_period_year, asmt_version, asmt_subject,
                              effective_date, asmt_score_min, asmt_score_max,
                              asmt_claim_1_score_min, asmt_claim_1_score_max,
                              asmt_claim_2_score_min, asmt_claim_2_score_max,
                              asmt_claim_3_score_min, asmt_claim_3_score_max, from_date, rec_status, batch_guid)
        VALUES (nextval('global_rec_seq'), gen_random_uuid()::text, @Type, @Year, '1', @Subject, '20150901',
                1200, 2400, 1200, 2400, 1200, 2400, 1200, 2400, '20150901', 'C', 'test')
        RETURNING asmt_rec_id
        """;

    private const string InsertStudents = """
        INSERT INTO dim_student (student_rec_id, student_id, sex, group_10_id, group_10_text,
                                 from_date, rec_status, batch_guid)
        SELECT nextval('global_rec_seq'), gen_random_uuid()::text, @Sex, @Group, @Group, '20150901', 'C', 'test'
          FROM generate_series(1, @Students)
        RETURNING student_rec_id
        """;

    private const string InsertOutcomes = """
        INSERT INTO fact_asmt_outcome_vw (
               asmt_outcome_vw_rec_id, asmt_rec_id, student_rec_id, inst_hier_rec_id, asmt_guid, student_id,
               state_code, district_id, school_id, asmt_type, asmt_year, asmt_subject, asmt_grade, enrl_grade,
               date_taken, date_taken_day, date_taken_month, date_taken_year,
               asmt_score, asmt_score_range_min, asmt_score_range_max, asmt_perf_lvl, sex, dmg_eth_derived,
               dmg_prg_iep, dmg_prg_lep, dmg_prg_504, dmg_sts_ecd, dmg_sts_mig,
               acc_asl_video_embed, acc_braile_embed, acc_closed_captioning_embed, acc_text_to_speech_embed,
               acc_abacus_nonembed, acc_alternate_response_options_nonembed, acc_calculator_nonembed,
               acc_multiplication_table_nonembed, acc_print_on_demand_nonembed, acc_print_on_demand_items_nonembed,
               acc_read_aloud_nonembed, acc_scribe_nonembed, acc_speech_to_text_nonembed, acc_streamline_mode,
               acc_noise_buffer_nonembed, complete, from_date, rec_status, batch_guid, administration_condition)
        SELECT nextval('global_rec_seq'), @assessment, student, @institution,
               'asmt-' || @assessment, 'student-' || student,
               @stateCode, @District, @School, @Type, @Year, @Subject, @Grade, @Grade,
               '20160410', 10, 4, 2016,
               2000, 1950, 2050, @Level, @Sex, @Ethnicity,
               @Iep, @Lep, @Plan504, @Disadvantaged, @Migrant,
               0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, @Complete, '20150901', @RecStatus, 'test', @Condition
          FROM unnest(@studentRecIds) AS student
        """;

    private const string InsertBlockOutcomes = """
        INSERT INTO fact_block_asmt_outcome (
               asmt_outcome_rec_id, asmt_rec_id, student_rec_id, inst_hier_rec_id, asmt_guid, student_id,
               state_code, district_id, school_id, asmt_type, asmt_year, asmt_subject, asmt_grade, enrl_grade,
               date_taken, date_taken_day, date_taken_month, date_taken_year,
               asmt_claim_1_score, asmt_claim_1_perf_lvl, sex, dmg_eth_derived,
               dmg_prg_iep, dmg_prg_lep, dmg_prg_504, dmg_sts_ecd, dmg_sts_mig,
               acc_asl_video_embed, acc_braile_embed, acc_closed_captioning_embed, acc_text_to_speech_embed,
               acc_abacus_nonembed, acc_alternate_response_options_nonembed, acc_calculator_nonembed,
               acc_multiplication_table_nonembed, acc_print_on_demand_nonembed, acc_print_on_demand_items_nonembed,
               acc_read_aloud_nonembed, acc_scribe_nonembed, acc_speech_to_text_nonembed, acc_streamline_mode,
               acc_noise_buffer_nonembed, complete, from_date, rec_status, batch_guid, administration_condition)
        SELECT nextval('global_rec_seq'), @assessment, student, @institution,
               'asmt-' || @assessment, 'student-' || student,
               @stateCode, @District, @School, @Type, @Year, @Subject, @Grade, @Grade,
               '20160410', 10, 4, 2016,
               2000, @Level, @Sex, @Ethnicity,
               @Iep, @Lep, @Plan504, @Disadvantaged, @Migrant,
               0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, @Complete, '20150901', @RecStatus, 'test', @Condition
          FROM unnest(@studentRecIds) AS student
        """;

    private const string ReplaceMetadata = """
        DELETE FROM custom_metadata WHERE state_code = @stateCode;
        INSERT INTO custom_metadata (state_code, asmt_custom_metadata) VALUES (@stateCode, @json);
        """;

    /// <summary>Adds the outcomes with the school, assessment and students that they need.</summary>
    public async Task HasOutcomesAsync(Outcomes outcomes)
    {
        outcomes = outcomes with
        {
            DistrictName = outcomes.DistrictName ?? outcomes.District,
            SchoolName = outcomes.SchoolName ?? outcomes.School,
        };
        await using var connection = await production.OpenConnectionAsync();
        var values = new DynamicParameters(outcomes);
        values.Add("stateCode", stateCode);
        values.Add("institution", await connection.ExecuteScalarAsync<long?>(FindInstitution, values)
            ?? await connection.ExecuteScalarAsync<long>(InsertInstitution, values));
        values.Add("assessment", await connection.ExecuteScalarAsync<long>(InsertAssessment, values));
        values.Add("studentRecIds", (await connection.QueryAsync<long>(InsertStudents, values)).ToArray());
        await connection.ExecuteAsync(
            outcomes.Type == AssessmentType.InterimBlocks ? InsertBlockOutcomes : InsertOutcomes, values);
    }

    /// <summary>Adds several groups of outcomes that differ in their level only.</summary>
    /// <param name="perLevel">How many students reached level 1, 2, 3 and so on.</param>
    public async Task HasOutcomesAsync(Outcomes outcomes, params int[] perLevel)
    {
        for (var level = 1; level <= perLevel.Length; level++)
            if (perLevel[level - 1] > 0)
                await HasOutcomesAsync(outcomes with { Level = level, Students = perLevel[level - 1] });
    }

    /// <summary>Replaces the state's custom metadata (reporting.md §2.1).</summary>
    public async Task HasMetadataAsync(string json)
    {
        await using var connection = await production.OpenConnectionAsync();
        await connection.ExecuteAsync(ReplaceMetadata, new { stateCode, json });
    }
}
