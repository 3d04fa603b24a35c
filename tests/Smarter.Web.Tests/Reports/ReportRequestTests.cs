using System.Net;
using System.Text;
using System.Text.Json;

namespace Smarter.Web.Tests.Reports;

/// <summary>How the JSON services treat requests that they cannot answer (reporting.md §1.1).</summary>
public sealed class ReportRequestTests(ReportingSite site) : IClassFixture<ReportingSite>
{
    private const string Report = "/data/comparing_populations?content-type=application/json";

    [Theory]
    [InlineData("&stateCode=NCX")]
    [InlineData("&stateCode=N1")]
    [InlineData("&stateCode=NC&stateCode=CA")]
    [InlineData("&stateCode=NC&districtId=a_b")]
    [InlineData("&stateCode=NC&schoolId=S1")]
    [InlineData("&stateCode=NC&asmtYear=newest")]
    [InlineData("&stateCode=NC&asmtYear=99999999999")]
    [InlineData("&stateCode=NC&grade=12")]
    [InlineData("&stateCode=NC&grade=3")]
    [InlineData("&stateCode=NC&sex=other")]
    [InlineData("&stateCode=NC&dmgStsEcd=NS")]
    [InlineData("&stateCode=NC&ethnicity=8")]
    [InlineData("&stateCode=NC&ethnicity=")]
    [InlineData("&stateCode=NC&studentGroupId=a%27b")]
    public async Task A_wrong_parameter_is_answered_with_412_and_the_word_error(string query)
    {
        using var client = await site.ClientOf(ReportingSite.NcState);

        using var answer = await client.GetAsync(Report + query);

        Assert.Equal(HttpStatusCode.PreconditionFailed, answer.StatusCode);
        Assert.Equal("Error", await ErrorOf(answer));
    }

    [Theory]
    [InlineData("""{"stateCode": "NC", "grade": "03"}""")]
    [InlineData("""{"stateCode": "NC", "asmtYear": "2016"}""")]
    [InlineData("""{"stateCode": 5}""")]
    [InlineData("""["NC"]""")]
    [InlineData("""{"stateCode": """)]
    [InlineData("""{"stateCode": "\ud800"}""")]
    [InlineData("""{"stateCode": "NC", "grade": ["\ud800"]}""")]
    [InlineData("""{"stateCode": "NC", "\ud800": "x"}""")]
    public async Task A_json_body_must_be_well_formed_and_its_values_of_the_right_type(string body)
    {
        using var client = await site.ClientOf(ReportingSite.NcState);
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        using var answer = await client.PostAsync("/data/comparing_populations", content);

        Assert.Equal(HttpStatusCode.PreconditionFailed, answer.StatusCode);
    }

    [Fact]
    public async Task Unknown_parameters_are_dropped()
    {
        using var client = await site.ClientOf(ReportingSite.NcState);

        using var answer = await client.GetAsync($"{Report}&stateCode=NC&colour=blue");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task An_unknown_report_is_named_in_the_404()
    {
        using var client = await site.ClientOf(ReportingSite.NcState);

        using var answer = await client.GetAsync("/data/rainfall?content-type=application/json");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("Report rainfall is not found", await ErrorOf(answer));
    }

    [Fact]
    public async Task An_address_of_more_than_2000_characters_is_refused()
    {
        using var client = await site.ClientOf(ReportingSite.NcState);

        using var answer = await client.GetAsync($"{Report}&stateCode=NC&x={new string('x', 2000)}");

        Assert.Equal(HttpStatusCode.RequestUriTooLong, answer.StatusCode);
        Assert.Contains("2000", await ErrorOf(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?stateCode=NC", null, null, HttpStatusCode.NotFound)]
    [InlineData("?stateCode=NC", "text/html", null, HttpStatusCode.NotFound)]
    [InlineData("?stateCode=NC&content-type=text/html", "application/json", null, HttpStatusCode.NotFound)]
    [InlineData("?stateCode=NC&content-type=application/json", "text/html", null, HttpStatusCode.OK)]
    [InlineData("?stateCode=NC", "application/json", null, HttpStatusCode.OK)]
    [InlineData("?stateCode=NC", null, "application/json", HttpStatusCode.OK)]
    public async Task A_report_is_for_who_asks_for_json(
        string query, string? accept, string? contentType, HttpStatusCode expected)
    {
        using var client = await site.ClientOf(ReportingSite.NcState);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/data/comparing_populations{query}");
        if (accept is not null)
            request.Headers.Add("Accept", accept);
        if (contentType is not null)
            request.Content = new StringContent("", Encoding.UTF8, contentType);

        using var answer = await client.SendAsync(request);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task A_client_that_accepts_problem_details_gets_them_with_the_error_member_inside()
    {
        using var client = await site.ClientOf(ReportingSite.NcState);
        client.DefaultRequestHeaders.Add("Accept", "application/problem+json");

        using var answer = await client.GetAsync("/data/comparing_populations?stateCode=CA");
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(403, problem.GetProperty("status").GetInt32());
        Assert.Equal("Forbidden Access", problem.GetProperty("error").GetString());
    }

    [Fact]
    public async Task The_list_of_reports_names_what_exists()
    {
        using var client = await site.ClientOf(ReportingSite.NcState);

        Assert.Equal(
            """["comparing_populations"]""", await client.GetStringAsync("/data?content-type=application/json"));
    }

    private static async Task<string?> ErrorOf(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetString();
}
