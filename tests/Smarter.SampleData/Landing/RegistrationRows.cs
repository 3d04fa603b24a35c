using System.Globalization;
using System.Text;
using System.Text.Json;
using Smarter.SampleData.Population;

namespace Smarter.SampleData.Landing;

/// <summary>Writes the student registration file: one row for every student of the state.</summary>
internal sealed class RegistrationRows(LandingOptions options, SampleState state)
{
    private const int RegistrationStream = 5;

    private static readonly byte[][] FirstNames = AssessmentRows.CellsOf(SampleNames.First);
    private static readonly byte[][] LastNames = AssessmentRows.CellsOf(SampleNames.Last);

    public string FileName => $"{options.Year}_SR_{options.StateCode}";

    public void WriteJson(Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        var state = options.StateCode.ToLowerInvariant();
        json.WriteStartObject();
        json.WriteString("Content"u8, "StudentRegistration");
        json.WriteStartObject("Identification"u8);
        json.WriteString("Guid"u8, $"{state}-registration-{options.Year}-{options.Seed}");
        json.WriteString("AcademicYear"u8, options.Year.ToString(CultureInfo.InvariantCulture));
        json.WriteString("ExtractDate"u8, $"{options.Year - 1}-09-30");
        json.WriteEndObject();
        json.WriteStartObject("Source"u8);
        json.WriteString("TestRegSysID"u8, $"{state}-registration-system");
        json.WriteString("TestRegCallbackURL"u8, "http://callback.example/registration");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <returns>The number of data rows.</returns>
    public long Write(Stream csv, FaultPlanter? faults)
    {
        var writer = new CsvRowWriter(csv);
        var stateName = Encoding.UTF8.GetBytes(CsvRowWriter.Quoted(options.StateName));
        writer.Raw(Encoding.UTF8.GetBytes(string.Join(',', LandingHeaders.Registration)));
        writer.Empty(1);
        writer.EndRow();
        long rows = 0;
        foreach (var school in state.Schools)
        {
            for (var number = school.FirstStudent; number <= school.LastStudent; number++)
            {
                var grade = SampleStudent.GradeOf(options.Seed, school, number);
                var student = SampleStudent.Describe(options.Seed, school, number, grade, options.Year);
                writer.Text(stateName);
                writer.Raw(school.AssessmentPrefix);
                WriteRow(writer, school, student);
                if (faults is not null && faults.Next(++rows) is { } fault)
                    writer.EndSpoiledRow(fault);
                else
                    writer.EndRow();
            }
        }

        writer.Flush();
        return options.Students;
    }

    private void WriteRow(CsvRowWriter writer, SampleSchool school, in SampleStudent student)
    {
        AssessmentRows.WriteStudentId(writer, school, student);
        writer.Text(FirstNames[student.FirstName]);
        writer.Text(student.MiddleName < 0 ? [] : FirstNames[student.MiddleName]);
        writer.Text(LastNames[student.LastName]);
        // Registration knows no "not stated".
        writer.Text(student.Sex == 0 || (student.Sex == 2 && student.Number % 2 == 0) ? "Female"u8 : "Male"u8);
        if (student.Birthdate is { } birthdate)
            writer.Date(birthdate, hyphens: true);
        else
            writer.Empty(1);
        AssessmentRows.WriteGrade(writer, school, student.Grade);
        for (var flag = 0; flag < 6; flag++)
            WriteYesNo(writer, (student.EthnicityFlags >> flag & 1) == 1);
        WriteYesNo(writer, student.Iep == Answer.Yes);
        WriteYesNo(writer, student.Lep == Answer.Yes);
        WriteOptional(writer, student.Section504);
        WriteYesNo(writer, student.Disadvantaged == Answer.Yes);
        WriteOptional(writer, student.Migrant);
        WriteYesNo(writer, student.Ethnicity == 7);
        WriteLanguage(writer, student);
        writer.Text(student.Iep == Answer.Yes ? "SLD"u8 : ""u8);
    }

    private void WriteLanguage(CsvRowWriter writer, in SampleStudent student)
    {
        if (student.Lep != Answer.Yes)
        {
            writer.Text("ENG"u8);
            writer.Empty(5);
            return;
        }

        var draw = SeededDraw.For(options.Seed, RegistrationStream, student.Number);
        var entry = new DateOnly(options.Year - 1 - draw.Below(student.Grade), 8, 20).AddDays(draw.Below(30));
        writer.Text(student.Ethnicity == 3 ? "SPA"u8 : "VIE"u8);
        writer.Text(draw.Below(3) switch { 0 => "Level 1"u8, 1 => "Level 2"u8, _ => "Level 3"u8 });
        writer.Date(entry, hyphens: true);
        writer.Date(entry.AddDays(12), hyphens: true);
        writer.Empty(1);
        writer.Text("Sec. 3101"u8);
    }

    private static void WriteYesNo(CsvRowWriter writer, bool yes) => writer.Text(yes ? "Yes"u8 : "No"u8);

    private static void WriteOptional(CsvRowWriter writer, Answer answer) =>
        writer.Text(answer switch { Answer.Yes => "Yes"u8, Answer.No => "No"u8, _ => ""u8 });
}
