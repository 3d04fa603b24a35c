using Smarter.Core;

namespace Smarter.Loader;

/// <summary>The argument <c>error-codes</c>: prints the table of docs/error-codes.md and ends.</summary>
internal static class ErrorCodesCommand
{
    /// <returns>True when <paramref name="args"/> ask for the table.</returns>
    public static bool IsAskedFor(string[] args) => args is ["error-codes"];

    /// <returns>0.</returns>
    public static int Run()
    {
        Console.Write(CodeTable.ToMarkdown());
        return 0;
    }
}
