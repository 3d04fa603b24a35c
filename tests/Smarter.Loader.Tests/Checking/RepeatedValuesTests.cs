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
        var encoded = new byte[7 + 6 + CopyField.RoomBytes];
        var starts = new int[2 + 3 + RepeatedValues.RoomStarts];

        var end = repeated.TryRecall("Yes,No,"u8, encoded, 7, starts);

        Assert.Equal(13, end);
        Assert.Equal("abcdef", Encoding.ASCII.GetString(encoded, 7, 6));
        Assert.Equal([0, 0, 7, 9, 12], starts[..5]);
    }

    [Fact]
    public void Other_bytes_are_never_taken_for_known_ones()
    {
        var repeated = new RepeatedValues(0, 1);
        var encoded = new byte[8 + CopyField.RoomBytes];
        var starts = new int[2 + RepeatedValues.RoomStarts];
        for (var value = 0; value < 10_000; value++)
        {
            var raw = Encoding.ASCII.GetBytes($"{value},x");

            Assert.Equal(-1, repeated.TryRecall(raw, encoded, 0, starts));
            repeated.Remember(raw, raw, [0, 5]);
        }
    }
}
