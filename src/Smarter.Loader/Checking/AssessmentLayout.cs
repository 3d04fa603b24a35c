namespace Smarter.Loader.Checking;

/// <summary>How one CSV value is judged and written (loader.md §5.2, decisions.md §2.3).</summary>
internal enum FieldRule
{
    /// <summary>Text of at most <see cref="CsvColumn.MaxLength"/> characters.</summary>
    Text,
    StateCode,
    AssessmentGuid,
    Gender,
    MaleOrFemale,
    Date,
    BirthDate,
    Grade,
    YesNo,
    Integer,
    Year,
    AssessmentType,
    Subject,
    Condition,
    Completeness,
    Operation,
}

/// <summary>One column of a CSV.</summary>
/// <param name="Header">As in loader.md §2.5 and §2.8; files may use any case and order.</param>
/// <param name="Rule">How its values are judged.</param>
/// <param name="Target">The star column that takes the value; the same name in every table that has it.</param>
/// <param name="MaxLength">Characters, for text.</param>
/// <param name="Required">Whether an empty value rejects the row.</param>
/// <param name="OverallOnly">True for columns that an interim block file leaves blank
/// and that are not read then (loader.md §2.6).</param>
internal sealed record CsvColumn(
    string Header, FieldRule Rule, string Target, int MaxLength = 0, bool Required = false, bool OverallOnly = false);

