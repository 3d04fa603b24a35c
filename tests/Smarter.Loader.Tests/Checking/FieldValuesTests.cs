using System.Text;
using Smarter.Loader.Checking;

namespace Smarter.Loader.Tests.Checking;

public sealed class FieldValuesTests
{
    private static readonly DateOnly Tomorrow = new(2016, 5, 2);

    [Theory]
    [InlineData("0", 0)]
    [InlineData("7", 7)]
    [InlineData("42", 42)]
    [InlineData("451", 451)]
    [InlineData("0000", 0)]
    [InlineData("2451", 2451)]
    [InlineData("9999", 9999)]
    [InlineData("", -1)]
    [InlineData(":", -1)]
    [InlineData("4-", -1)]
    [InlineData("24:1", -1)]
    [InlineData("/451", -1)]
    [InlineData("-451", -1)]
    [InlineData("2\u00e91", -1)]
    [InlineData("24510", -1)]
    public void Up_to_four_digits_are_a_number_and_nothing_else_is(string value, int expected) =>
        Assert.Equal(expected, FieldValues.FewDigits(Utf8($"3,{value},4567"), 2, 2 + Utf8(value).Length));

    [Fact]
    public void Digits_at_the_end_of_a_text_are_left_to_the_slow_reader() =>
        Assert.Equal(-1, FieldValues.FewDigits("3,451"u8, 2, 5));

    [Theory]
    [InlineData("20150410")]
    [InlineData("2015-04-10")]
    [InlineData("2015-4-10")]
    [InlineData("2015/04/10")]
    [InlineData("2015-04-10T00:00:00")]
    [InlineData("2015-04-10 08:30:00")]
    [InlineData("2015-04-10T08:30")]
    [InlineData("2015-04-10T23:59:59.5Z")]
    [InlineData("2015-04-10T08:30:00+02:00")]
    [InlineData("10 April 2015")]
    [InlineData("10 april 2015")]
    [InlineData("10 Apr 2015")]
    [InlineData("10 Apr 15")]
    [InlineData("04-10-2015")]
    [InlineData("04/10/2015")]
    [InlineData("4/10/2015")]
    public void Every_known_form_of_a_date_is_read(string text) =>
        Assert.Equal(new DateOnly(2015, 4, 10), FieldValues.Date(Utf8(text), null));

    [Theory]
    [InlineData("20150229")]
    [InlineData("2015-04-10T")]
    [InlineData("2015-04-10T99:99")]
    [InlineData("2015-04-10T8:30:00:00")]
    [InlineData("20150431")]
    [InlineData("20151301")]
    [InlineData("20150400")]
    [InlineData("00000101")]
    [InlineData("2015-02-29")]
    [InlineData("31-12-2015")]
    [InlineData("31/12/2015")]
    [InlineData("30 February 2016")]
    [InlineData("10 Floreal 2015")]
    [InlineData("0 April 2015")]
    [InlineData("4/10/15")]
    [InlineData("2015-04/10")]
    [InlineData("2015-04-10x")]
    [InlineData("2015-04-10T8 o'clock")]
    [InlineData("2015041")]
    [InlineData("201504101")]
    [InlineData("2015041٠")]
    [InlineData("last spring")]
    [InlineData("-")]
    [InlineData("//")]
    [InlineData("1//2015")]
    [InlineData(" ")]
    public void What_is_no_day_of_the_calendar_in_a_known_form_is_no_date(string text) =>
        Assert.Null(FieldValues.Date(Utf8(text), null));

    [Theory]
    [InlineData("20160229", true)]
    [InlineData("20000229", true)]
    [InlineData("19000229", false)]
    public void The_29th_of_February_stands_in_leap_years_only(string text, bool isDate) =>
        Assert.Equal(isDate, FieldValues.Date(Utf8(text), null) is not null);

    [Theory]
    [InlineData("4/3/99", "19990403")]
    [InlineData("5/1/16", "20160501")]
    [InlineData("5/2/16", "19160502")]
    [InlineData("12/31/17", "19171231")]
    [InlineData("3 Apr 07", "20070403")]
    [InlineData("3 Apr 77", "19770403")]
    public void A_two_digit_year_of_birth_is_the_latest_that_is_not_in_the_future(string text, string day) =>
        Assert.Equal(DateOnly.ParseExact(day, "yyyyMMdd"), FieldValues.Date(Utf8(text), Tomorrow));

    [Theory]
    [InlineData("20160501", true)]
    [InlineData("20160502", false)]
    [InlineData("2099-01-01", false)]
    public void Nobody_is_born_after_today(string text, bool isDate) =>
        Assert.Equal(isDate, FieldValues.Date(Utf8(text), Tomorrow) is not null);

    [Theory]
    [InlineData("KG", "KG")]
    [InlineData("kg", "KG")]
    [InlineData("1", "01")]
    [InlineData("03", "03")]
    [InlineData("9", "09")]
    [InlineData("10", "10")]
    [InlineData("13", "13")]
    [InlineData("0", null)]
    [InlineData("00", null)]
    [InlineData("14", null)]
    [InlineData("20", null)]
    [InlineData("3rd", null)]
    [InlineData("K", null)]
    [InlineData("PK", null)]
    [InlineData("003", null)]
    [InlineData("-3", null)]
    public void Grades_are_KG_and_1_to_13(string text, string? grade) => Assert.Equal(
        grade, FieldValues.Grade(Utf8(text)) is var (first, second) ? $"{(char)first}{(char)second}" : null);

