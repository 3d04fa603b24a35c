using Microsoft.Extensions.Options;
using Smarter.Migrator.Conductor;

namespace Smarter.Migrator.Tests.Conductor;

public sealed class TenantsUnderWayTests
{
    private readonly Clock clock = new();
    private readonly TenantsUnderWay underWay;

    public TenantsUnderWayTests()
    {
        var options = new ConductorOptions { ResendAfter = TimeSpan.FromSeconds(30) };
        underWay = new TenantsUnderWay(Options.Create(options), clock);
    }

    [Fact]
    public void An_order_is_given_again_only_after_it_stayed_unanswered()
    {
        Assert.True(underWay.TryOrder("nc"));

        clock.Now += TimeSpan.FromSeconds(29);
        Assert.False(underWay.TryOrder("nc"));

        clock.Now += TimeSpan.FromSeconds(1);
        Assert.True(underWay.TryOrder("nc"));
    }

    [Fact]
    public void A_tenant_is_not_ordered_while_its_migration_goes_on_however_long()
    {
        underWay.TryOrder("nc");
        underWay.TryBegin("nc");

        clock.Now += TimeSpan.FromHours(1);

        Assert.False(underWay.TryOrder("nc"));
        Assert.False(underWay.TryBegin("nc"));
        Assert.True(underWay.TryOrder("ca"));
    }

    [Fact]
    public void After_a_complete_run_a_new_batch_is_ordered_at_once()
    {
        underWay.TryOrder("nc");
        underWay.TryBegin("nc");

        underWay.End("nc", complete: true);

        Assert.True(underWay.TryOrder("nc"));
    }

    [Fact]
    public void After_an_interrupted_run_the_tenant_rests()
    {
        underWay.TryOrder("nc");
        underWay.TryBegin("nc");
        clock.Now += TimeSpan.FromMinutes(10);

        underWay.End("nc", complete: false);

        Assert.False(underWay.TryOrder("nc"));
        clock.Now += TimeSpan.FromSeconds(30);
        Assert.True(underWay.TryOrder("nc"));
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
