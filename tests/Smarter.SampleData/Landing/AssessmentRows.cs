using System.Text;
using Smarter.SampleData.Population;

namespace Smarter.SampleData.Landing;

/// <summary>Writes the rows of one assessment's CSV.</summary>
internal sealed class AssessmentRows(LandingOptions options, SampleState state, SampleAssessment assessment)
{
    private const int TakingStream = 16;

    private static readonly byte[][] FirstNames = CellsOf(SampleNames.First);
    private static readonly byte[][] LastNames = CellsOf(SampleNames.Last);

    /// <summary>Everybody of the assessment's grade who took it, in the order of their numbers.</summary>
    /// <returns>The number of data rows.</returns>
    public long Write(Stream csv, FaultPlanter? faults)
    {
        var writer = new CsvRowWriter(csv);
        writer.Raw(Encoding.UTF8.GetBytes(string.Join(',', LandingHeaders.Assessment)));
        writer.Empty(1);
        writer.EndRow();
        long rows = 0;
        foreach (var school in state.Schools)
        {
            if (assessment.Grade is { } only && !school.Grades.Contains(only))
                continue;
            for (var number = school.FirstStudent; number <= school.LastStudent; number++)
            {
                var grade = SampleStudent.GradeOf(options.Seed, school, number);
                if (assessment.Grade is { } one && grade != one)
                    continue;
                var draw = SeededDraw.For(
                    options.Seed, TakingStream + 2 * (int)assessment.Type + (int)assessment.Subject, number);
                var times = TimesTaken(school, ref draw);
                if (times == 0)
                    continue;
                var student = SampleStudent.Describe(options.Seed, school, number, grade, options.Year);
                for (var time = 0; time < times; time++)
                    WriteRow(writer, school, student, time, ref draw, faults, ++rows);
            }
        }

        writer.Flush();
        return rows;
    }

    /// <summary>A name list as ready CSV cells.</summary>
    public static byte[][] CellsOf(string[] names) =>
        names.Select(name => Encoding.UTF8.GetBytes(CsvRowWriter.Quoted(name))).ToArray();

    private int TimesTaken(SampleSchool school, ref SeededDraw draw) => assessment.Type switch
    {
        // An assessment for every grade is the benchmark's: one row per student, exactly.
        LandingTypes.Summative when assessment.Grade is null => 1,
        LandingTypes.Summative => !school.InterimOnly && draw.Chance(0.98) ? 1 : 0,
        LandingTypes.InterimComprehensive => draw.Chance(school.InterimOnly ? 0.8 : 0.25)
            ? draw.Chance(0.15) ? 2 : 1
            : 0,
        _ => draw.Chance(school.InterimOnly ? 0.6 : 0.30) ? 1 : 0,
    };

    private void WriteRow(
        CsvRowWriter writer, SampleSchool school, in SampleStudent student, int time, ref SeededDraw draw,
        FaultPlanter? faults, long row)
    {
        writer.Raw(school.AssessmentPrefix);
        WriteStudent(writer, school, student);
        WriteGroups(writer, school, student);
        writer.Text(assessment.GuidBytes);
        if (draw.Chance(0.01))
            writer.Empty(2);
        else
            writer.Raw(school.LocationCells);
        writer.Date(DateTaken(time, ref draw), hyphens: false);
        writer.Number(assessment.Year);
        writer.Text(assessment.Type switch
        {
            LandingTypes.Summative => "Summative"u8,
            LandingTypes.InterimComprehensive => "Interim Comprehensive"u8,
            _ => "Interim Assessment Block"u8,
        });
        writer.Text(assessment.Subject == SampleSubject.Math ? "Math"u8 : "ELA"u8);
        WriteGrade(writer, school, student.Grade);
        WriteScores(writer, student, ref draw);
        WriteAccommodations(writer, student, ref draw);
        writer.Text(draw.Below(1000) switch { < 15 => "IN"u8, < 30 => "NS"u8, < 130 => "SD"u8, _ => ""u8 });
        writer.Text(draw.Below(1000) switch { < 20 => "Partial"u8, < 30 => ""u8, _ => "Complete"u8 });
        writer.Text(draw.Below(200) switch { 0 => "C"u8, 1 => "I"u8, _ => ""u8 });

        if (faults is not null && faults.Next(row) is { } fault)
            writer.EndSpoiledRow(fault);
        else
            writer.EndRow();
    }

    private static void WriteStudent(CsvRowWriter writer, SampleSchool school, in SampleStudent student)
    {
        WriteStudentId(writer, school, student);
        writer.Text(FirstNames[student.FirstName]);
        writer.Text(student.MiddleName < 0 ? [] : FirstNames[student.MiddleName]);
        writer.Text(LastNames[student.LastName]);
        writer.Text((student.Sex, student.SexSpelling) switch
        {
            (0, < 90) => "Female"u8,
            (0, < 95) => "F"u8,
            (0, _) => "female"u8,
            (1, < 90) => "Male"u8,
            (1, < 95) => "M"u8,
            (1, _) => "male"u8,
            (_, < 90) => "NS"u8,
            _ => "Not Specified"u8,
        });
        if (student.Birthdate is { } birthdate)
            writer.Date(birthdate, hyphens: false);
        else
            writer.Empty(1);
        WriteGrade(writer, school, student.Grade);
        WriteEthnicity(writer, student);
        WriteAnswer(writer, student.Iep);
        WriteAnswer(writer, student.Lep);
        WriteAnswer(writer, student.Section504);
        WriteAnswer(writer, student.Disadvantaged);
        WriteAnswer(writer, student.Migrant);
    }

