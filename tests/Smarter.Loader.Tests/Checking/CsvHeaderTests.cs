using System.Text;
using Smarter.Core;
using Smarter.Loader.Checking;
using Smarter.Loader.Tests.Landing;

namespace Smarter.Loader.Tests.Checking;

public sealed class CsvHeaderTests
{
    private static readonly string[] Required = [.. LandingCsv.Headers.Take(88)];

    [Fact]
    public void The_layout_has_the_headers_of_the_landing_format_in_order() =>
        Assert.Equal(LandingCsv.Headers, AssessmentLayout.Columns.Select(column => column.Header));

    [Fact]
    public void Headers_may_stand_in_any_order_and_case_and_in_quotes()
    {
        var shuffled = LandingCsv.Headers.Reverse().Select((header, index) => (index % 3) switch
        {
            0 => header.ToUpperInvariant(),
            1 => $"\"{header.ToLowerInvariant()}\"",
            _ => $" {header} ",
        });

        var header = Parse(shuffled);

        Assert.Equal(Enumerable.Range(0, 91).Reverse(), header.CanonicalOfFileColumn);
    }

    [Theory]
    [InlineData]
    [InlineData("Op")]
    [InlineData("AdministrationCondition", "CompleteStatus")]
    [InlineData("AdministrationCondition")]
    [InlineData("CompleteStatus", "Op")]
    [InlineData("AdministrationCondition", "CompleteStatus", "Op")]
    public void The_three_optional_columns_may_be_absent(params string[] present) =>
        Assert.Equal(88 + present.Length, Parse(Required.Concat(present)).CanonicalOfFileColumn.Count);

    [Theory]
    [InlineData("", ErrorCode.FileHasNoData)]
    [InlineData("StateAbbreviation;Sex;Birthdate", ErrorCode.WrongDelimiter)]
    [InlineData("StateAbbreviation\tSex", ErrorCode.WrongDelimiter)]
    [InlineData("WY,D1,Sagebrush,S1,Prairie View,Iris,Quill", ErrorCode.NoHeaders)]
    [InlineData("a\0b,c", ErrorCode.NoHeaders)]
    [InlineData("StateAbbreviation,Sex", ErrorCode.HeadersMismatch)]
    public void A_line_that_is_no_header_has_its_code(string line, ErrorCode code) =>
        Assert.Equal(code, Refusal(line).Code);

    [Fact]
    public void A_missing_column_is_named()
    {
        var refusal = Refusal(string.Join(',', Required.Where(header => header != "Birthdate")));

        Assert.Equal((ErrorCode.HeadersMismatch, "Birthdate"), (refusal.Code, refusal.Place));
    }

    [Theory]
    [InlineData("StudentSSN", "StudentSSN")]
    [InlineData("Iris Quill", "(not shown)")]
    [InlineData("", "(not shown)")]
    public void An_unknown_column_is_named_when_it_looks_like_a_header(string extra, string shown)
    {
        var refusal = Refusal(string.Join(',', Required.Append(extra)));

        Assert.Equal((ErrorCode.HeadersMismatch, shown), (refusal.Code, refusal.Place));
    }

    [Fact]
    public void A_column_may_not_stand_twice_in_whatever_case()
    {
        var refusal = Refusal(string.Join(',', Required.Append("BIRTHDATE")));

        Assert.Equal((ErrorCode.DuplicateHeaders, "BIRTHDATE"), (refusal.Code, refusal.Place));
    }

    [Fact]
    public void A_header_of_other_bytes_than_UTF_8_is_none() => Assert.Equal(
        ErrorCode.NoHeaders,
        Assert.Throws<FileRejectedException>(() => Parse([0xFF, 0xFE, (byte)'S', 0, (byte)','])).Code);

    private static CsvHeader Parse(IEnumerable<string> headers) =>
        Parse(Encoding.UTF8.GetBytes(string.Join(',', headers)));

    private static CsvHeader Parse(byte[] line) => CsvHeader.Parse(line, AssessmentLayout.Csv);

    private static FileRejectedException Refusal(string line) =>
        Assert.Throws<FileRejectedException>(() => Parse(Encoding.UTF8.GetBytes(line)));
}