/// <summary>The 91 columns of the assessment CSV in canonical order (loader.md §2.5).</summary>
internal static class AssessmentLayout
{
    public static readonly IReadOnlyList<CsvColumn> Columns =
    [
        new("StateAbbreviation", FieldRule.StateCode, "state_code", 2, Required: true),
        new("ResponsibleDistrictIdentifier", FieldRule.Text, "district_id", 40, Required: true),
        new("OrganizationName", FieldRule.Text, "district_name", 60, Required: true),
        new("ResponsibleSchoolIdentifier", FieldRule.Text, "school_id", 40, Required: true),
        new("NameOfInstitution", FieldRule.Text, "school_name", 60, Required: true),
        new("StudentIdentifier", FieldRule.Text, "student_id", 40, Required: true),
        new("ExternalSSID", FieldRule.Text, "external_student_id", 40),
        new("FirstName", FieldRule.Text, "first_name", 35),
        new("MiddleName", FieldRule.Text, "middle_name", 35),
        new("LastOrSurname", FieldRule.Text, "last_name", 35),
        new("Sex", FieldRule.Gender, "sex", Required: true),
        new("Birthdate", FieldRule.BirthDate, "birthdate"),
        new("GradeLevelWhenAssessed", FieldRule.Grade, "enrl_grade", Required: true),
        new("HispanicOrLatinoEthnicity", FieldRule.YesNo, "dmg_eth_hsp"),
        new("AmericanIndianOrAlaskaNative", FieldRule.YesNo, "dmg_eth_ami"),
        new("Asian", FieldRule.YesNo, "dmg_eth_asn"),
        new("BlackOrAfricanAmerican", FieldRule.YesNo, "dmg_eth_blk"),
        new("NativeHawaiianOrOtherPacificIslander", FieldRule.YesNo, "dmg_eth_pcf"),
        new("White", FieldRule.YesNo, "dmg_eth_wht"),
        new("DemographicRaceTwoOrMoreRaces", FieldRule.YesNo, "dmg_eth_2om"),
        new("IDEAIndicator", FieldRule.YesNo, "dmg_prg_iep"),
        new("LEPStatus", FieldRule.YesNo, "dmg_prg_lep"),
        new("Section504Status", FieldRule.YesNo, "dmg_prg_504"),
        new("EconomicDisadvantageStatus", FieldRule.YesNo, "dmg_sts_ecd"),
        new("MigrantStatus", FieldRule.YesNo, "dmg_sts_mig"),
        .. Enumerable.Range(1, 10).SelectMany(group => new CsvColumn[]
        {
            new($"Group{group}Id", FieldRule.Text, $"group_{group}_id", 40),
            new($"Group{group}Text", FieldRule.Text, $"group_{group}_text", 60),
        }),
        new("AssessmentGuid", FieldRule.AssessmentGuid, "asmt_guid", 255, Required: true),
        new("AssessmentSessionLocationId", FieldRule.Text, "where_taken_id", 40),
        new("AssessmentSessionLocation", FieldRule.Text, "where_taken_name", 60),
        new("AssessmentAdministrationFinishDate", FieldRule.Date, "date_taken", Required: true),
        new("AssessmentYear", FieldRule.Year, "asmt_year", Required: true),
        new("AssessmentType", FieldRule.AssessmentType, "asmt_type", Required: true),
        new("AssessmentAcademicSubject", FieldRule.Subject, "asmt_subject", Required: true),
        new("AssessmentLevelForWhichDesigned", FieldRule.Grade, "asmt_grade", Required: true),
        new("AssessmentSubtestResultScoreValue", FieldRule.Integer, "asmt_score", Required: true, OverallOnly: true),
        new("AssessmentSubtestMinimumValue", FieldRule.Integer, "asmt_score_range_min",
            Required: true, OverallOnly: true),
        new("AssessmentSubtestMaximumValue", FieldRule.Integer, "asmt_score_range_max",
            Required: true, OverallOnly: true),
        new("AssessmentPerformanceLevelIdentifier", FieldRule.Integer, "asmt_perf_lvl",
            Required: true, OverallOnly: true),
        .. Enumerable.Range(1, 4).SelectMany(claim => new CsvColumn[]
        {
            new($"AssessmentSubtestResultScoreClaim{claim}Value", FieldRule.Integer, $"asmt_claim_{claim}_score",
                OverallOnly: claim > 1),
            new($"AssessmentSubtestClaim{claim}MinimumValue", FieldRule.Integer, $"asmt_claim_{claim}_score_range_min",
                OverallOnly: claim > 1),
            new($"AssessmentSubtestClaim{claim}MaximumValue", FieldRule.Integer, $"asmt_claim_{claim}_score_range_max",
                OverallOnly: claim > 1),
            new($"AssessmentClaim{claim}PerformanceLevelIdentifier", FieldRule.Integer, $"asmt_claim_{claim}_perf_lvl",
                OverallOnly: claim > 1),
        }),
        new("AccommodationAmericanSignLanguage", FieldRule.Integer, "acc_asl_video_embed", Required: true),
        new("AccommodationBraille", FieldRule.Integer, "acc_braile_embed", Required: true),
        new("AccommodationClosedCaptioning", FieldRule.Integer, "acc_closed_captioning_embed", Required: true),
        new("AccommodationTextToSpeech", FieldRule.Integer, "acc_text_to_speech_embed", Required: true),
        new("AccommodationAbacus", FieldRule.Integer, "acc_abacus_nonembed", Required: true),
        new("AccommodationAlternateResponseOptions", FieldRule.Integer, "acc_alternate_response_options_nonembed",
            Required: true),
        new("AccommodationCalculator", FieldRule.Integer, "acc_calculator_nonembed", Required: true),
        new("AccommodationMultiplicationTable", FieldRule.Integer, "acc_multiplication_table_nonembed", Required: true),
        new("AccommodationPrintOnDemand", FieldRule.Integer, "acc_print_on_demand_nonembed", Required: true),
        new("AccommodationPrintOnDemandItems", FieldRule.Integer, "acc_print_on_demand_items_nonembed", Required: true),
        new("AccommodationReadAloud", FieldRule.Integer, "acc_read_aloud_nonembed", Required: true),
        new("AccommodationScribe", FieldRule.Integer, "acc_scribe_nonembed", Required: true),
        new("AccommodationSpeechToText", FieldRule.Integer, "acc_speech_to_text_nonembed", Required: true),
        new("AccommodationStreamlineMode", FieldRule.Integer, "acc_streamline_mode", Required: true),
        new("AccommodationNoiseBuffer", FieldRule.Integer, "acc_noise_buffer_nonembed", Required: true),
        new("AdministrationCondition", FieldRule.Condition, "administration_condition"),
        new("CompleteStatus", FieldRule.Completeness, "complete"),
        new("Op", FieldRule.Operation, "rec_status"),
    ];

    public static readonly CsvLayout Csv =
        new("assessment", Columns, "AdministrationCondition", "CompleteStatus", "Op")
        {
            Repeating =
            [
                ("state_code", "school_name"), ("enrl_grade", "dmg_eth_2om"), ("dmg_prg_iep", "dmg_sts_mig"),
                ("group_1_id", "group_2_text"), ("group_3_id", "where_taken_name"),
                ("asmt_year", "asmt_grade"), ("acc_asl_video_embed", "acc_noise_buffer_nonembed"),
                ("administration_condition", "rec_status"),
            ],
        };

    /// <returns>The canonical position, 0 to 90, of the column that feeds <paramref name="target"/>.</returns>
    public static int IndexOf(string target) => Csv.IndexOf(target);
}
