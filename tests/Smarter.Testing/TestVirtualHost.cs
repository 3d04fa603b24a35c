using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;

namespace Smarter.Testing;

/// <summary>
/// A virtual host of the RabbitMQ node named by <c>SMARTER_TEST_RABBITMQ</c>, fresh with a random name, or one that a
/// process asks for by name. Disposing deletes a fresh one; a named one stays, because other tests may use it.
/// </summary>
public sealed class TestVirtualHost : IAsyncDisposable
{
    /// <summary>Name of the environment variable with the node: <c>amqp://user:password@host:port/</c>.</summary>
    public const string NodeVariable = "SMARTER_TEST_RABBITMQ";

    /// <summary>Name of the environment variable with the address of the node's management API.</summary>
    public const string ApiVariable = "SMARTER_TEST_RABBITMQ_API";

    private readonly Uri node = new(Required(NodeVariable));
    private readonly HttpClient api = new() { BaseAddress = new Uri(Required(ApiVariable)) };
    private readonly bool isFresh;

    private TestVirtualHost(string name, bool isFresh)
    {
        (Name, this.isFresh) = (name, isFresh);
        api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}")));
    }

    public string Name { get; }

    private string User => Uri.UnescapeDataString(node.UserInfo.Split(':')[0]);

    private string Password => Uri.UnescapeDataString(node.UserInfo.Split(':')[1]);

    /// <exception cref="InvalidOperationException">A variable is not set;
    /// the message says how to start a node.</exception>
    public static Task<TestVirtualHost> CreateAsync() =>
        CreateAsync($"test-{RandomNumberGenerator.GetHexString(10, lowercase: true)}", isFresh: true);

    /// <summary>The virtual host that a whole process asks for, such as <c>services</c>;
    /// made when it is missing.</summary>
    /// <exception cref="InvalidOperationException">A variable is not set;
    /// the message says how to start a node.</exception>
    public static Task<TestVirtualHost> NamedAsync(string name) => CreateAsync(name, isFresh: false);

    /// <summary>The section <c>Bus</c> of a process as keys and values,
    /// as of <see cref="TestDatabase.SettingsFor"/>.</summary>
    public IReadOnlyDictionary<string, string?> Settings() => new Dictionary<string, string?>
    {
        ["Bus:Host"] = node.Host,
        ["Bus:Port"] = node.Port < 0 ? "5672" : $"{node.Port}",
        ["Bus:User"] = User,
        ["Bus:Password"] = Password,
    };

    /// <returns>How many messages wait in the queue, or null when there is no such queue (yet).</returns>
    public async Task<int?> MessagesInAsync(string queue)
    {
        using var answer = await api.GetAsync(PathOf(queue));
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return null;
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<Queue>())!.Messages ?? 0;
    }

    /// <summary>Throws away what waits in the queue, if there is such a queue.</summary>
    public async Task PurgeAsync(string queue)
    {
        using var answer = await api.DeleteAsync($"{PathOf(queue)}/contents");
        if (answer.StatusCode != HttpStatusCode.NotFound)
            answer.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        if (isFresh)
            await api.DeleteAsync($"/api/vhosts/{Uri.EscapeDataString(Name)}");
        api.Dispose();
    }

    private static async Task<TestVirtualHost> CreateAsync(string name, bool isFresh)
    {
        var host = new TestVirtualHost(name, isFresh);
        var path = Uri.EscapeDataString(name);
        var everything = new { configure = ".*", write = ".*", read = ".*" };
        (await host.api.PutAsync($"/api/vhosts/{path}", null)).EnsureSuccessStatusCode();
        (await host.api.PutAsJsonAsync($"/api/permissions/{path}/{Uri.EscapeDataString(host.User)}", everything))
            .EnsureSuccessStatusCode();
        return host;
    }

    private string PathOf(string queue) => $"/api/queues/{Uri.EscapeDataString(Name)}/{Uri.EscapeDataString(queue)}";

    private static string Required(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
            ? value
            : throw new InvalidOperationException($"{variable} is not set: run ./smarter test");

    private sealed record Queue(int? Messages);
}
