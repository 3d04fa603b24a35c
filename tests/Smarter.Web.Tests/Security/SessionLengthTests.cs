using System.Net;

namespace Smarter.Web.Tests.Security;

/// <summary>Moves the site's clock; each test has a site of its own.</summary>
[Trait("Category", "Security")]
public sealed class SessionLengthTests : IAsyncLifetime
{
    private readonly ReportingSite site = new();

    public ValueTask InitializeAsync() => site.InitializeAsync();

    public ValueTask DisposeAsync() => site.DisposeAsync();

    [Fact]
    public async Task A_session_ends_after_twenty_quiet_minutes()
    {
        using var client = await site.ClientOf(ReportingSite.NcState);

        site.Clock.Advance(TimeSpan.FromMinutes(19));
        using var busy = await client.GetAsync("/r/NC");
        site.Clock.Advance(TimeSpan.FromMinutes(19));
        using var stillBusy = await client.GetAsync("/r/NC");
        site.Clock.Advance(TimeSpan.FromMinutes(21));
        using var late = await client.GetAsync("/r/NC");

        Assert.Equal(HttpStatusCode.OK, busy.StatusCode);
        Assert.Equal(HttpStatusCode.OK, stillBusy.StatusCode);
        Assert.Equal(HttpStatusCode.Found, late.StatusCode);
    }

    [Fact]
    public async Task A_session_ends_after_eight_hours_however_busy_it_is()
    {
        using var client = await site.ClientOf(ReportingSite.NcState);

        for (var minutes = 15; minutes < 8 * 60; minutes += 15)
        {
            site.Clock.Advance(TimeSpan.FromMinutes(15));
            using var busy = await client.GetAsync("/data?content-type=application/json");
            Assert.Equal(HttpStatusCode.OK, busy.StatusCode);
        }
        site.Clock.Advance(TimeSpan.FromMinutes(15));
        using var late = await client.GetAsync("/r/NC");

        Assert.Equal(HttpStatusCode.Found, late.StatusCode);
    }
}
