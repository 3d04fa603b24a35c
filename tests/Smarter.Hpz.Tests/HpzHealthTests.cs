using Microsoft.AspNetCore.Mvc.Testing;
using Smarter.Testing;

namespace Smarter.Hpz.Tests;

public sealed class HpzHealthTests
{
    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public async Task The_process_lives_and_is_ready(string path)
    {
        using var hpz = new WebApplicationFactory<Program>();
        using var client = hpz.CreateClient();

        var answer = await client.GetAsync(path);

        Assert.Equal(200, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_wrong_address_ends_the_process_with_an_error()
    {
        var run = await ProcessRun.ToEndAsync("Smarter.Hpz", ["--urls", "no-address"]);

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("no-address", run.Output + run.Error, StringComparison.Ordinal);
    }
}
