using System.Text;
using System.Text.Json.Nodes;
using Smarter.Core;
using Smarter.Loader.Checking;
using Smarter.Loader.Registration;
using Smarter.Loader.Tests.Landing;

namespace Smarter.Loader.Tests.Registration;

public sealed class RegistrationMetadataTests
{
    [Fact]
    public void Every_value_of_the_JSON_is_read() => Assert.Equal(
        new RegistrationMetadata(
            "wy-reg-1", 2016, "20150930", "wy-trs", "https://state.example/registered", "ops@state.example"),
        Parse(LandingRegistration.Json(("Source.EmailNotification", "ops@state.example"))));

    [Theory]
    [InlineData("studentregistration")]
    [InlineData("STUDENTREGISTRATION")]
    public void Content_and_keys_may_be_written_in_any_case(string content)
    {
        var json = LandingRegistration.Json(("Content", content))
            .Replace("\"Content\"", "\"CONTENT\"", StringComparison.Ordinal)
            .Replace("TestRegSysID", "testregsysid", StringComparison.Ordinal);

        Assert.Equal("wy-trs", Parse(json).SystemId);
    }

    [Fact]
    public void The_year_may_be_a_number() =>
        Assert.Equal(2017, Parse(LandingRegistration.Json(("Identification.AcademicYear", 2017))).AcademicYear);

    [Theory]
    [InlineData("Identification.Guid")]
    [InlineData("Identification.AcademicYear")]
    [InlineData("Identification.ExtractDate")]
    [InlineData("Source.TestRegSysID")]
    [InlineData("Source.TestRegCallbackURL")]
    public void A_path_that_is_missing_is_3013_and_an_empty_value_5033(string path)
    {
        Assert.Equal((ErrorCode.JsonPathMissing, path), Refusal((path, null)));
        Assert.Equal((ErrorCode.JsonValueInvalid, path), Refusal((path, " ")));
    }

    [Theory]
    [InlineData("Identification.AcademicYear", "2015-2016")]
    [InlineData("Identification.ExtractDate", "last autumn")]
    [InlineData("Identification.ExtractDate", "2015-09-31")]
    public void A_value_of_the_wrong_form_is_5033(string path, string value) =>
        Assert.Equal((ErrorCode.JsonValueInvalid, path), Refusal((path, value)));

    [Theory]
    [InlineData("Identification.Guid", 50)]
    [InlineData("Source.TestRegSysID", 40)]
    [InlineData("Source.TestRegCallbackURL", 512)]
    public void A_text_may_be_as_long_as_its_column(string path, int longest)
    {
        Parse(LandingRegistration.Json((path, new string('é', longest))));

        Assert.Equal((ErrorCode.JsonValueInvalid, path), Refusal((path, new string('é', longest + 1))));
    }

    private static RegistrationMetadata Parse(string json) =>
        Assert.IsType<RegistrationMetadata>(FileMetadata.Parse(Encoding.UTF8.GetBytes(json)));

    private static (ErrorCode, string?) Refusal((string Path, JsonNode? Value) change)
    {
        var refusal = Assert.Throws<FileRejectedException>(() => Parse(LandingRegistration.Json(change)));
        return (refusal.Code, refusal.Place);
    }
}
