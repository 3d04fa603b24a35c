namespace Smarter.Core.Tests;

public sealed class TenantTests
{
    [Theory]
    [InlineData("nc", true)]
    [InlineData("n", true)]
    [InlineData("new-york-2", true)]
    [InlineData("2go", true)]
    [InlineData("abcdefghijklmnopqrstuvwxyzabcdef", true)]
    [InlineData("abcdefghijklmnopqrstuvwxyzabcdefg", false)]
    [InlineData("", false)]
    [InlineData("NC", false)]
    [InlineData("-nc", false)]
    [InlineData("n_c", false)]
    [InlineData("n c", false)]
    [InlineData("..", false)]
    [InlineData("nc/ca", false)]
    [InlineData("nc\n", false)]
    [InlineData("nć", false)]
    [InlineData("nc;drop", false)]
    public void A_name_that_reaches_folders_and_queues_is_lower_case_letters_digits_and_hyphens(
        string name, bool isName) =>
        Assert.Equal(isName, Tenant.IsName(name));
}
