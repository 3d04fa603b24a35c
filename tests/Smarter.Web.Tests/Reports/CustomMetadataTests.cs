using Smarter.Web.Reports;

namespace Smarter.Web.Tests.Reports;

public sealed class CustomMetadataTests
{
    [Theory]
    [InlineData(null, 10)]
    [InlineData("{}", 10)]
    [InlineData("""{"min_cell_size": null}""", 10)]
    [InlineData("""{"min_cell_size": 0}""", 10)]
    [InlineData("""{"min_cell_size": -5}""", 10)]
    [InlineData("""{"min_cell_size": 30}""", 30)]
    public void The_minimum_is_ten_unless_the_state_has_set_its_own(string? json, int expected)
    {
        Assert.Equal(expected, CustomMetadata.Parse(json).MinCellSize);
    }

    [Theory]
    [InlineData("min_cell_size: 30")]
    [InlineData("[30]")]
    [InlineData("""{"min_cell_size": "30"}""")]
    [InlineData("""{"min_cell_size": 2.5}""")]
    public void What_cannot_be_read_is_an_error_because_the_states_minimum_is_then_unknown(string json)
    {
        Assert.Throws<InvalidDataException>(() => CustomMetadata.Parse(json).MinCellSize);
    }

    [Theory]
    [InlineData("/images/nc.png", "/images/nc.png")]
    [InlineData("nc-logo.svg", "/images/branding/nc-logo.svg")]
    [InlineData("https://elsewhere.example/nc.png", null)]
    [InlineData("//elsewhere.example/nc.png", null)]
    [InlineData("../secret.png", null)]
    [InlineData("javascript:alert(1)", null)]
    public void The_logo_is_a_file_of_this_site(string image, string? expected)
    {
        var metadata = CustomMetadata.Parse($$"""{"branding": {"image": "{{image}}"} }""");

        Assert.Equal(expected, metadata.LogoPath);
    }

    [Theory]
    [InlineData("#000000", "#ffffff")]
    [InlineData("#fff", "#000000")]
    [InlineData("#6aa506", "#000000")]
    [InlineData("#237ccb", "#000000")]
    [InlineData("#BB231C", "#ffffff")]
    public void The_text_on_a_level_is_black_or_white_whichever_can_be_read_better(string fill, string expected)
    {
        Assert.Equal(expected, new LevelColor(fill).Text);
    }
}
