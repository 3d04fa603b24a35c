namespace Smarter.Core.Tests;

/// <summary>The clone that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>Absolute path of the folder that holds <c>Smarter.sln</c>.</summary>
    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    private static string FindRoot(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Smarter.sln")))
                return at.FullName;
        }
        throw new InvalidOperationException("The tests must be run from a build inside the clone.");
    }
}
