using System.Text.Json.Nodes;
using Smarter.SampleData.Landing;

namespace Smarter.Loader.Tests.Landing;

/// <summary>Makes the files of a student registration of the state WY;
/// every value that a test does not name is a good one.</summary>
internal static class LandingRegistration
{
    private const string GoodJson = """
        {
          "Content": "StudentRegistration",
          "Identification": { "Guid": "wy-reg-1", "AcademicYear": "2016", "ExtractDate": "2015-09-30" },
          "Source": { "TestRegSysID": "wy-trs", "TestRegCallbackURL": "https://state.example/registered" }
        }
        """;

    private const string GoodRow =
        "Wyoming,WY,D1,Sagebrush Unified,S1,Prairie View Elementary,student,SSID-1,Iris,,Quill,Female,2007-02-14,3,"
        + "No,No,Yes,No,No,No,No,Yes,,No,,No,ENG,Level 2,2012-08-20,2012-09-01,,Sec. 3101,SLD";

    /// <summary>The 33 headers in canonical order.</summary>
    public static IReadOnlyList<string> Headers => LandingHeaders.Registration;

    /// <returns>The JSON with some values changed, as <see cref="LandingJson.File"/> changes them.</returns>
    public static string Json(params (string Path, JsonNode? Value)[] changes) =>
        LandingJson.Changed(GoodJson, changes);

    /// <summary>The line of one student, without line end.</summary>
    /// <param name="values">Must need no quotes.</param>
    public static string Row(string student, params (string Header, string Value)[] values)
    {
        var cells = GoodRow.Split(',');
        cells[Index("StudentIdentifier")] = student;
        foreach (var (header, value) in values)
            cells[Index(header)] = value;
        return string.Join(',', cells);
    }

    /// <summary>Header and rows, each ended by LF.</summary>
    public static string Csv(params IEnumerable<string> rows) =>
        string.Concat(rows.Prepend(string.Join(',', Headers)).Select(row => row + "\n"));

    private static int Index(string header) => Headers.ToList().IndexOf(header);
}
