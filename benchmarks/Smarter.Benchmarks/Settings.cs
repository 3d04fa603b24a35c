namespace Smarter.Benchmarks;

/// <summary>What <c>./smarter bench</c> tells of the stack, in environment variables.</summary>
internal static class Settings
{
    /// <exception cref="InvalidOperationException">The variable is not set.</exception>
    public static string Of(string variable) => Environment.GetEnvironmentVariable(variable)
        ?? throw new InvalidOperationException($"{variable} is not set: run ./smarter bench load.");
}
