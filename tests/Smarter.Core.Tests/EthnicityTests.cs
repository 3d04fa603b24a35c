namespace Smarter.Core.Tests;

/// <summary>The truth table of loader.md §5.4.</summary>
public sealed class EthnicityTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("black", 1)]
    [InlineData("asian", 2)]
    [InlineData("hispanic", 3)]
    [InlineData("american indian", 4)]
    [InlineData("pacific islander", 5)]
    [InlineData("white", 6)]
    [InlineData("two or more", 7)]
    [InlineData("black, white", 1)]
    [InlineData("asian, white", 2)]
    [InlineData("american indian, pacific islander", 4)]
    [InlineData("pacific islander, white", 5)]
    [InlineData("two or more, black, white", 7)]
    [InlineData("hispanic, white", 3)]
    [InlineData("hispanic, two or more, black", 3)]
    public void Hispanic_comes_first_then_two_or_more_races_then_the_first_race(string stated, short derived)
    {
        foreach (var unstated in new bool?[] { false, null })
        {
            bool? Is(string word) => stated.Split(", ").Contains(word) ? true : unstated;

            Assert.Equal(derived, Ethnicity.Derive(
                Is("hispanic"), Is("american indian"), Is("asian"), Is("black"), Is("pacific islander"),
                Is("white"), Is("two or more")));
        }
    }
}