    /// <summary>The student's state id and the external one.</summary>
    public static void WriteStudentId(CsvRowWriter writer, SampleSchool school, in SampleStudent student)
    {
        writer.Raw(school.IdBytes.AsSpan(0, 2));
        writer.Raw("-"u8);
        writer.Digits(student.Number, 7);
        writer.Raw(",X"u8);
        writer.Digits(student.Number * 7919 % 10_000_000_000, 10);
        writer.Raw(","u8);
    }

    public static void WriteGrade(CsvRowWriter writer, SampleSchool school, int grade)
    {
        writer.Digits(grade, school.PadsGrades ? (byte)2 : (byte)1);
        writer.Raw(","u8);
    }

    private static void WriteEthnicity(CsvRowWriter writer, in SampleStudent student)
    {
        // Half of those without an ethnicity leave the cells empty, the others answer no to every question.
        if (student.Ethnicity == 0 && student.Number % 2 == 0)
        {
            writer.Empty(7);
            return;
        }

        for (var flag = 0; flag < 7; flag++)
            writer.Text((student.EthnicityFlags >> flag & 1) == 1 ? "Yes"u8 : "No"u8);
    }

    private static void WriteAnswer(CsvRowWriter writer, Answer answer) =>
        writer.Text(answer switch { Answer.Yes => "Yes"u8, Answer.No => "No"u8, _ => ""u8 });

    private static void WriteGroups(CsvRowWriter writer, SampleSchool school, in SampleStudent student)
    {
        var room = (byte)('A' + student.Room);
        writer.Raw(school.IdBytes);
        writer.Raw("-G"u8);
        writer.Digits(student.Grade, 2);
        writer.Raw("-"u8);
        writer.Text([room]);
        writer.Raw("Room "u8);
        writer.Text([room]);
        if (student.InReadingGroup)
        {
            writer.Raw(school.IdBytes);
            writer.Text("-READ"u8);
            writer.Text("Reading Club"u8);
            writer.Empty(16);
        }
        else
            writer.Empty(18);
    }

    // Summative tests are taken from 4 April on; interim ones in November, and the second time in February.
    private DateOnly DateTaken(int time, ref SeededDraw draw)
    {
        var first = assessment.Type == LandingTypes.Summative ? new DateOnly(assessment.Year, 4, 4)
            : time == 0 ? new DateOnly(assessment.Year - 1, 11, 2)
            : new DateOnly(assessment.Year, 2, 1);
        return first.AddDays(draw.Below(assessment.Type == LandingTypes.Summative ? 60 : 25));
    }

    private void WriteScores(CsvRowWriter writer, in SampleStudent student, ref SeededDraw draw)
    {
        var expected = assessment.Mean + 85 * (student.Ability + 0.3 * draw.Normal());
        var score = Clamp(expected);
        if (assessment.Type == LandingTypes.InterimBlock)
        {
            writer.Empty(4);
            WriteClaim(writer, score, 45);
            writer.Empty(12);
            return;
        }

        var error = 18 + draw.Below(20);
        writer.Number(score);
        writer.Number(Clamp(score - error));
        writer.Number(Clamp(score + error));
        writer.Number(assessment.LevelOf(score));
        for (var claim = 0; claim < assessment.Claims; claim++)
            WriteClaim(writer, Clamp(expected + 40 * draw.Normal()), 35 + draw.Below(25));
        writer.Empty(4 * (4 - assessment.Claims));
    }

    // Near the standard means: the cut point of level 3 lies inside the error band.
    private void WriteClaim(CsvRowWriter writer, int score, int error)
    {
        writer.Number(score);
        writer.Number(Clamp(score - error));
        writer.Number(Clamp(score + error));
        var standard = assessment.CutPoints[1];
        writer.Number(score + error < standard ? 1 : score - error > standard ? 3 : 2);
    }

    private static void WriteAccommodations(CsvRowWriter writer, in SampleStudent student, ref SeededDraw draw)
    {
        if (!draw.Chance(student.Iep == Answer.Yes ? 0.5 : 0.04))
        {
            writer.Raw("0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,"u8);
            return;
        }

        for (var accommodation = 0; accommodation < 15; accommodation++)
            writer.Number(draw.Chance(0.2) ? 4 + draw.Below(23) : 0);
    }

    private static int Clamp(double score) =>
        Math.Clamp((int)Math.Round(score), SampleAssessment.MinScore, SampleAssessment.MaxScore);
}
