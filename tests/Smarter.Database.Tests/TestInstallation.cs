using Smarter.Testing;

namespace Smarter.Database.Tests;

/// <summary>The databases of one tenant, <c>nc</c>, for the tests of one class.</summary>
public sealed class TestInstallation : IAsyncLifetime
{
    public TestDatabase Database { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Database = await TestDatabase.CreateAsync("nc", "NC");

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
