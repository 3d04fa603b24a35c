using System.Globalization;
using System.Text;
using System.Text.Json;
using Smarter.SampleData.Compare;
using Smarter.SampleData.Landing;

namespace Smarter.SampleData.Tests.Landing;

public sealed class LandingFilesTests : IDisposable
{
    private const string CanonicalHeaders = """
        StateAbbreviation, ResponsibleDistrictIdentifier, OrganizationName, ResponsibleSchoolIdentifier,
        NameOfInstitution, StudentIdentifier, ExternalSSID, FirstName, MiddleName, LastOrSurname, Sex, Birthdate,
        GradeLevelWhenAssessed, HispanicOrLatinoEthnicity, AmericanIndianOrAlaskaNative, Asian,
        BlackOrAfricanAmerican, NativeHawaiianOrOtherPacificIslander, White, DemographicRaceTwoOrMoreRaces,
        IDEAIndicator, LEPStatus, Section504Status, EconomicDisadvantageStatus, MigrantStatus, Group1Id, Group1Text,
        Group2Id, Group2Text, Group3Id, Group3Text, Group4Id, Group4Text, Group5Id, Group5Text, Group6Id,
        Group6Text, Group7Id, Group7Text, Group8Id, Group8Text, Group9Id, Group9Text, Group10Id, Group10Text,
        AssessmentGuid, AssessmentSessionLocationId, AssessmentSessionLocation, AssessmentAdministrationFinishDate,
        AssessmentYear, AssessmentType, AssessmentAcademicSubject, AssessmentLevelForWhichDesigned,
        AssessmentSubtestResultScoreValue, AssessmentSubtestMinimumValue, AssessmentSubtestMaximumValue,
        AssessmentPerformanceLevelIdentifier, AssessmentSubtestResultScoreClaim1Value,
        AssessmentSubtestClaim1MinimumValue, AssessmentSubtestClaim1MaximumValue,
        AssessmentClaim1PerformanceLevelIdentifier, AssessmentSubtestResultScoreClaim2Value,
        AssessmentSubtestClaim2MinimumValue, AssessmentSubtestClaim2MaximumValue,
        AssessmentClaim2PerformanceLevelIdentifier, AssessmentSubtestResultScoreClaim3Value,
        AssessmentSubtestClaim3MinimumValue, AssessmentSubtestClaim3MaximumValue,
        AssessmentClaim3PerformanceLevelIdentifier, AssessmentSubtestResultScoreClaim4Value,
        AssessmentSubtestClaim4MinimumValue, AssessmentSubtestClaim4MaximumValue,
        AssessmentClaim4PerformanceLevelIdentifier, AccommodationAmericanSignLanguage, AccommodationBraille,
        AccommodationClosedCaptioning, AccommodationTextToSpeech, AccommodationAbacus,
        AccommodationAlternateResponseOptions, AccommodationCalculator, AccommodationMultiplicationTable,
        AccommodationPrintOnDemand, AccommodationPrintOnDemandItems, AccommodationReadAloud, AccommodationScribe,
        AccommodationSpeechToText, AccommodationStreamlineMode, AccommodationNoiseBuffer, AdministrationCondition,
        CompleteStatus, Op
        """;

    private static readonly LandingOptions Small = new()
    {
        Students = 3_000,
        StateCode = "CA",
        StateName = "California",
    };

    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_same_seed_makes_the_same_bytes()
    {
        var first = LandingFiles.Generate(Small with { ErrorPercent = 2 }, folder["first"]).ToList();
        var second = LandingFiles.Generate(Small with { ErrorPercent = 2 }, folder["second"]).ToList();

        Assert.Equal(43, first.Count);
        Assert.All(first.Zip(second), pair =>
        {
            Assert.Equal(File.ReadAllBytes(pair.First.CsvPath), File.ReadAllBytes(pair.Second.CsvPath));
            Assert.Equal(File.ReadAllBytes(pair.First.JsonPath), File.ReadAllBytes(pair.Second.JsonPath));
            Assert.Equal(File.ReadAllBytes(pair.First.PlantedPath!), File.ReadAllBytes(pair.Second.PlantedPath!));
        });
    }

