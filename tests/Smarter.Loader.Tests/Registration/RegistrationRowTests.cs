using System.Buffers.Binary;
using System.Text;
using Smarter.Core;
using Smarter.Loader.Checking;
using Smarter.Loader.Registration;
using Smarter.Loader.Tests.Landing;

namespace Smarter.Loader.Tests.Registration;

public sealed class RegistrationRowTests
{
    private static readonly RowRules Rules =
        new("WY"u8.ToArray(), AssessmentGuid: [], IsBlockFile: false, new DateOnly(2016, 5, 1))
        {
            Layout = RegistrationLayout.Csv,
        };

    private readonly RowChecker checker = new(Header(LandingRegistration.Headers), Rules);

    [Fact]
    public void The_layout_has_the_headers_of_the_landing_format_and_the_confirmation_code() => Assert.Equal(
        [.. LandingRegistration.Headers, "ConfirmationCode"],
        RegistrationLayout.Csv.Columns.Select(column => column.Header));

    [Theory]
    [InlineData(33)]
    [InlineData(34, "CONFIRMATIONCODE")]
    public void Headers_may_stand_in_any_order_and_case_with_or_without_the_confirmation_code(
        int columns, params string[] more) =>
        Assert.Equal(columns, Header([.. more, .. LandingRegistration.Headers.Select(name => name.ToLowerInvariant())
            .Reverse()]).CanonicalOfFileColumn.Count);

    [Theory]
    [InlineData("504Status")]
    [InlineData("Op")]
    [InlineData("CompleteStatus")]
    public void Any_other_header_is_3006(string header)
    {
        var refusal = Assert.Throws<FileRejectedException>(() => Header([.. LandingRegistration.Headers, header]));

        Assert.Equal((ErrorCode.HeadersMismatch, header), (refusal.Code, refusal.Place));
    }

    [Fact]
    public void A_header_that_is_missing_is_3006()
    {
        var refusal = Assert.Throws<FileRejectedException>(() => Header([.. LandingRegistration.Headers.Skip(1)]));

        Assert.Equal((ErrorCode.HeadersMismatch, "StateName"), (refusal.Code, refusal.Place));
        Assert.Contains("student registration header", refusal.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("StateName", "", ErrorCode.ValueMissing)]
    [InlineData("ExternalSSID", "", ErrorCode.ValueMissing)]
    [InlineData("Sex", "", ErrorCode.ValueMissing)]
    [InlineData("Sex", "F", ErrorCode.ValueUnknown)]
    [InlineData("Sex", "NS", ErrorCode.ValueUnknown)]
    [InlineData("Sex", "Females", ErrorCode.ValueUnknown)]
    [InlineData("GradeLevelWhenAssessed", "14", ErrorCode.ValueUnknown)]
    [InlineData("Asian", "", ErrorCode.ValueMissing)]
    [InlineData("Asian", "Norwegian", ErrorCode.ValueUnknown)]
    [InlineData("Section504Status", "Yesterday", ErrorCode.ValueUnknown)]
    [InlineData("Birthdate", "2007-02-30", ErrorCode.DateInvalid)]
    [InlineData("Birthdate", "2016-05-02", ErrorCode.DateInvalid)]
    [InlineData("LEPExitDate", "4/3/12", ErrorCode.DateInvalid)]
    [InlineData("LanguageCode", "ENGL", ErrorCode.ValueTooLong)]
    [InlineData("EnglishLanguageProficiencLevel", "A level of proficiency", ErrorCode.ValueTooLong)]
    [InlineData("TitleIIILanguageInstructionProgramType", "A program of language teaching", ErrorCode.ValueTooLong)]
    [InlineData("PrimaryDisabilityType", "SLDX", ErrorCode.ValueTooLong)]
    public void A_bad_value_rejects_its_row_and_names_the_column(string header, string value, ErrorCode code) =>
        Assert.Equal([new RowError(7, code, header)], Check(LandingRegistration.Row("ann", (header, value))));

    [Theory]
    [InlineData("Sex", "FEMALE", "female")]
    [InlineData("Sex", "male", "male")]
    [InlineData("GradeLevelWhenAssessed", "kg", "KG")]
    [InlineData("GradeLevelWhenAssessed", "3", "03")]
    [InlineData("Birthdate", "2007-02-14", "20070214")]
    [InlineData("Birthdate", "", null)]
    [InlineData("LimitedEnglishProficiencyEntryDate", "20120901", "20120901")]
    [InlineData("Asian", "yes", "\u0001")]
    [InlineData("Asian", "N", "\0")]
    [InlineData("MigrantStatus", "", null)]
    [InlineData("StateAbbreviation", "wy", "WY")]
    [InlineData("FirstName", "", null)]
    public void A_good_value_is_stored_in_its_one_form(string header, string written, string? stored)
    {
        Assert.Empty(Check(LandingRegistration.Row("ann", (header, written))));

        var column = RegistrationLayout.Csv.Columns.ToList().FindIndex(column => column.Header == header);
        var field = checker.Encoded(column, column);
        Assert.Equal(stored,
            BinaryPrimitives.ReadInt32BigEndian(field) < 0 ? null : Encoding.UTF8.GetString(field[sizeof(int)..]));
    }

    [Fact]
    public void Another_state_refuses_the_whole_file() => Assert.Equal(ErrorCode.WrongState,
        Assert.Throws<FileRejectedException>(
            () => Check(LandingRegistration.Row("ann", ("StateAbbreviation", "NC")))).Code);

    private static CsvHeader Header(IEnumerable<string> headers) =>
        CsvHeader.Parse(Encoding.UTF8.GetBytes(string.Join(',', headers)), RegistrationLayout.Csv);

    private List<RowError> Check(string row)
    {
        var errors = new List<RowError>();
        Assert.Equal(checker.Check(Encoding.UTF8.GetBytes(row), 7, errors), errors.Count == 0);
        return errors;
    }
}
