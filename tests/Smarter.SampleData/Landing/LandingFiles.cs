using Smarter.SampleData.Population;

namespace Smarter.SampleData.Landing;

/// <summary>
/// Makes landing files of a made-up state, each in a folder of its own: <c>&lt;name&gt;/&lt;name&gt;.csv</c> and
/// <c>.json</c>, and <c>.planted.json</c> when faults were asked for. Streams: memory does not grow with the students.
/// </summary>
public static class LandingFiles
{
    private const int FileBufferBytes = 1;

    private static readonly int[] Grades = [3, 4, 5, 6, 7, 8, 11];

    /// <summary>One file per assessment (subject and grade, per type), and the registration file.</summary>
    /// <param name="directory">Is created; files of the same name in it are replaced.</param>
    /// <returns>The files as they get ready.</returns>
    public static IEnumerable<LandingFile> Generate(LandingOptions options, string directory)
    {
        Check(options);
        var state = new SampleState(options.StateCode, options.Seed, options.Students);
        var number = 0;
        foreach (var type in new[]
                 {
                     LandingTypes.Summative, LandingTypes.InterimComprehensive, LandingTypes.InterimBlock,
                 })
        {
            if (!options.Types.HasFlag(type))
                continue;
            foreach (var subject in Enum.GetValues<SampleSubject>())
            {
                foreach (var grade in Grades)
                {
                    var assessment = new SampleAssessment(options, type, subject, grade);
                    yield return WriteAssessment(options, state, assessment, directory, number++);
                }
            }
        }

        if (options.Types.HasFlag(LandingTypes.Registration))
        {
            var registration = new RegistrationRows(options, state);
            yield return WriteFile(
                options, registration.FileName, LandingHeaders.Registration, registration.WriteJson, registration.Write,
                directory, number);
        }
    }

    /// <summary>Exactly one summative Math file with one row for each of the students, all grades mixed.</summary>
    /// <inheritdoc cref="Generate" path="/param"/>
    public static LandingFile GenerateOne(LandingOptions options, string directory)
    {
        Check(options);
        var state = new SampleState(options.StateCode, options.Seed, options.Students);
        var assessment = new SampleAssessment(options, LandingTypes.Summative, SampleSubject.Math, grade: null);
        return WriteAssessment(options, state, assessment, directory, 0);
    }

    /// <summary>The CSV of <see cref="GenerateOne"/>, without faults, into a stream that stays open.</summary>
    /// <returns>The number of data rows, which is the number of students.</returns>
    public static long WriteCsv(LandingOptions options, Stream csv)
    {
        Check(options);
        var state = new SampleState(options.StateCode, options.Seed, options.Students);
        return new AssessmentRows(options, state, OneForAllGrades(options)).Write(csv, faults: null);
    }

    /// <summary>The JSON that belongs to <see cref="WriteCsv"/>, into a stream that stays open.</summary>
    public static void WriteJson(LandingOptions options, Stream json)
    {
        Check(options);
        OneForAllGrades(options).WriteJson(json);
    }

    private static SampleAssessment OneForAllGrades(LandingOptions options) =>
        new(options, LandingTypes.Summative, SampleSubject.Math, grade: null);

    private static LandingFile WriteAssessment(
        LandingOptions options, SampleState state, SampleAssessment assessment, string directory, int number) =>
        WriteFile(
            options, assessment.FileName, LandingHeaders.Assessment, assessment.WriteJson,
            new AssessmentRows(options, state, assessment).Write, directory, number);

    private static LandingFile WriteFile(
        LandingOptions options, string name, IReadOnlyList<string> headers, Action<Stream> writeJson,
        Func<Stream, FaultPlanter?, long> writeCsv, string directory, int number)
    {
        var folder = Directory.CreateDirectory(Path.Combine(directory, name)).FullName;
        var (csvPath, jsonPath) = (Path.Combine(folder, $"{name}.csv"), Path.Combine(folder, $"{name}.json"));
        var plantedPath = Path.Combine(folder, $"{name}.planted.json");
        using (var json = File.Create(jsonPath))
            writeJson(json);
        // The row writer brings whole megabytes; a second buffer would only copy them once more.
        using var csv = new FileStream(csvPath, FileMode.Create, FileAccess.Write, FileShare.Read, FileBufferBytes);
        if (options.ErrorPercent == 0)
        {
            File.Delete(plantedPath);
            return new LandingFile(name, csvPath, jsonPath, null, writeCsv(csv, null), 0);
        }

        using var planted = File.Create(plantedPath);
        using var faults = new FaultPlanter(
            headers, options.Seed, options.ErrorPercent, number, Path.GetFileName(csvPath), planted);
        var rows = writeCsv(csv, faults);
        faults.Finish(rows);
        return new LandingFile(name, csvPath, jsonPath, plantedPath, rows, faults.Planted);
    }

    private static void Check(LandingOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Students, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Students, 99_999_999);
        ArgumentOutOfRangeException.ThrowIfNegative(options.ErrorPercent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.ErrorPercent, 100);
        if (options.StateCode is not [>= 'A' and <= 'Z', >= 'A' and <= 'Z'])
            throw new ArgumentException("The state code must be two capital letters.", nameof(options));
    }
}
