using System.Text;
using System.Text.Json.Nodes;
using Smarter.Core;
using Smarter.Loader.Checking;

namespace Smarter.Loader.Registration;

/// <summary>The JSON of a student registration file (loader.md §2.7).</summary>
/// <param name="Guid">JSON <c>Identification.Guid</c>, the file's own id.</param>
/// <param name="AcademicYear">The school year, by its last calendar year.</param>
/// <param name="ExtractDate">Day on which the registration system wrote the file, <c>yyyymmdd</c>.</param>
/// <param name="SystemId">The registration system; with the year it names the snapshot.</param>
internal sealed record RegistrationMetadata(
    string Guid, short AcademicYear, string ExtractDate, string SystemId,
    string CallbackUrl, string? EmailNotification)
    : FileMetadata(CallbackUrl, EmailNotification)
{
    private const string GuidPath = "Identification.Guid";
    private const string YearPath = "Identification.AcademicYear";
    private const string ExtractDatePath = "Identification.ExtractDate";
    private const string SystemPath = "Source.TestRegSysID";
    private const string CallbackPath = "Source.TestRegCallbackURL";

    public override string LoadType => Core.LoadType.StudentRegistration;

    public override CsvLayout RowLayout => RegistrationLayout.Csv;

    /// <exception cref="FileRejectedException">3013 or 5033; the place is the JSON path.</exception>
    public static RegistrationMetadata Read(MetadataJson file)
    {
        file.Require([GuidPath, YearPath, ExtractDatePath, SystemPath, CallbackPath]);
        string Text(string path) => file.Text(path) ?? throw MetadataJson.Invalid(path, "must not be empty");
        return new RegistrationMetadata(
            MetadataJson.NoLongerThan(50, Text(GuidPath), GuidPath),
            MetadataJson.Year(Text(YearPath), YearPath),
            MetadataJson.Date(Text(ExtractDatePath), ExtractDatePath),
            MetadataJson.NoLongerThan(40, Text(SystemPath), SystemPath),
            MetadataJson.NoLongerThan(512, Text(CallbackPath), CallbackPath),
            file.Text("Source.EmailNotification"));
    }

    public override RowRules RulesFor(string stateCode, DateOnly today) =>
        new(Encoding.ASCII.GetBytes(stateCode), AssessmentGuid: [], IsBlockFile: false, today)
        {
            Layout = RowLayout,
        };

    /// <returns>What the file replaces in production, as <c>udl_stats.snapshot_criteria</c> says it.</returns>
    public JsonObject SnapshotCriteria() => new()
    {
        ["reg_system_id"] = SystemId,
        ["academic_year"] = AcademicYear,
    };

    public override JsonObject Notification()
    {
        var members = base.Notification();
        members["student_reg_guid"] = Guid;
        members["reg_system_id"] = SystemId;
        members["academic_year"] = AcademicYear;
        return members;
    }
}
