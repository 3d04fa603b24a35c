using System.Globalization;
using System.Text.Json;

namespace Smarter.SampleData.Compare;

/// <summary>One outcome that must be in the warehouse after every file has been loaded.</summary>
/// <param name="Level">1 to 4; 0 for a block, which has none.</param>
/// <param name="Counts">False for tests under invalid or non-standard conditions.</param>
/// <param name="Sex">male, female or not_stated.</param>
/// <param name="Complete">Null when the file does not say.</param>
internal sealed record LandedOutcome(
    string DistrictId, string DistrictName, string SchoolId, string SchoolName, string Subject, string Grade, int Year,
    bool Summative, bool Counts, int Level, string Sex, int Ethnicity, bool? Iep, bool? Lep, bool? Section504,
    bool? Disadvantaged, bool? Migrant, bool? Complete, IReadOnlyList<string> Groups);

/// <summary>
/// Reads landing files as a submitter made them and says which outcomes they leave behind:
/// of two rows for the same assessment, student and date the later one stays,
/// a row whose Op is D removes the outcome, planted faults are left out.
/// </summary>
/// <exception cref="InvalidDataException">A row that was not planted cannot be understood;
/// the message names it.</exception>
internal sealed class LandedOutcomes
{
    private readonly Dictionary<(string Assessment, string Student, string Date), LandedOutcome> outcomes = [];
    private readonly string stateCode;

    /// <param name="directories">Searched with everything below; files are taken in the order of their paths.</param>
    public LandedOutcomes(string stateCode, IReadOnlyList<string> directories)
    {
        this.stateCode = stateCode;
        foreach (var directory in directories)
        {
            var files = Directory.GetFiles(directory, "*.csv", SearchOption.AllDirectories);
            Array.Sort(files, StringComparer.Ordinal);
            foreach (var file in files)
                ReadFile(file);
        }
    }

    public IReadOnlyCollection<LandedOutcome> All => outcomes.Values;

    /// <summary>Assessment files; registration files are passed over.</summary>
    public int Files { get; private set; }

    /// <summary>Data rows of those files.</summary>
    public long Rows { get; private set; }

    /// <summary>Rows left out because they were planted to be rejected.</summary>
    public long Planted { get; private set; }

    private void ReadFile(string path)
    {
        using var text = new StreamReader(path);
        using var records = CsvRecords.Read(text).GetEnumerator();
        if (!records.MoveNext())
            throw new InvalidDataException($"{path}: no header");
        var header = records.Current;
        var columns = header.Select((name, at) => (name, at))
            .ToDictionary(column => column.name.Trim(), column => column.at, StringComparer.OrdinalIgnoreCase);
        if (!columns.ContainsKey("AssessmentGuid"))
            return;

        Files++;
        var planted = PlantedRows(Path.ChangeExtension(path, ".planted.json"));
        var inserts = new List<((string, string, string) Key, LandedOutcome Outcome)>();
        var deletes = new List<(string, string, string)>();
        var row = 0;
        while (records.MoveNext())
        {
            row++;
            Rows++;
            var cells = records.Current;
            if (planted.TryGetValue(row, out var fault))
            {
                CheckPlanted(path, row, fault, cells, header.Count, columns);
                Planted++;
                continue;
            }

            try
            {
                if (cells.Count != header.Count)
                    throw new FormatException($"{cells.Count} cells under {header.Count} headers");
                string Cell(string name) => columns.TryGetValue(name, out var at) ? cells[at].Trim() : "";
                if (!Cell("StateAbbreviation").Equals(stateCode, StringComparison.OrdinalIgnoreCase))
                    throw new FormatException($"state {Cell("StateAbbreviation")}");
                var key = (Cell("AssessmentGuid"), Cell("StudentIdentifier"),
                    CellValues.Date(Cell("AssessmentAdministrationFinishDate")));
                if (CellValues.IsDelete(Cell("Op")))
                    deletes.Add(key);
                else
                    inserts.Add((key, Outcome(Cell)));
            }
            catch (FormatException problem)
            {
                throw new InvalidDataException($"{path}, row {row}: {problem.Message}");
            }
        }

        // A delete and an insert of one outcome in one file are an update, whatever their order.
        foreach (var key in deletes)
            outcomes.Remove(key);
        foreach (var (key, outcome) in inserts)
            outcomes[key] = outcome;
    }

    private static LandedOutcome Outcome(Func<string, string> cell)
    {
        bool? Answer(string name) => CellValues.YesNo(cell(name));
        var level = cell("AssessmentPerformanceLevelIdentifier");
        return new LandedOutcome(
            cell("ResponsibleDistrictIdentifier"), cell("OrganizationName"), cell("ResponsibleSchoolIdentifier"),
            cell("NameOfInstitution"), CellValues.Subject(cell("AssessmentAcademicSubject")),
            CellValues.Grade(cell("AssessmentLevelForWhichDesigned")),
            int.Parse(cell("AssessmentYear"), CultureInfo.InvariantCulture),
            CellValues.IsSummative(cell("AssessmentType")), CellValues.ConditionCounts(cell("AdministrationCondition")),
            level.Length == 0 ? 0 : int.Parse(level, CultureInfo.InvariantCulture), CellValues.Sex(cell("Sex")),
            CellValues.Ethnicity(
                Answer("HispanicOrLatinoEthnicity"), Answer("AmericanIndianOrAlaskaNative"), Answer("Asian"),
                Answer("BlackOrAfricanAmerican"), Answer("NativeHawaiianOrOtherPacificIslander"), Answer("White"),
                Answer("DemographicRaceTwoOrMoreRaces")),
            Answer("IDEAIndicator"), Answer("LEPStatus"), Answer("Section504Status"),
            Answer("EconomicDisadvantageStatus"), Answer("MigrantStatus"), CellValues.Complete(cell("CompleteStatus")),
            [.. Enumerable.Range(1, 10).Select(group => cell($"Group{group}Id")).Where(id => id.Length > 0)]);
    }

    private static Dictionary<int, (string? Column, string Kind)> PlantedRows(string path)
    {
        if (!File.Exists(path))
            return [];
        using var file = File.OpenRead(path);
        using var json = JsonDocument.Parse(file);
        return json.RootElement.GetProperty("planted").EnumerateArray().ToDictionary(
            fault => fault.GetProperty("row").GetInt32(),
            fault => (fault.GetProperty("column").GetString(), fault.GetProperty("kind").GetString()!));
    }

    private static void CheckPlanted(
        string path, int row, (string? Column, string Kind) fault, List<string> cells, int headers,
        Dictionary<string, int> columns)
    {
        var spoiled = fault.Column is { } column
            ? CellValues.IsSpoiled(fault.Kind, cells[columns[column]])
            : cells.Count != headers;
        if (!spoiled)
            throw new InvalidDataException($"{path}, row {row}: listed as {fault.Kind}, but nothing is wrong with it");
    }
}
