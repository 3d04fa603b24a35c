using System.Globalization;
using System.Text.RegularExpressions;

namespace Smarter.Core.Tests;

public sealed partial class ErrorCodeTests
{
    [Fact]
    public void The_documentation_lists_exactly_the_codes_that_there_are()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "error-codes.md"));

        var documented = FirstColumn().Matches(page).Select(row => int.Parse(row.Groups["code"].Value, CultureInfo.InvariantCulture));

        Assert.Equal(Enum.GetValues<ErrorCode>().Select(code => (int)code).Order(), documented.Order());
    }

    /// <summary>The code numbers of the tables' first columns, perhaps as <c>`1000`</c>.</summary>
    [GeneratedRegex(@"^\| *`?(?<code>\d{4})`? *\|", RegexOptions.Multiline)]
    private static partial Regex FirstColumn();
}
