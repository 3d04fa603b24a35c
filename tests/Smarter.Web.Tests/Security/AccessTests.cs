using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc.Testing;
using Smarter.Testing;

namespace Smarter.Web.Tests.Security;

[Trait("Category", "Security")]
public sealed class AccessTests(ReportingSite site) : IClassFixture<ReportingSite>
{
    private const string Report = "/data/comparing_populations?content-type=application/json";

    [Fact]
    public async Task The_state_of_another_tenant_is_refused_in_json_and_as_a_page()
    {
        using var client = await site.ClientOf(ReportingSite.CaState);

        using var json = await client.GetAsync($"{Report}&stateCode=NC");
        using var page = await client.GetAsync("/r/NC");

        Assert.Equal(HttpStatusCode.Forbidden, json.StatusCode);
        Assert.Equal("Forbidden Access", await ErrorOf(json));
        Assert.Equal(HttpStatusCode.Forbidden, page.StatusCode);
        Assert.Contains(
            "You do not have access to this page", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_state_that_no_tenant_has_is_answered_like_that_of_another_tenant()
    {
        using var client = await site.ClientOf(ReportingSite.CaState);

        using var answer = await client.GetAsync($"{Report}&stateCode=ZZ");

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData(ReportingSite.Loader)]
    [InlineData(ReportingSite.Nobody)]
    public async Task Who_may_not_view_gets_403_for_every_report_but_can_sign_out(string person)
    {
        using var client = await site.ClientOf(person);

        using var json = await client.GetAsync($"{Report}&stateCode=NC");
        using var page = await client.GetAsync("/r/NC");

        Assert.Equal(HttpStatusCode.Forbidden, json.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, page.StatusCode);
        Assert.Contains("action=\"/logout\"", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_entry_leads_each_person_to_what_they_may_see()
    {
        async Task<HttpResponseMessage> EnterAsync(string person)
        {
            using var client = await site.ClientOf(person);
            return await client.GetAsync("/go");
        }

        using var viewer = await EnterAsync(ReportingSite.NcState);
        using var loader = await EnterAsync(ReportingSite.Loader);
        using var nobody = await EnterAsync(ReportingSite.Nobody);

        Assert.Equal("/r/NC", viewer.Headers.Location?.ToString());
        Assert.Equal("/submissions", loader.Headers.Location?.ToString());
        Assert.Equal(HttpStatusCode.Forbidden, nobody.StatusCode);
    }

    [Fact]
    public async Task Not_signed_in_a_program_gets_401_with_the_way_to_sign_in_and_a_browser_is_led_there()
    {
        using var client = site.Anonymous();

        using var json = await client.GetAsync($"{Report}&stateCode=NC");
        using var page = await client.GetAsync("/r/NC?sort=-math");

        Assert.Equal(HttpStatusCode.Unauthorized, json.StatusCode);
        var redirect = JsonDocument.Parse(
            await json.Content.ReadAsStringAsync()).RootElement.GetProperty("redirect").GetString();
        Assert.Contains("/demo/sign-in?returnUrl=", redirect, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Found, page.StatusCode);
        Assert.EndsWith(
            "/demo/sign-in?returnUrl=%2Fr%2FNC%3Fsort%3D-math", page.Headers.Location!.ToString(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/r/NC?sort=-math", "/r/NC?sort=-math")]
    [InlineData("https://evil.example/", "/go")]
    [InlineData("//evil.example/", "/go")]
    [InlineData("/\\evil.example/", "/go")]
    [InlineData("javascript:alert(1)", "/go")]
    [InlineData("/r\r\nSet-Cookie: x=y", "/go")]
    [InlineData("", "/go")]
    public async Task A_sign_in_leads_to_a_page_of_this_site_only(string returnUrl, string expected)
    {
        using var client = site.Anonymous();
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string> { ["person"] = ReportingSite.NcState, ["returnUrl"] = returnUrl });

        using var answer = await client.PostAsync("/demo/sign-in", form);

        Assert.Equal(expected, answer.Headers.Location?.ToString());
    }

    [Fact]
    public async Task The_session_cookie_is_out_of_reach_for_scripts_and_other_sites()
    {
        using var client = site.Anonymous();
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string> { ["person"] = ReportingSite.NcState });

        using var answer = await client.PostAsync("/demo/sign-in", form);

        var cookie = Assert.Single(
            answer.Headers.GetValues("Set-Cookie"), value => value.StartsWith("edware=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Someone_who_is_not_in_the_file_cannot_sign_in()
    {
        using var client = site.Anonymous();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["person"] = "root" });

        using var answer = await client.PostAsync("/demo/sign-in", form);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.False(StartsSession(answer));
    }

    [Fact]
    public async Task Signing_out_needs_the_forms_token_and_ends_the_session()
    {
        using var client = await site.ClientOf(ReportingSite.NcState);
        using var forged = new FormUrlEncodedContent(new Dictionary<string, string>());

        using var refused = await client.PostAsync("/logout", forged);
        using var stillIn = await client.GetAsync("/r/NC");
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["__RequestVerificationToken"] = TokenOf(await stillIn.Content.ReadAsStringAsync()),
        });
        using var accepted = await client.PostAsync("/logout", form);
        using var after = await client.GetAsync("/r/NC");

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, stillIn.StatusCode);
        Assert.Equal("/", accepted.Headers.Location?.ToString());
        Assert.Equal(HttpStatusCode.Found, after.StatusCode);
    }

    [Theory]
    [InlineData("/r/NC")]
    [InlineData("/")]
    [InlineData("/data")]
    [InlineData("/nowhere")]
    [InlineData("/site.css")]
    public async Task Every_answer_carries_the_security_headers(string path)
    {
        using var client = await site.ClientOf(ReportingSite.NcState);

        using var answer = await client.GetAsync(path);

        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
    }

    [Fact]
    public async Task A_failure_shows_a_reference_and_nothing_of_the_inside_and_keeps_the_security_headers()
    {
        await site.Ca.HasMetadataAsync("{ not json");
        using var client = await site.ClientOf(ReportingSite.CaState);

        using var page = await client.GetAsync("/r/CA");
        using var json = await client.GetAsync($"{Report}&stateCode=CA");
        var text = await page.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.InternalServerError, page.StatusCode);
        Assert.Contains("Reference: ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
        Assert.True(page.Headers.Contains("Content-Security-Policy"));
        Assert.Equal(HttpStatusCode.InternalServerError, json.StatusCode);
        Assert.Equal("Error", await ErrorOf(json));
        await site.Ca.HasMetadataAsync("{}");
    }

    [Fact]
    public async Task A_report_is_not_kept_in_any_cache()
    {
        using var client = await site.ClientOf(ReportingSite.NcState);

        using var page = await client.GetAsync("/r/NC");
        using var json = await client.GetAsync($"{Report}&stateCode=NC");

        Assert.Contains("no-store", page.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Contains("no-store", json.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x' OR '1'='1")]
    [InlineData("1; DROP TABLE dim_asmt; --")]
    [InlineData("%27%29%3B--")]
    public async Task Sql_in_a_parameter_is_refused_or_is_only_a_value(string text)
    {
        using var client = await site.ClientOf(ReportingSite.NcState);

        foreach (var parameter in new[] { "districtId", "studentGroupId", "grade", "sex", "asmtYear", "ethnicity" })
        {
            using var answer = await client.GetAsync($"{Report}&stateCode=NC&{parameter}={Uri.EscapeDataString(text)}");
            Assert.Equal(HttpStatusCode.PreconditionFailed, answer.StatusCode);
        }
        using var page = await client.GetAsync($"/r/NC/{Uri.EscapeDataString(text)}");
        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
    }

    [Fact]
    public async Task Markup_in_a_name_is_shown_as_text()
    {
        const string Name = "<script>alert('Ωmega & \"Söhne\"')</script>";
        await site.Nc.HasOutcomesAsync(
            new Outcomes { Year = 2020, District = "X", DistrictName = Name, Students = 20 });
        using var client = await site.ClientOf(ReportingSite.NcState);

        var page = await client.GetStringAsync("/r/NC?asmtYear=2020");
        var document = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(page);

        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.Equal(Name, document.QuerySelector("tbody th a")!.TextContent);
    }

    [Fact]
    public async Task A_sign_in_address_cannot_carry_markup_into_the_page()
    {
        using var client = site.Anonymous();

        var page = await client.GetStringAsync("/demo/sign-in?returnUrl=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E");

        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outside_development_there_is_no_demo_sign_in_and_transport_is_strict()
    {
        var keys = Directory.CreateTempSubdirectory("smarter-keys");
        await using var production = site.Start(
            Environments.Production, new() { ["DataProtection:KeyFolder"] = keys.FullName });
        using var client = production.CreateClient(
            new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string> { ["person"] = ReportingSite.NcState });

        using var page = await client.GetAsync("/demo/sign-in");
        using var post = await client.PostAsync("/demo/sign-in", form);
        using var report = await client.GetAsync("/r/NC");

        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, post.StatusCode);
        Assert.False(StartsSession(post));
        Assert.Contains("/login?returnUrl=", report.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Contains(
            "max-age=31536000", Assert.Single(page.Headers.GetValues("Strict-Transport-Security")),
            StringComparison.Ordinal);
        keys.Delete(recursive: true);
    }

    [Theory]
    [InlineData("DemoSignIn:PeopleFile", "people.json")]
    [InlineData("DataProtection:KeyFolder", "")]
    public async Task Outside_development_the_process_ends_with_a_line_that_names_the_key(string key, string value)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Smarter.Web.dll")])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["Database__Tenants__nc__StateCode"] = "NC";
        start.Environment["DataProtection__KeyFolder"] = Path.GetTempPath();
        start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;

        using var process = Process.Start(start)!;
        _ = process.StandardOutput.ReadToEndAsync();
        var complaint = await process.StandardError.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(1));
        await process.WaitForExitAsync();

        Assert.Equal(78, process.ExitCode);
        Assert.Contains(key, complaint, StringComparison.Ordinal);
    }

    private static async Task<string?> ErrorOf(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetString();

    private static bool StartsSession(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Set-Cookie", out var cookies)
        && cookies.Any(cookie => cookie.StartsWith("edware=", StringComparison.Ordinal));

    private static string TokenOf(string page) => new AngleSharp.Html.Parser.HtmlParser().ParseDocument(page)
        .QuerySelector("form[action='/logout'] input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
}
