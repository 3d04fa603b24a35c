using System.Buffers.Binary;
using System.Text;
using Smarter.Core;
using Smarter.Loader.Checking;
using Smarter.Loader.Tests.Landing;

namespace Smarter.Loader.Tests.Checking;

public sealed class RowCheckerTests
{
    private static readonly RowRules Rules =
        new("WY"u8.ToArray(), "wy-math"u8.ToArray(), IsBlockFile: false, new DateOnly(2016, 5, 1));

    private readonly RowChecker checker = new(Header(), Rules);

    [Theory]
    [InlineData("ResponsibleDistrictIdentifier", "", ErrorCode.ValueMissing)]
    [InlineData("NameOfInstitution", "   ", ErrorCode.ValueMissing)]
    [InlineData("StudentIdentifier", "\"\"", ErrorCode.ValueMissing)]
    [InlineData("Sex", "", ErrorCode.ValueMissing)]
    [InlineData("AssessmentAdministrationFinishDate", "", ErrorCode.ValueMissing)]
    [InlineData("AssessmentSubtestResultScoreValue", "", ErrorCode.ValueMissing)]
    [InlineData("AccommodationBraille", "", ErrorCode.ValueMissing)]
    [InlineData("Sex", "Unsure", ErrorCode.ValueUnknown)]
    [InlineData("GradeLevelWhenAssessed", "14", ErrorCode.ValueUnknown)]
    [InlineData("AssessmentLevelForWhichDesigned", "third", ErrorCode.ValueUnknown)]
    [InlineData("Asian", "maybe", ErrorCode.ValueUnknown)]
    [InlineData("AssessmentType", "Formative", ErrorCode.ValueUnknown)]
    [InlineData("AssessmentAcademicSubject", "Science", ErrorCode.ValueUnknown)]
    [InlineData("AdministrationCondition", "invalid", ErrorCode.ValueUnknown)]
    [InlineData("CompleteStatus", "Perhaps", ErrorCode.ValueUnknown)]
    [InlineData("Op", "U", ErrorCode.ValueUnknown)]
    [InlineData("Birthdate", "20070230", ErrorCode.DateInvalid)]
    [InlineData("Birthdate", "20160502", ErrorCode.DateInvalid)]
    [InlineData("AssessmentAdministrationFinishDate", "4/3/16", ErrorCode.DateInvalid)]
    [InlineData("AssessmentSubtestResultScoreValue", "12.5", ErrorCode.NotAnInteger)]
    [InlineData("AssessmentSubtestResultScoreClaim1Value", "1e3", ErrorCode.NotAnInteger)]
    [InlineData("AccommodationAbacus", "none", ErrorCode.NotAnInteger)]
    [InlineData("AssessmentYear", "16", ErrorCode.NotAnInteger)]
    [InlineData("AssessmentYear", "+201", ErrorCode.NotAnInteger)]
    [InlineData("AssessmentYear", "20160", ErrorCode.NotAnInteger)]
    [InlineData("AssessmentSubtestMaximumValue", "32768", ErrorCode.NumberOutOfRange)]
    [InlineData("AssessmentSubtestMinimumValue", "-32769", ErrorCode.NumberOutOfRange)]
    [InlineData("AssessmentSubtestMinimumValue", "99999999999999999999", ErrorCode.NumberOutOfRange)]
    public void A_bad_value_rejects_its_row_and_names_the_column(string header, string value, ErrorCode code)
    {
        var errors = Check(Line(header, value));

        Assert.Equal([new RowError(7, code, header)], errors);
    }

    [Theory]
    [InlineData("FirstName", 35)]
    [InlineData("StudentIdentifier", 40)]
    [InlineData("OrganizationName", 60)]
    [InlineData("Group10Text", 60)]
    public void Text_may_be_as_long_as_its_column_in_characters_not_bytes(string header, int longest)
    {
        foreach (var character in new[] { "n", "é", "ש", "日", "😀" })
        {
            var text = string.Concat(Enumerable.Repeat(character, longest));

            Assert.Empty(Check(Line(header, text)));
            Assert.Equal([new RowError(7, ErrorCode.ValueTooLong, header)], Check(Line(header, text + character)));
        }
    }

    [Fact]
    public void A_row_with_several_bad_values_names_each()
    {
        var errors = Check(LandingCsv.Row("ann", ("Sex", "?"), ("Birthdate", "?"), ("Op", "?")));

        Assert.Equal(
            [(ErrorCode.ValueUnknown, "Sex"), (ErrorCode.DateInvalid, "Birthdate"), (ErrorCode.ValueUnknown, "Op")],
            errors.Select(error => (error.Code, error.Column)));
    }

