using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Smarter.SampleData.Landing;

/// <summary>One made-up assessment: what its JSON says and what its rows are measured against.</summary>
internal sealed class SampleAssessment
{
    public const int MinScore = 2000;
    public const int MaxScore = 3000;

    private static readonly string[] MathClaims =
        ["Concepts and Procedures", "Problem Solving and Data Analysis", "Communicating Reasoning"];

    private static readonly string[] ElaClaims = ["Reading", "Writing", "Listening", "Research & Inquiry"];

    /// <param name="type">Exactly one of the three assessment types.</param>
    /// <param name="grade">Null for one assessment that is given in every grade.</param>
    public SampleAssessment(LandingOptions options, LandingTypes type, SampleSubject subject, int? grade)
    {
        Type = type;
        Subject = subject;
        Grade = grade;
        Year = options.Year;
        Mean = 2420 + 22 * ((grade ?? 6) - 3) + (subject == SampleSubject.Ela ? 12 : 0);
        CutPoints = [Mean - 50, Mean + 12, Mean + 80];
        var code = type switch
        {
            LandingTypes.Summative => "sum",
            LandingTypes.InterimComprehensive => "ica",
            _ => "iab",
        };
        var grades = grade is { } one ? string.Create(CultureInfo.InvariantCulture, $"g{one:00}") : "gall";
        Guid = $"{options.StateCode}-{subject}-{grades}-{code}-{options.Year}".ToLowerInvariant();
        FileName = $"ASMT_{options.Year}_{options.StateCode}_{grades}_{subject}_{code}".ToUpperInvariant();
        GuidBytes = Encoding.UTF8.GetBytes(Guid);
    }

    public LandingTypes Type { get; }

    public SampleSubject Subject { get; }

    /// <summary>Null for one assessment that is given in every grade.</summary>
    public int? Grade { get; }

    public int Year { get; }

    public string Guid { get; }

    /// <summary><see cref="Guid"/> in UTF-8.</summary>
    public byte[] GuidBytes { get; }

    /// <summary>Without ending.</summary>
    public string FileName { get; }

    /// <summary>The score of a student of average ability.</summary>
    public int Mean { get; }

    /// <summary>The lowest scores of levels 2, 3 and 4.</summary>
    public int[] CutPoints { get; }

    public int Claims => Subject == SampleSubject.Math ? MathClaims.Length : ElaClaims.Length;

    /// <returns>The achievement level, 1 to 4.</returns>
    public int LevelOf(int score) =>
        score < CutPoints[0] ? 1 : score < CutPoints[1] ? 2 : score < CutPoints[2] ? 3 : 4;

    /// <summary>The metadata of the landing file, with every path that loader.md §2.4 asks for.</summary>
    public void WriteJson(Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        var block = Type == LandingTypes.InterimBlock;
        json.WriteStartObject();
        json.WriteString("Content"u8, "assessment");
        json.WriteStartObject("Identification"u8);
        json.WriteString("Guid"u8, Guid);
        json.WriteString("Type"u8, Type switch
        {
            LandingTypes.Summative => "SUMMATIVE",
            LandingTypes.InterimComprehensive => "INTERIM COMPREHENSIVE",
            _ => "INTERIM ASSESSMENT BLOCKS",
        });
        json.WriteNumber("Year"u8, Year);
        json.WriteString("Period"u8, Type == LandingTypes.Summative ? $"Spring {Year}" : $"{Year}");
        json.WriteString("Version"u8, "1.0");
        json.WriteString("Subject"u8, Subject == SampleSubject.Math ? "Math" : "ELA");
        json.WriteString("EffectiveDate"u8, $"{Year - 1}0901");
        json.WriteEndObject();
        WriteRange(json, "Overall", name: null, block);
        WriteLevels(json, block);
        WriteClaims(json, block);
        json.WriteStartObject("ClaimsPerformanceLevel"u8);
        foreach (var (level, name) in new[] { ("Level1", "Below"), ("Level2", "Near"), ("Level3", "Above") })
        {
            json.WriteStartObject(level);
            json.WriteString("Name"u8, name);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteLevels(Utf8JsonWriter json, bool block)
    {
        json.WriteStartObject("PerformanceLevels"u8);
        for (var level = 1; level <= 5; level++)
        {
            json.WriteStartObject($"Level{level}");
            json.WriteString("Name"u8, block || level == 5 ? "" : $"Level {level}");
            if (block || level == 5)
                json.WriteString("CutPoint"u8, "");
            else
                json.WriteNumber("CutPoint"u8, level == 1 ? MinScore : CutPoints[level - 2]);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private void WriteClaims(Utf8JsonWriter json, bool block)
    {
        var names = Subject == SampleSubject.Math ? MathClaims : ElaClaims;
        json.WriteStartObject("Claims"u8);
        for (var claim = 1; claim <= 4; claim++)
        {
            var name = block ? (claim == 1 ? $"{names[0]} block" : "") : names.ElementAtOrDefault(claim - 1) ?? "";
            if (claim > names.Length)
            {
                json.WriteStartObject($"Claim{claim}");
                json.WriteString("Name"u8, "");
                json.WriteString("MinScore"u8, "");
                json.WriteString("MaxScore"u8, "");
                json.WriteEndObject();
            }
            else
                WriteRange(json, $"Claim{claim}", name, block);
        }

        json.WriteEndObject();
    }

    // The warehouse wants a range even where a block has none; producers put 0 (loader.md §2.6).
    private static void WriteRange(Utf8JsonWriter json, string property, string? name, bool zero)
    {
        json.WriteStartObject(property);
        if (name is not null)
            json.WriteString("Name"u8, name);
        json.WriteNumber("MinScore"u8, zero ? 0 : MinScore);
        json.WriteNumber("MaxScore"u8, zero ? 0 : MaxScore);
        json.WriteEndObject();
    }
}
