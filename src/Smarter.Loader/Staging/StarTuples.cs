using System.Globalization;
using Smarter.Core;
using Smarter.Loader.Checking;

namespace Smarter.Loader.Staging;

/// <summary>What every tuple of one batch has in common.</summary>
/// <param name="FromDate">Day of the load, <c>yyyymmdd</c>.</param>
/// <param name="AssessmentGuid">The JSON's; a row with another one refuses the file.</param>
/// <param name="StateCode">The tenant's; a row with another one refuses the file.</param>
internal sealed record BatchConstants(
    string BatchGuid, string FromDate, long AssessmentRecordId, string AssessmentGuid, string StateCode)
{
    /// <summary><c>to_date</c> of a row that is current.</summary>
    public const string OpenEnd = "99991231";

    /// <summary>Columns of <c>dim_student</c> with one value in the whole batch; they are not copied row
    /// by row.</summary>
    public IReadOnlyDictionary<string, string> OfStudents { get; } = new Dictionary<string, string>
    {
        ["from_date"] = FromDate,
        ["to_date"] = OpenEnd,
        ["rec_status"] = RecStatus.Current,
        ["batch_guid"] = BatchGuid,
    };

    /// <summary>Columns of a fact table with one value in the whole batch.</summary>
    public IReadOnlyDictionary<string, string> OfFacts { get; } = new Dictionary<string, string>
    {
        ["from_date"] = FromDate,
        ["to_date"] = OpenEnd,
        ["batch_guid"] = BatchGuid,
        ["asmt_rec_id"] = AssessmentRecordId.ToString(CultureInfo.InvariantCulture),
        ["asmt_guid"] = AssessmentGuid,
        ["state_code"] = StateCode,
    };
}

/// <summary>One row's description of its student, encoded.</summary>
internal readonly ref struct StudentFields(ReadOnlySpan<byte> identity, ReadOnlySpan<byte> demographics)
{
    public ReadOnlySpan<byte> Identity { get; } = identity;

    public ReadOnlySpan<byte> Demographics { get; } = demographics;
}

/// <summary>
/// The column lists of the COPY into the batch's star tables, and the tuples in that order: first what we compute,
/// then runs of columns in the order of the CSV, which are already encoded side by side.
/// </summary>
internal sealed class StarTuples
{
    private static readonly string[] StudentComputed =
        ["student_rec_id", "dmg_eth_derived", "src_file_rec_num"];

    private static readonly (int First, int Last)[] StudentRuns =
        [Run("student_id", "birthdate"), Run("dmg_eth_hsp", "group_10_text")];

    private static readonly (int First, int Last)[] OutcomeRuns =
        [Run("district_id"), Run("school_id"), Run("student_id"), Run("sex"),
            Run("enrl_grade", "dmg_sts_mig"), Run("where_taken_id", "rec_status")];

    private static readonly (int First, int Last)[] BlockRuns =
        [Run("district_id"), Run("school_id"), Run("student_id"), Run("sex"),
            Run("enrl_grade", "dmg_sts_mig"), Run("where_taken_id", "asmt_grade"),
            Run("asmt_claim_1_score", "asmt_claim_1_perf_lvl"), Run("acc_asl_video_embed", "rec_status")];

    private static readonly int State = AssessmentLayout.IndexOf("state_code");
    private static readonly int SchoolName = AssessmentLayout.IndexOf("school_name");
    private static readonly int StudentId = AssessmentLayout.IndexOf("student_id");
    private static readonly int DateTaken = AssessmentLayout.IndexOf("date_taken");

    private readonly (int First, int Last)[] factRuns;

    public StarTuples(BatchConstants batch, bool isBlockFile)
    {
        Constants = batch;
        factRuns = isBlockFile ? BlockRuns : OutcomeRuns;
        FactTable = isBlockFile ? "fact_block_asmt_outcome" : "fact_asmt_outcome_vw";
        string[] computed =
        [
            isBlockFile ? "asmt_outcome_rec_id" : "asmt_outcome_vw_rec_id",
            "student_rec_id", "inst_hier_rec_id",
            "date_taken_day", "date_taken_month", "date_taken_year", "dmg_eth_derived", "src_file_rec_num",
        ];
        FactColumns = [.. computed, .. Names(factRuns)];
    }

    /// <summary><c>fact_asmt_outcome_vw</c>, or <c>fact_block_asmt_outcome</c> for an interim block file.</summary>
    public string FactTable { get; }

    /// <summary>The columns of the fact's COPY: all but the constant ones.</summary>
    public IReadOnlyList<string> FactColumns { get; }

    public BatchConstants Constants { get; }

    public static IReadOnlyList<string> StudentColumns { get; } = [.. StudentComputed, .. Names(StudentRuns)];

    /// <summary>The encoded fields that name the row's school.</summary>
    public static ReadOnlySpan<byte> SchoolOf(RowChecker row) => row.Encoded(State, SchoolName);

    /// <summary>The encoded id of the row's student.</summary>
    public static ReadOnlySpan<byte> StudentIdOf(RowChecker row) => row.Encoded(StudentId, StudentId);

    /// <summary>The encoded date of the outcome: with student and assessment its natural key.</summary>
    public static ReadOnlySpan<byte> DateTakenOf(RowChecker row) => row.Encoded(DateTaken, DateTaken);

    /// <summary>The encoded fields that describe the student: first the identity, then groups and
    /// demographics.</summary>
    public static StudentFields StudentOf(RowChecker row) => new(
        row.Encoded(StudentRuns[0].First, StudentRuns[0].Last), row.Encoded(StudentRuns[1].First, StudentRuns[1].Last));

    /// <summary>Appends the outcome; a delete points to no student and no school yet (-1, loader.md §5.5).</summary>
    public void AppendFact(CopyBuffer buffer, RowChecker row, long recordId, long schoolRecordId, long rowNumber)
    {
        buffer.Tuple(FactColumns.Count);
        buffer.Bigint(recordId);
        buffer.Bigint(row.IsDelete ? -1 : recordId);
        buffer.Bigint(schoolRecordId);
        buffer.Smallint((short)row.TakenOn.Day);
        buffer.Smallint((short)row.TakenOn.Month);
        buffer.Smallint((short)row.TakenOn.Year);
        buffer.Smallint(row.Ethnicity);
        buffer.Bigint(rowNumber);
        foreach (var (first, last) in factRuns)
            buffer.Fields(row.Encoded(first, last));
    }

    /// <summary>Appends the student as this row describes them; the record id is the row's own.</summary>
    public static void AppendStudent(CopyBuffer buffer, RowChecker row, long recordId, long rowNumber)
    {
        buffer.Tuple(StudentColumns.Count);
        buffer.Bigint(recordId);
        buffer.Smallint(row.Ethnicity);
        buffer.Bigint(rowNumber);
        foreach (var (first, last) in StudentRuns)
            buffer.Fields(row.Encoded(first, last));
    }

    private static (int First, int Last) Run(string first, string? last = null) =>
        (AssessmentLayout.IndexOf(first), AssessmentLayout.IndexOf(last ?? first));

    private static IEnumerable<string> Names((int First, int Last)[] runs) =>
        runs.SelectMany(run =>
            AssessmentLayout.Columns.Take(run.Last + 1).Skip(run.First).Select(column => column.Target));
}
