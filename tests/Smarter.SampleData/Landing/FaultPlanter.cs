using System.Text.Json;
using Smarter.SampleData.Population;

namespace Smarter.SampleData.Landing;

/// <summary>
/// Spoils a share of a file's rows, each in one known way that a loader must reject,
/// and lists them in <c>&lt;name&gt;.planted.json</c>: <c>{"file", "rows", "planted":
/// [{"row", "column", "kind"}]}</c>, rows counted from 1, column null when the whole row is at fault.
/// </summary>
internal sealed class FaultPlanter : IDisposable
{
    private const int FaultStream = 64;

    private static readonly Fault[] AssessmentFaults =
    [
        new("impossible_date", "AssessmentAdministrationFinishDate", "20160231"),
        new("not_a_date", "AssessmentAdministrationFinishDate", "last spring"),
        new("impossible_birthdate", "Birthdate", "20061301"),
        new("unknown_gender", "Sex", "Unsure"),
        new("too_long", "FirstName", new string('n', 36)),
        new("missing_required", "ResponsibleSchoolIdentifier", ""),
        new("missing_required", "StudentIdentifier", ""),
        new("unknown_grade", "AssessmentLevelForWhichDesigned", "14"),
        new("unknown_subject", "AssessmentAcademicSubject", "Science"),
        new("unknown_type", "AssessmentType", "Formative"),
        new("not_a_boolean", "IDEAIndicator", "maybe"),
        new("fraction", "AssessmentSubtestResultScoreClaim1Value", "2451.5"),
        new("not_a_number", "AssessmentSubtestResultScoreClaim1Value", "high"),
        new("number_too_large", "AssessmentSubtestClaim1MaximumValue", "99999"),
        new("missing_required", "AccommodationBraille", ""),
        new("number_too_small", "AssessmentSubtestMinimumValue", "-40000"),
        new("year_of_two_digits", "AssessmentYear", "16"),
        new("future_birthdate", "Birthdate", "29990101"),
        new("unknown_operation", "Op", "X"),
        new("unknown_condition", "AdministrationCondition", "ZZ"),
        new("unknown_completeness", "CompleteStatus", "Perhaps"),
        new("too_few_cells", null, null),
        new("too_many_cells", null, "one more"),
    ];

    private static readonly Fault[] RegistrationFaults =
    [
        new("not_a_date", "Birthdate", "2006-13-01"),
        new("unknown_gender", "Sex", "Unsure"),
        new("too_long", "LastOrSurname", new string('n', 36)),
        new("missing_required", "ResponsibleDistrictIdentifier", ""),
        new("unknown_grade", "GradeLevelWhenAssessed", "14"),
        new("not_a_boolean", "LEPStatus", "maybe"),
        new("too_few_cells", null, null),
        new("too_many_cells", null, "one more"),
    ];

    private readonly IReadOnlyList<string> headers;
    private readonly Fault[] faults;
    private readonly double share;
    private readonly int seed;
    private readonly int stream;
    private readonly Utf8JsonWriter json;

    /// <param name="errorPercent">0 to 100.</param>
    /// <param name="file">The file's number in its set, so that no two files are spoiled alike.</param>
    /// <param name="list">Receives the JSON; stays open.</param>
    public FaultPlanter(
        IReadOnlyList<string> headers, int seed, double errorPercent, int file, string csvName, Stream list)
    {
        this.headers = headers;
        faults = headers.Count == LandingHeaders.Registration.Count ? RegistrationFaults : AssessmentFaults;
        share = errorPercent / 100;
        this.seed = seed;
        stream = FaultStream + file;
        json = new Utf8JsonWriter(list, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        json.WriteString("file", csvName);
        json.WriteStartArray("planted");
    }

    public long Planted { get; private set; }

    /// <summary>What to do to this row; null to leave it as it is.</summary>
    public Action<List<string>>? Next(long row)
    {
        if (!SeededDraw.For(seed, stream, row).Chance(share))
            return null;

        // One kind after the other: even a few planted rows cover many kinds.
        var fault = faults[Planted++ % faults.Length];
        json.WriteStartObject();
        json.WriteNumber("row", row);
        json.WriteString("column", fault.Column);
        json.WriteString("kind", fault.Kind);
        json.WriteEndObject();
        if (json.BytesPending > 64 * 1024)
            json.Flush();
        return cells => Spoil(cells, fault);
    }

    /// <param name="rows">All data rows of the file.</param>
    public void Finish(long rows)
    {
        json.WriteEndArray();
        json.WriteNumber("rows", rows);
        json.WriteEndObject();
        json.Flush();
    }

    public void Dispose() => json.Dispose();

    private void Spoil(List<string> cells, Fault fault)
    {
        if (fault.Column is { } column)
            cells[headers.ToList().IndexOf(column)] = fault.Value!;
        else if (fault.Value is { } more)
            cells.Add(more);
        else
            cells.RemoveAt(cells.Count - 1);
    }

    /// <param name="Column">Null when a cell goes missing or is added.</param>
    /// <param name="Value">What the cell becomes; null to remove the last cell.</param>
    private sealed record Fault(string Kind, string? Column, string? Value);
}
