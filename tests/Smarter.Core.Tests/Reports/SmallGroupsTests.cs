using Smarter.Core.Reports;

namespace Smarter.Core.Tests.Reports;

public sealed class SmallGroupsTests
{
    [Theory]
    [InlineData(new[] { 0, 0, 10, 0 }, 10, true)]
    [InlineData(new[] { 0, 0, 11, 0 }, 10, false)]
    [InlineData(new[] { 0, 0, 0, 0 }, 10, true)]
    [InlineData(new[] { 0, 1, 2, 0 }, 2, false)]
    public void A_group_is_shown_only_above_the_minimum(int[] counts, int minimum, bool hidden)
    {
        Assert.Equal(hidden, SmallGroups.Hide(counts, minimum));
    }

    [Theory]
    [InlineData(new[] { 500, 500, 0, 0 }, true)]
    [InlineData(new[] { 500, 500, 1, 0 }, false)]
    [InlineData(new[] { 0, 0, 0, 1000 }, false)]
    [InlineData(new[] { 900, 100, 0, 0, 0 }, true)]
    [InlineData(new[] { 900, 0, 100, 0, 0 }, false)]
    public void A_group_that_lies_wholly_in_the_lower_half_of_the_levels_is_hidden(int[] counts, bool hidden)
    {
        Assert.Equal(hidden, SmallGroups.Hide(counts, minimum: 10));
    }
}
