namespace Smarter.Migrator.Batches;

/// <summary>A table that a batch of load type <c>assessment</c> brings to production (operations.md §1.6).</summary>
/// <param name="Name">The same in staging and production.</param>
/// <param name="Key">The primary key, one <c>bigint</c> column; assigned by the loader and copied unchanged.</param>
/// <param name="NaturalKey">The columns that are unique among production's current rows.</param>
/// <param name="Measures">Further columns that enter the checksum.</param>
/// <param name="References">The dimensions whose keys the table holds, under the dimension's own column name.</param>
internal sealed record StarTable(
    string Name, string Key, IReadOnlyList<string> NaturalKey, IReadOnlyList<string> Measures,
    IReadOnlyList<StarTable> References)
{
    private static readonly StarTable Asmt = new("dim_asmt", "asmt_rec_id", ["asmt_guid"], ["asmt_type"], []);

    private static readonly StarTable InstHier = new(
        "dim_inst_hier", "inst_hier_rec_id", ["state_code", "district_id", "school_id"], ["school_name"], []);

    private static readonly StarTable Student = new("dim_student", "student_rec_id", ["student_id"], ["sex"], []);

    /// <summary>Assessment, school and student.</summary>
    public static IReadOnlyList<StarTable> Dimensions { get; } = [Asmt, InstHier, Student];

    /// <summary>All six, each dimension before the facts that point to it.</summary>
    public static IReadOnlyList<StarTable> All { get; } =
    [
        .. Dimensions,
        Fact("fact_asmt_outcome", "asmt_outcome_rec_id", ["asmt_score", "asmt_perf_lvl"]),
        Fact("fact_asmt_outcome_vw", "asmt_outcome_vw_rec_id", ["asmt_score", "asmt_perf_lvl"]),
        Fact("fact_block_asmt_outcome", "asmt_outcome_rec_id", ["asmt_claim_1_score", "asmt_claim_1_perf_lvl"]),
    ];

    private static StarTable Fact(string name, string key, string[] measures) =>
        new(name, key, ["student_id", "asmt_guid", "date_taken"], measures, Dimensions);
}
