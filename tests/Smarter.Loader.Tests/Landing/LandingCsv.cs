using Smarter.SampleData.Landing;

namespace Smarter.Loader.Tests.Landing;

/// <summary>Makes the CSV of an assessment of the state WY;
/// every value that a test does not name is a good one.</summary>
internal static class LandingCsv
{
    private const string GoodRow =
        "WY,D1,Sagebrush Unified,S1,Prairie View Elementary,student,LOC-1,Iris,,Quill,F,2007-02-14,3,"
        + "No,No,Yes,No,No,No,No,No,Yes,,No,,g-17,Room 17,,,,,,,,,,,,,,,,,,,"
        + "wy-math,S1,Prairie View Elementary,20160412,2016,Summative,MATH,3,2451,2421,2481,3,"
        + "2441,2400,2480,2,2442,2400,2480,2,2443,2400,2480,2,,,,,0,0,0,5,0,0,0,0,0,0,0,0,0,0,0,SD,Complete,";

    /// <summary>The 91 headers in canonical order.</summary>
    public static IReadOnlyList<string> Headers => LandingHeaders.Assessment;

    public static string HeaderLine => string.Join(',', Headers);

    /// <summary>The line of one outcome, without line end.</summary>
    /// <param name="values">Are quoted when they must be.</param>
    public static string Row(string student, params (string Header, string Value)[] values)
    {
        var cells = GoodRow.Split(',');
        cells[Index("StudentIdentifier")] = student;
        foreach (var (header, value) in values)
            cells[Index(header)] = Quoted(value);
        return string.Join(',', cells);
    }

    /// <summary>Header and rows, each ended by LF.</summary>
    public static string File(params IEnumerable<string> rows) =>
        string.Concat(rows.Prepend(HeaderLine).Select(row => row + "\n"));

    /// <summary>The same rows with only these columns, in this order.</summary>
    /// <param name="file">Without quoted values.</param>
    public static string Select(string file, IReadOnlyList<string> headers)
    {
        var positions = headers.Select(Index).ToArray();
        return string.Concat(file.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(','))
            .Select(cells => string.Join(',', positions.Select(position => cells[position])) + "\n"));
    }

    private static int Index(string header) => Headers.ToList().IndexOf(header);

    private static string Quoted(string value) =>
        value.AsSpan().IndexOfAny(",\"\r\n") < 0
            ? value
            : $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
