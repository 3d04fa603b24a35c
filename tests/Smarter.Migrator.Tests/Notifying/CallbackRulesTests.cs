using System.Net;
using System.Text.Json.Nodes;
using Smarter.Core;
using Smarter.Migrator.Notifying;

namespace Smarter.Migrator.Tests.Notifying;

public sealed class CallbackRulesTests(NotifyingSite site) : IClassFixture<NotifyingSite>, IAsyncLifetime
{
    private static readonly (string, string?) anyPublicHost = ("AllowedHosts:0", null);

    private Receiver receiver = null!;

    public async ValueTask InitializeAsync() => receiver = await Receiver.StartAsync();

    public ValueTask DisposeAsync() => receiver.DisposeAsync();

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("0177.0.0.1")]
    [InlineData("017700000001")]
    [InlineData("0")]
    [InlineData("0.0.0.0")]
    [InlineData("[::1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::ffff:7f00:1]")]
    [InlineData("[::ffff:10.0.0.1]")]
    [InlineData("[64:ff9b::7f00:1]")]
    [InlineData("[fd00::1]")]
    [InlineData("169.254.169.254")]
    [InlineData("10.0.0.1")]
    [InlineData("localhost")]
    [InlineData("LocalHost")]
    [InlineData("１２７.0.0.1")]
    public async Task No_spelling_of_an_address_that_is_not_public_is_called(string host)
    {
        using var sender = Sender(anyPublicHost);

        var delivery = await PostAsync(sender, $"http://{host}:{new Uri(receiver.Url).Port}/");

        Assert.Equal(DeliveryStatus.Failure, delivery.Status);
        Assert.EndsWith("has an address that is not public.", delivery.Error);
        Assert.Empty(receiver.Received);
    }

    [Theory]
    [InlineData("ftp://127.0.0.1/", "The callback address is neither http nor https.")]
    [InlineData("file:///etc/passwd", "The callback address is neither http nor https.")]
    [InlineData("gopher://127.0.0.1/", "The callback address is neither http nor https.")]
    [InlineData("told/me", "The callback address is not a URL.")]
    [InlineData("http://", "The callback address is not a URL.")]
    [InlineData("http://user:word@127.0.0.1/", "The callback address holds a user or password.")]
    [InlineData("http://127.0.0.1@example.org/", "The callback address holds a user or password.")]
    [InlineData("http://example.org/", "The host example.org is not among the allowed ones.")]
    [InlineData("http://127.0.0.1.example.org/", "The host 127.0.0.1.example.org is not among the allowed ones.")]
    [InlineData("http://127.0.0.2/", "The host 127.0.0.2 is not among the allowed ones.")]
    public async Task Only_http_to_an_allowed_host_without_a_user_is_called(string url, string reason)
    {
        using var sender = Sender(("AllowedHosts:0", "127.0.0.1"));

        Assert.Equal(Delivery.Failure(reason), await PostAsync(sender, url));
    }

    [Fact]
    public async Task A_listed_host_is_called_even_where_its_address_is_not_public()
    {
        using var sender = Sender(("AllowedHosts:0", "LocalHost"));

        var delivery = await PostAsync(
            sender, receiver.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal));

        Assert.Equal(Delivery.Success, delivery);
        Assert.Single(receiver.Received);
    }

    [Fact]
    public async Task A_name_is_looked_up_once_and_the_address_that_was_judged_is_called()
    {
        var asked = 0;
        using var sender = site.Sender(
            (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(++asked == 1 ? "127.0.0.1" : "127.0.0.9")]),
            ("AllowedHosts:0", "rebinding.example.org"));

        var delivery = await PostAsync(sender, $"http://rebinding.example.org:{new Uri(receiver.Url).Port}/");

        Assert.Equal((Delivery.Success, 1), (delivery, asked));
        Assert.Single(receiver.Received);
    }

    [Fact]
    public async Task A_private_address_beside_a_public_one_is_enough_to_refuse_the_host()
    {
        using var sender = site.Sender(
            (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("2000::1"), IPAddress.Loopback]), anyPublicHost);

        var delivery = await PostAsync(sender, $"http://two.example.org:{new Uri(receiver.Url).Port}/");

        Assert.Equal(Delivery.Failure("The host two.example.org has an address that is not public."), delivery);
        Assert.Empty(receiver.Received);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var other = await Receiver.StartAsync();
        receiver.WillDo(context =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = other.Url;
            return Task.CompletedTask;
        });
        using var sender = Sender(("AllowedHosts:0", "127.0.0.1"));

        var delivery = await PostAsync(sender, receiver.Url);

        Assert.Equal(
            new Delivery(DeliveryStatus.Success, "Answered 307; a redirect is not followed."), delivery);
        Assert.Empty(other.Received);
    }

    [Fact]
    public async Task An_answer_without_end_is_not_waited_for()
    {
        receiver.WillDo(async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.WriteAsync(new string('x', 4096), context.RequestAborted);
        });
        using var sender = Sender(("AllowedHosts:0", "127.0.0.1"));

        Assert.Equal(Delivery.Success, await PostAsync(sender, receiver.Url).WaitAsync(TimeSpan.FromSeconds(4)));
    }

    private ServiceProvider Sender((string, string?) allowed) => site.Sender(allowed);

    private static Task<Delivery> PostAsync(ServiceProvider sender, string url) =>
        sender.GetRequiredService<PostCallback>().RunAsync(
            Notification.From(
                "nc", "1-2", LoadStatus.Migrated, 1, new JsonObject { ["callback_url"] = url }.ToJsonString(), null),
            CancellationToken.None);
}