    [Theory]
    [InlineData("CompleteStatus", "", null)]
    [InlineData("Sex", "girl", "female")]
    [InlineData("GradeLevelWhenAssessed", "kg", "KG")]
    [InlineData("AssessmentLevelForWhichDesigned", "3", "03")]
    [InlineData("Birthdate", "2/14/07", "20070214")]
    [InlineData("AssessmentAdministrationFinishDate", "12 April 2016", "20160412")]
    [InlineData("AssessmentAcademicSubject", "mathematics", "Math")]
    [InlineData("StateAbbreviation", "wy", "WY")]
    [InlineData("Op", "", "C")]
    [InlineData("Op", "d", "W")]
    [InlineData("FirstName", "  Iris  ", "Iris")]
    [InlineData("FirstName", "\"O'Neil, \"\"Bo\"\"\"", "O'Neil, \"Bo\"")]
    [InlineData("FirstName", "\"two\r\nlines\"", "twolines")]
    [InlineData("FirstName", "", null)]
    [InlineData("FirstName", "\t", "\t")]
    [InlineData("FirstName", "=1+1", "=1+1")]
    public void A_good_value_is_stored_in_its_one_form(string header, string written, string? stored)
    {
        Assert.Empty(Check(Line(header, written)));

        Assert.Equal(stored, Encoded(header));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_row_with_another_number_of_values_than_the_header_is_rejected(int more)
    {
        var row = LandingCsv.Row("ann");

        var errors = Check(more > 0 ? row + "," : row[..row.LastIndexOf(',')]);

        Assert.Equal([new RowError(7, ErrorCode.RowWidth, null)], errors);
    }

    [Fact]
    public void A_quote_that_is_not_closed_rejects_the_row() =>
        Assert.Equal([new RowError(7, ErrorCode.QuoteUnbalanced, null)], Check(Line("FirstName", "\"Iris")));

    [Theory]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    public void A_stray_control_character_rejects_the_row(string name) =>
        Assert.Equal(ErrorCode.CharacterNotAllowed, Assert.Single(Check(Line("FirstName", name))).Code);

    [Fact]
    public void Bytes_that_are_not_UTF_8_reject_the_row()
    {
        var row = Utf8(Line("FirstName", "Jose?"));
        row[Array.IndexOf(row, (byte)'?')] = 0xE9; // é in Latin 1

        var errors = new List<RowError>();
        checker.Check(row, 7, errors);

        Assert.Equal([new RowError(7, ErrorCode.CharacterNotAllowed, null)], errors);
    }

    [Fact]
    public void Another_state_refuses_the_whole_file()
    {
        var refusal = Assert.Throws<FileRejectedException>(() => Check(Line("StateAbbreviation", "NC")));

        Assert.Equal((ErrorCode.WrongState, "StateAbbreviation"), (refusal.Code, refusal.Place));
    }

    [Theory]
    [InlineData("wy-ela")]
    [InlineData("WY-MATH")]
    public void Another_assessment_than_that_of_the_JSON_refuses_the_whole_file(string asmtGuid)
    {
        var refusal = Assert.Throws<FileRejectedException>(() => Check(Line("AssessmentGuid", asmtGuid)));

        Assert.Equal(ErrorCode.AssessmentGuidMismatch, refusal.Code);
    }

    [Fact]
    public void A_block_file_needs_no_overall_score_and_no_claims_2_to_4()
    {
        var row = LandingCsv.Row(
            "ann", ("AssessmentSubtestResultScoreValue", ""), ("AssessmentSubtestMinimumValue", ""),
            ("AssessmentSubtestMaximumValue", ""), ("AssessmentPerformanceLevelIdentifier", ""),
            ("AssessmentSubtestResultScoreClaim2Value", "not read"));
        var blocks = new RowChecker(Header(), Rules with { IsBlockFile = true });
        var errors = new List<RowError>();

        Assert.True(blocks.Check(Utf8(row), 1, errors));
        Assert.Empty(errors);
    }

    [Fact]
    public void No_message_repeats_what_the_row_holds()
    {
        foreach (var error in Check(LandingCsv.Row("ann", ("Sex", "Secret"), ("Birthdate", "Secret"))))
            Assert.DoesNotContain("Secret", RowError.Message(error.Code), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_code_of_a_row_has_a_message()
    {
        foreach (var code in Enum.GetValues<ErrorCode>().Where(code => (int)code >= 5100))
            Assert.NotEmpty(RowError.Message(code));
    }

    /// <summary>The value as it stands in the file, quotes included.</summary>
    private static string Line(string header, string written) => LandingCsv.Row("ann", (header, "@here@"))
        .Replace("@here@", written, StringComparison.Ordinal);

    private List<RowError> Check(string row)
    {
        var errors = new List<RowError>();
        Assert.Equal(checker.Check(Utf8(row), 7, errors), errors.Count == 0);
        return errors;
    }

    private string? Encoded(string header)
    {
        var column = AssessmentLayout.Columns.ToList().FindIndex(column => column.Header == header);
        var field = checker.Encoded(column, column);
        return BinaryPrimitives.ReadInt32BigEndian(field) < 0 ? null : Encoding.UTF8.GetString(field[sizeof(int)..]);
    }

    private static CsvHeader Header() => CsvHeader.Parse(Utf8(LandingCsv.HeaderLine), AssessmentLayout.Csv);

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
