using System.Text.Json;

namespace Smarter.Migrator.Batches;

/// <summary>Which rows of <c>student_reg</c> a snapshot replaces: those of one registration system and year.</summary>
internal sealed record SnapshotCriteria(string RegSystemId, short AcademicYear)
{
    /// <param name="json"><c>udl_stats.snapshot_criteria</c>: an object with exactly <c>reg_system_id</c>, a text, and
    /// <c>academic_year</c>, a number.</param>
    /// <exception cref="BatchRefusedException">It is anything else: what to replace is never guessed.</exception>
    public static SnapshotCriteria Parse(string? json)
    {
        try
        {
            using var document = JsonDocument.Parse(json ?? "");
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.EnumerateObject().Count() == 2
                && root.TryGetProperty("reg_system_id", out var system) && system.ValueKind == JsonValueKind.String
                && root.TryGetProperty("academic_year", out var year) && year.ValueKind == JsonValueKind.Number
                && year.TryGetInt16(out var academicYear))
                return new SnapshotCriteria(system.GetString()!, academicYear);
        }
        catch (JsonException)
        {
            // Refused below, like JSON of another shape.
        }
        throw new BatchRefusedException(
            "snapshot_criteria must be a JSON object with reg_system_id (a text) and academic_year (a number).");
    }
}