    [Fact]
    public void Another_seed_makes_other_people()
    {
        var first = LandingFiles.GenerateOne(Small, folder["first"]);
        var second = LandingFiles.GenerateOne(Small with { Seed = 2 }, folder["second"]);

        Assert.NotEqual(File.ReadAllBytes(first.CsvPath), File.ReadAllBytes(second.CsvPath));
    }

    [Fact]
    public void The_headers_are_those_of_the_landing_format_in_canonical_order()
    {
        var file = LandingFiles.GenerateOne(Small, folder.Path);

        var expected = CanonicalHeaders.Split([',', ' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(91, expected.Length);
        Assert.Equal(string.Join(',', expected), File.ReadLines(file.CsvPath).First());
    }

    [Fact]
    public void The_stream_for_benchmarks_has_one_row_per_student_and_the_bytes_of_the_file()
    {
        var file = LandingFiles.GenerateOne(Small, folder.Path);
        using var stream = new MemoryStream();

        var rows = LandingFiles.WriteCsv(Small, stream);

        Assert.Equal(3_000, rows);
        Assert.Equal(3_001, File.ReadLines(file.CsvPath).Count());
        Assert.Equal(File.ReadAllBytes(file.CsvPath), stream.ToArray());
    }

    [Fact]
    public void Every_assessment_row_keeps_the_rules_of_the_landing_format()
    {
        var files = LandingFiles.Generate(
            Small with { Types = LandingTypes.All & ~LandingTypes.Registration }, folder.Path);

        foreach (var file in files)
        {
            var rules = new AssessmentRules(File.ReadAllText(file.JsonPath));
            var rows = Rows(file.CsvPath);
            Assert.Equal(file.Rows, rows.Count);
            Assert.All(rows, rules.Check);
        }
    }

    [Fact]
    public void Every_registration_row_keeps_the_rules_of_the_landing_format()
    {
        var file = LandingFiles.Generate(Small with { Types = LandingTypes.Registration }, folder.Path).Single();

        var rows = Rows(file.CsvPath);
        Assert.Equal(3_000, rows.Count);
        Assert.Equal(33, rows[0].Count);
        Assert.All(rows, row =>
        {
            Assert.Equal("California", row["StateName"]);
            Assert.NotEmpty(row["ExternalSSID"]);
            Assert.Contains(row["Sex"], new[] { "Male", "Female" });
            Assert.All(
                row.Where(cell => cell.Key is "Asian" or "White" or "IDEAIndicator" or "LEPStatus"
                    or "EconomicDisadvantageStatus" or "DemographicRaceTwoOrMoreRaces"),
                cell => Assert.Contains(cell.Value, new[] { "Yes", "No" }));
            Assert.All(
                row.Where(cell => cell.Key is "Birthdate" or "FirstEntryDateIntoUSSchool" && cell.Value.Length > 0),
                cell => Assert.True(
                    cell.Value.Length == 0 || DateOnly.TryParseExact(cell.Value, "yyyy-MM-dd", out _), cell.Value));
            Assert.True(row["LanguageCode"].Length <= 3 && row["TitleIIILanguageInstructionProgramType"].Length <= 27);
        });
        Assert.Equal(3_000, rows.Select(row => row["StudentIdentifier"]).Distinct().Count());
    }

    [Fact]
    public void A_student_bears_the_same_name_and_school_in_every_file()
    {
        var files = LandingFiles.Generate(Small, folder.Path).ToList();

        var people = files.SelectMany(file => Rows(file.CsvPath)).ToLookup(
            row => row["StudentIdentifier"],
            row => (row["FirstName"], row["LastOrSurname"], row["ResponsibleSchoolIdentifier"],
                row["GradeLevelWhenAssessed"]));
        Assert.All(people, person => Assert.Single(person.Distinct()));
    }

    [Fact]
    public void The_shape_is_that_of_a_real_state()
    {
        var files = LandingFiles.Generate(
            Small with { Students = 40_000, Types = LandingTypes.Summative | LandingTypes.InterimComprehensive },
            folder.Path).ToList();

        var summative = files.Where(file => file.Name.EndsWith("SUM", StringComparison.Ordinal))
            .SelectMany(file => Rows(file.CsvPath)).ToList();
        var interim = files.Where(file => file.Name.EndsWith("ICA", StringComparison.Ordinal))
            .SelectMany(file => Rows(file.CsvPath)).ToList();
        double Share(Func<Dictionary<string, string>, bool> isSo) => 100.0 * summative.Count(isSo) / summative.Count;
        Assert.InRange(Share(row => row["IDEAIndicator"] == "Yes"), 12, 14);
        Assert.InRange(Share(row => row["Section504Status"] == "Yes"), 3.8, 5.2);
        Assert.InRange(Share(row => row["MigrantStatus"] == "Yes"), 0.8, 1.6);
        Assert.InRange(Share(row => row["White"] == "Yes"), 46, 60);
        Assert.InRange(Share(row => row["HispanicOrLatinoEthnicity"] == "Yes"), 24, 28);
        Assert.InRange(Share(row => row["AdministrationCondition"] is "IN" or "NS"), 2.5, 3.5);
        Assert.InRange(Share(row => row["CompleteStatus"] == "Partial"), 1.5, 2.5);
        foreach (var program in new[] { "IDEAIndicator", "LEPStatus", "Section504Status", "MigrantStatus" })
            Assert.InRange(Share(row => row[program].Length == 0), 1.5, 4.5);
        foreach (var level in new[] { "1", "2", "3", "4" })
            Assert.InRange(Share(row => row["AssessmentPerformanceLevelIdentifier"] == level), 8, 42);

        var districts = summative.CountBy(row => row["ResponsibleDistrictIdentifier"])
            .Select(entry => entry.Value).ToList();
        Assert.InRange(districts.Max() / (double)summative.Count, 0.05, 0.2);
        Assert.True(districts.Count >= 40);
        Assert.Contains(summative.CountBy(row => row["ResponsibleSchoolIdentifier"]), school => school.Value < 10);
        Assert.NotEmpty(interim.Select(row => row["ResponsibleDistrictIdentifier"])
            .Except(summative.Select(row => row["ResponsibleDistrictIdentifier"])));
        Assert.Contains(
            interim.CountBy(row => row["StudentIdentifier"] + row["AssessmentGuid"]), entry => entry.Value == 2);
        var names = string.Join(' ', summative.Select(row => row["LastOrSurname"]).Distinct());
        Assert.All(["O'Grady", "Smith-Ortiz", "Núñez", "王", "Quill, Jr."], name => Assert.Contains(name, names));
    }

    [Fact]
    public void Every_planted_fault_is_listed_and_nothing_else_is_wrong()
    {
        var files = LandingFiles.Generate(Small with { ErrorPercent = 5 }, folder.Path).ToList();

        var landed = new LandedOutcomes("CA", [folder.Path]);
        var assessments = files.Where(file => !file.Name.Contains("_SR_", StringComparison.Ordinal)).ToList();
        Assert.Equal(assessments.Sum(file => file.PlantedRows), landed.Planted);
        Assert.Equal(assessments.Sum(file => file.Rows) - landed.Planted, landed.All.Count);
        Assert.InRange(100.0 * landed.Planted / landed.Rows, 4, 6);
        var kinds = files.SelectMany(file => PlantedKinds(file.PlantedPath!)).Distinct().ToList();
        Assert.Equal(21, kinds.Count);
    }

    [Fact]
    public async Task Two_hundred_thousand_students_take_less_than_300_megabytes()
    {
        using var generator = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(
            "dotnet",
            [
                typeof(LandingFiles).Assembly.Location, "generate", "--students", "200000", "--tenant", "ca",
                "--types", "summative,registration", "--out", folder.Path,
            ])
        {
            RedirectStandardOutput = true,
        })!;
        var output = await generator.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await generator.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, generator.ExitCode);
        var peak = int.Parse(
            output.TrimEnd().Split("peak memory ")[1].Split(' ')[0], CultureInfo.InvariantCulture);
        Assert.InRange(peak, 1, 299);
    }

    private static List<Dictionary<string, string>> Rows(string csvPath)
    {
        using var text = new StreamReader(csvPath, Encoding.UTF8);
        var records = CsvRecords.Read(text).ToList();
        return records.Skip(1).Select(cells =>
        {
            Assert.Equal(records[0].Count, cells.Count);
            return records[0].Zip(cells).ToDictionary(cell => cell.First, cell => cell.Second);
        }).ToList();
    }

    private static List<string> PlantedKinds(string path)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(path));
        return json.RootElement.GetProperty("planted").EnumerateArray()
            .Select(fault => fault.GetProperty("kind").GetString()!).ToList();
    }
}
