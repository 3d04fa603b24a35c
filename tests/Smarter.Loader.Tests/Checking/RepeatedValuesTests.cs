using System.Text;
using Smarter.Loader.Checking;

namespace Smarter.Loader.Tests.Checking;

public sealed class RepeatedValuesTests
{
    [Fact]
    public void A_run_is_written_as_it_was_remembered_at_another_place()
    {
        var repeated = new RepeatedValues(2, 4);
        repeated.Remember("Yes,No,"u8, "abcdef"u8, [0, 5, 10, 12, 15, 16]);
        var encoded = new byte[20];
        var starts = new int[6];
        var written = 7;

        var isKnown = repeated.TryRecall("Yes,No,"u8, encoded, ref written, starts);

        Assert.True(isKnown);
        Assert.Equal("abcdef", Encoding.ASCII.GetString(encoded, 7, 6));
        Assert.Equal(13, written);
        Assert.Equal([0, 0, 7, 9, 12, 0], starts);
    }

    [Fact]
    public void Other_bytes_are_never_taken_for_known_ones()
    {
        var repeated = new RepeatedValues(0, 1);
        var encoded = new byte[40];
        var starts = new int[2];
        for (var value = 0; value < 10_000; value++)
        {
            var raw = Encoding.ASCII.GetBytes($"{value},x");
            var written = 0;

            var isKnown = repeated.TryRecall(raw, encoded, ref written, starts);

            Assert.False(isKnown);
            repeated.Remember(raw, raw, [0, 5]);
        }
    }
}
