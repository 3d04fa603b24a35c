using Smarter.Core.Reports;

namespace Smarter.Core.Tests.Reports;

public sealed class PercentagesTests
{
    [Theory]
    [InlineData(new[] { 13.62, 47.98, 9.59, 28.78 }, new[] { 14, 48, 9, 29 })]
    [InlineData(new[] { 33.33, 33.33, 33.33 }, new[] { 33, 33, 34 })]
    [InlineData(new[] { 33.34, 33.33, 33.33 }, new[] { 34, 33, 33 })]
    [InlineData(new[] { 16.666, 16.666, 16.666, 16.666, 16.666, 16.666 }, new[] { 16, 16, 17, 17, 17, 17 })]
    public void The_missing_points_go_to_the_largest_remainders_and_a_tie_to_the_higher_level(
        double[] shares, int[] expected)
    {
        Assert.Equal(expected, Percentages.Normalize(shares));
    }

    [Theory]
    [InlineData(new[] { 3, 1, 2, 2 }, new[] { 37, 13, 25, 25 })]
    [InlineData(new[] { 0, 0, 7, 0 }, new[] { 0, 0, 100, 0 })]
    [InlineData(new[] { 1, 1, 1, 0 }, new[] { 33, 33, 34, 0 })]
    [InlineData(new[] { 0, 0, 0, 0 }, new[] { 0, 0, 0, 0 })]
    public void Counts_become_whole_percentages(int[] counts, int[] expected)
    {
        Assert.Equal(expected, Percentages.Of(counts));
    }

    [Fact]
    public void Whatever_the_counts_the_percentages_add_up_to_100_and_none_is_a_full_point_off()
    {
        var random = new Random(2016);

        for (var round = 0; round < 2_000; round++)
        {
            var counts = Enumerable.Range(0, random.Next(2, 7)).Select(
                _ => random.Next(0, 100_000)).Append(1).ToArray();

            var percentages = Percentages.Of(counts);

            Assert.Equal(100, percentages.Sum());
            Assert.All(counts.Zip(percentages), level =>
                Assert.InRange(level.Second - (level.First * 100.0 / counts.Sum()), -1 + 1e-9, 1 - 1e-9));
        }
    }
}
