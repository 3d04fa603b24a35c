using System.Reflection;

namespace Smarter.EndToEnd.Tests;

/// <summary>References point one way: process, Hosting, Database, Core; no process knows another (architecture.md).</summary>
public sealed class ArchitectureTests
{
    private static readonly string[] Processes =
        ["Smarter.Web", "Smarter.Workers", "Smarter.Loader", "Smarter.Migrator", "Smarter.Hpz"];

    [Theory]
    [InlineData("Smarter.Web")]
    [InlineData("Smarter.Workers")]
    [InlineData("Smarter.Loader")]
    [InlineData("Smarter.Migrator")]
    [InlineData("Smarter.Hpz")]
    public void A_process_references_no_other_process(string process) =>
        Assert.Empty(ReferencesOf(process).Intersect(Processes));

    [Theory]
    [InlineData("Smarter.Hosting", "Smarter.Database", "Smarter.Core")]
    [InlineData("Smarter.Database", "Smarter.Core")]
    [InlineData("Smarter.Core")]
    public void A_library_references_only_those_below_it(string library, params string[] below) =>
        Assert.Empty(ReferencesOf(library).Where(name => name.StartsWith("Smarter.", StringComparison.Ordinal)).Except(below));

    [Fact]
    public void Core_references_nothing_but_the_runtime() =>
        Assert.All(ReferencesOf("Smarter.Core"), name => Assert.StartsWith("System.", name, StringComparison.Ordinal));

    private static IEnumerable<string> ReferencesOf(string assembly) =>
        Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll")).GetReferencedAssemblies().Select(name => name.Name!);
}
