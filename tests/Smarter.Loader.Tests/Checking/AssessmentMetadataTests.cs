using System.Text;
using System.Text.Json.Nodes;
using Smarter.Core;
using Smarter.Loader.Checking;
using Smarter.Loader.Tests.Landing;

namespace Smarter.Loader.Tests.Checking;

public sealed class AssessmentMetadataTests
{
    [Fact]
    public void Every_value_of_the_JSON_reaches_its_column()
    {
        var metadata = Parse(LandingJson.File(("Source.CallbackURL", "https://state.example/done")));

        Assert.Equal(
            ["wy-math", "SUMMATIVE", "Spring 2016", (short)2016, "1.0", "Math", "20160401"], metadata.Values.Take(7));
        Assert.Equal((short)2000, Value(metadata, "asmt_score_min"));
        Assert.Equal("Concepts and Procedures", Value(metadata, "asmt_claim_1_name"));
        Assert.Null(Value(metadata, "asmt_claim_4_name"));
        Assert.Null(Value(metadata, "asmt_claim_4_score_min"));
        Assert.Equal("Level 4", Value(metadata, "asmt_perf_lvl_name_4"));
        Assert.Null(Value(metadata, "asmt_perf_lvl_name_5"));
        Assert.Equal((short)2381, Value(metadata, "asmt_cut_point_1"));
        Assert.Equal((short)2501, Value(metadata, "asmt_cut_point_3"));
        Assert.Null(Value(metadata, "asmt_cut_point_4"));
        Assert.Equal("Near", Value(metadata, "asmt_claim_perf_lvl_name_2"));
        Assert.Equal("https://state.example/done", metadata.CallbackUrl);
        Assert.Null(metadata.EmailNotification);
    }

    [Fact]
    public void Keys_may_be_written_in_any_case()
    {
        var json = LandingJson.File().Replace("Identification", "IDENTIFICATION", StringComparison.Ordinal)
            .Replace("MinScore", "minscore", StringComparison.Ordinal)
            .Replace("\"assessment\"", "\"Assessment\"", StringComparison.Ordinal);

        Assert.Equal("wy-math", Parse(json).Guid);
    }

    [Fact]
    public void A_byte_order_mark_is_passed_over() =>
        Assert.Equal("wy-math", Parse("\uFEFF" + LandingJson.File()).Guid);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("not JSON")]
    [InlineData("{\"Content\": \"assessment\",}")]
    [InlineData("{\"Content\": \"\\ud800\"}")]
    [InlineData("{\"\\ud800\": 1}")]
    public void What_cannot_be_parsed_is_3012(string json) => Assert.Equal(ErrorCode.JsonInvalid, Refusal(json).Code);

    [Theory]
    [InlineData("[]")]
    [InlineData("\"assessment\"")]
    [InlineData("{}")]
    [InlineData("{\"Content\": null}")]
    [InlineData("{\"Content\": [1]}")]
    [InlineData("{\"Nested\": {\"Content\": \"assessment\"}}")]
    [InlineData("{\"Content\": \"attendance\"}")]
    public void Content_that_is_no_load_type_is_5031(string json) =>
        Assert.Equal(ErrorCode.LoadTypeUnknown, Refusal(json).Code);

    [Theory]
    [InlineData("Identification")]
    [InlineData("Identification.Guid")]
    [InlineData("Identification.Period")]
    [InlineData("Overall.MaxScore")]
    [InlineData("Claims.Claim4.Name")]
    [InlineData("PerformanceLevels.Level5.CutPoint")]
    [InlineData("ClaimsPerformanceLevel.Level3.Name")]
    public void A_path_that_is_missing_is_3013(string path)
    {
        var refusal = Refusal(LandingJson.File((path, null)));

        Assert.Equal(ErrorCode.JsonPathMissing, refusal.Code);
        Assert.StartsWith(path, refusal.Place, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("summative")]
    [InlineData("INTERIM ASSESSMENT BLOCK")]
    [InlineData("FORMATIVE")]
    public void A_type_that_is_not_written_exactly_is_5031(string type)
    {
        var refusal = Refusal(LandingJson.File(("Identification.Type", type)));

        Assert.Equal((ErrorCode.LoadTypeUnknown, "Identification.Type"), (refusal.Code, refusal.Place));
    }

    [Theory]
    [InlineData("Identification.Guid", "")]
    [InlineData("Identification.Guid", "   ")]
    [InlineData("Identification.Version", "")]
    [InlineData("Identification.Year", "")]
    [InlineData("Identification.Year", "2016.5")]
    [InlineData("Identification.Year", "99999")]
    [InlineData("Identification.EffectiveDate", "20160431")]
    [InlineData("Identification.EffectiveDate", "soon")]
    [InlineData("Identification.Subject", "Science")]
    [InlineData("Overall.MinScore", "two thousand")]
    [InlineData("Claims.Claim1.MinScore", "")]
    [InlineData("PerformanceLevels.Level2.CutPoint", "2 381")]
    public void A_value_of_the_wrong_form_is_5033(string path, string value)
    {
        var refusal = Refusal(LandingJson.File((path, value)));

        Assert.Equal((ErrorCode.JsonValueInvalid, path), (refusal.Code, refusal.Place));
    }

    [Fact]
    public void A_value_of_the_wrong_kind_is_5033() => Assert.Equal(
        ErrorCode.JsonValueInvalid, Refusal(LandingJson.File(("Identification.Year", new JsonArray(2016)))).Code);

    [Theory]
    [InlineData("Identification.Guid", 255)]
    [InlineData("Identification.Period", 32)]
    [InlineData("Claims.Claim1.Name", 128)]
    [InlineData("PerformanceLevels.Level1.Name", 25)]
    public void A_text_may_be_as_long_as_its_column_in_characters(string path, int longest)
    {
        foreach (var character in new[] { "n", "é", "😀" })
        {
            var text = string.Concat(Enumerable.Repeat(character, longest));

            Parse(LandingJson.File((path, text)));
            Assert.Equal(ErrorCode.JsonValueInvalid, Refusal(LandingJson.File((path, text + "n"))).Code);
        }
    }

    private static object? Value(AssessmentMetadata metadata, string column) =>
        metadata.Values[AssessmentMetadata.Columns.ToList().IndexOf(column)];

    private static AssessmentMetadata Parse(string json) =>
        Assert.IsType<AssessmentMetadata>(FileMetadata.Parse(Encoding.UTF8.GetBytes(json)));

    private static FileRejectedException Refusal(string json) =>
        Assert.Throws<FileRejectedException>(() => Parse(json));
}
