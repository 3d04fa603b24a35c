using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Smarter.Core.Tests;

/// <summary>docs/error-codes.md explains every code and no other.</summary>
public sealed partial class ErrorCodeDocsTests
{
    [Fact]
    public async Task The_page_lists_every_code_with_its_name_in_ascending_order()
    {
        var page = await File.ReadAllTextAsync(Page());

        var listed = CodeLine().Matches(page)
            .Select(line => $"{line.Groups["code"].Value} {line.Groups["name"].Value}");

        Assert.Equal(Enum.GetValues<ErrorCode>().Order().Select(code => $"{code:D} {code}"), listed);
    }

    private static string Page([CallerFilePath] string thisFile = "") =>
        Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "docs", "error-codes.md");

    [GeneratedRegex(@"^\| (?<code>\d+) \| (?<name>\w+) \|", RegexOptions.Multiline)]
    private static partial Regex CodeLine();
}