    [Theory]
    [InlineData("Yes", true)]
    [InlineData("y", true)]
    [InlineData("TRUE", true)]
    [InlineData("t", true)]
    [InlineData("1", true)]
    [InlineData("no", false)]
    [InlineData("N", false)]
    [InlineData("False", false)]
    [InlineData("F", false)]
    [InlineData("0", false)]
    [InlineData("Null", null)]
    [InlineData("10", null)]
    [InlineData("Yess", null)]
    [InlineData("maybe", null)]
    [InlineData("ja", null)]
    public void Yes_and_no_are_whole_words(string text, bool? value) =>
        Assert.Equal(value, FieldValues.YesNo(Utf8(text)));

    [Theory]
    [InlineData("M", "male")]
    [InlineData("Male", "male")]
    [InlineData("BOY", "male")]
    [InlineData("b", "male")]
    [InlineData("f", "female")]
    [InlineData("FEMALE", "female")]
    [InlineData("girl", "female")]
    [InlineData("G", "female")]
    [InlineData("ns", "NS")]
    [InlineData("Not Specified", "NS")]
    [InlineData("not_specified", "NS")]
    [InlineData("Mule", "")]
    [InlineData("Fe", "")]
    [InlineData("X", "")]
    public void Gender_has_three_answers(string text, string stored) =>
        Assert.Equal(stored, Text(FieldValues.Gender(Utf8(text))));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("2451", 2451)]
    [InlineData("-7", -7)]
    [InlineData("+5", 5)]
    [InlineData("007", 7)]
    [InlineData("1e3", null)]
    [InlineData("12.5", null)]
    [InlineData("12.0", null)]
    [InlineData("1,000", null)]
    [InlineData("١٢", null)]
    [InlineData("१२", null)]
    [InlineData("²", null)]
    [InlineData("0x1F", null)]
    [InlineData("- 5", null)]
    [InlineData("--5", null)]
    [InlineData("+", null)]
    [InlineData("-", null)]
    [InlineData("12abc", null)]
    [InlineData("NaN", null)]
    [InlineData("12345678901234567890x", null)]
    public void An_integer_is_a_sign_and_digits(string text, int? value) =>
        Assert.Equal(value, FieldValues.Integer(Utf8(text)));

    [Theory]
    [InlineData("32768")]
    [InlineData("99999999999999999999")]
    [InlineData("-99999999999999999999")]
    public void A_long_number_is_a_number_that_no_column_can_hold(string text) =>
        Assert.True(FieldValues.Integer(Utf8(text)) is < short.MinValue or > short.MaxValue);

    [Theory]
    [InlineData("Summative", "SUMMATIVE")]
    [InlineData("interim comprehensive", "INTERIM COMPREHENSIVE")]
    [InlineData("Interim Assessment Block", "INTERIM ASSESSMENT BLOCKS")]
    [InlineData("Interim Assessment Blocks", "INTERIM ASSESSMENT BLOCKS")]
    [InlineData("Interim", "")]
    [InlineData("SUMMATIVES", "")]
    public void Types_are_whole_words_in_any_case(string text, string stored) =>
        Assert.Equal(stored, Text(FieldValues.AssessmentType(Utf8(text))));

    [Theory]
    [InlineData("MATH", "Math")]
    [InlineData("mATH", "Math")]
    [InlineData("Mathematics", "Math")]
    [InlineData("Ela", "ELA")]
    [InlineData("English Language Arts", "ELA")]
    [InlineData("Maths", "")]
    [InlineData("Science", "")]
    public void Subjects_are_Math_and_ELA(string text, string stored) =>
        Assert.Equal(stored, Text(FieldValues.Subject(Utf8(text))));

    [Theory]
    [InlineData("sd", "SD")]
    [InlineData("NS", "NS")]
    [InlineData("in", "IN")]
    [InlineData("invalid", "")]
    [InlineData("ZZ", "")]
    public void Conditions_are_three_codes(string text, string stored) =>
        Assert.Equal(stored, Text(FieldValues.Condition(Utf8(text))));

    [Theory]
    [InlineData("Complete", true)]
    [InlineData("PARTIAL", false)]
    [InlineData("true", true)]
    [InlineData("0", false)]
    [InlineData("Perhaps", null)]
    [InlineData("Completed", null)]
    public void Completeness_is_a_word_or_a_boolean(string text, bool? value) =>
        Assert.Equal(value, FieldValues.Completeness(Utf8(text)));

    [Theory]
    [InlineData("C", "C")]
    [InlineData("i", "C")]
    [InlineData("D", "W")]
    [InlineData("d", "W")]
    [InlineData("U", "")]
    [InlineData("W", "")]
    [InlineData("Delete", "")]
    public void Operations_are_insert_and_delete(string text, string stored) =>
        Assert.Equal(stored, Text(FieldValues.Operation(Utf8(text))));

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
