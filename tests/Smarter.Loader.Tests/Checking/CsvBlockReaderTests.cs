using System.Text;
using Smarter.Loader.Checking;

namespace Smarter.Loader.Tests.Checking;

public sealed class CsvBlockReaderTests
{
    [Theory]
    [InlineData("h\nr1\nr2\n")]
    [InlineData("h\nr1\nr2")]
    [InlineData("h\r\nr1\r\nr2\r\n")]
    [InlineData("h\r\nr1\r\nr2")]
    [InlineData("h\rr1\rr2\r")]
    [InlineData("h\rr1\rr2")]
    [InlineData("\uFEFFh\nr1\nr2\n")]
    [InlineData("\uFEFFh\rr1\rr2")]
    [InlineData("h\n\n\nr1\n  \nr2\n\n")]
    [InlineData("h\r\n\r\nr1\r\n\r\nr2\r\n")]
    public async Task Any_line_end_cuts_the_rows(string csv)
    {
        var (header, rows) = await ReadAsync(csv);

        Assert.Equal("h", header);
        Assert.Equal([(1, "r1"), (2, "r2")], rows);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\uFEFF")]
    public async Task An_empty_file_has_no_header(string csv)
    {
        var (header, rows) = await ReadAsync(csv);

        Assert.Empty(header);
        Assert.Empty(rows);
    }

    [Theory]
    [InlineData("h")]
    [InlineData("h\n")]
    [InlineData("h\r")]
    [InlineData("h\n\n \n")]
    public async Task A_header_alone_has_no_rows(string csv) => Assert.Empty((await ReadAsync(csv)).Rows);

    [Theory]
    [InlineData("a,\"two\nlines\",b")]
    [InlineData("\"\n\n\",b")]
    [InlineData("a,\"say \"\"hi\"\"\nnow\",b")]
    [InlineData("a,\"\",b")]
    [InlineData("a,\"\"\"\n\"\"\",b")]
    public async Task A_quoted_value_may_hold_line_ends_and_quotes(string row)
    {
        var (_, rows) = await ReadAsync($"h\n{row}\nnext\n");

        Assert.Equal([(1, row), (2, "next")], rows);
    }

    [Theory]
    [InlineData("a 6\" ruler,b")]
    [InlineData("a\",b")]
    public async Task A_quote_within_a_value_is_a_character(string row)
    {
        var (_, rows) = await ReadAsync($"h\n{row}\nnext\n");

        Assert.Equal([(1, row), (2, "next")], rows);
    }

    [Theory]
    [InlineData("plain,row")]
    [InlineData("\"Smith, Jr\",row")]
    [InlineData("a,\"quoted\",\"values\"")]
    public async Task A_quote_that_is_not_closed_costs_its_own_row_only(string follower)
    {
        var (_, rows) = await ReadAsync($"h\na,\"open,b\n{follower}\nlast\n");

        Assert.Equal([(1, "a,\"open,b"), (2, follower), (3, "last")], rows);
    }

    [Fact]
    public async Task A_quote_that_is_not_closed_in_a_large_file_costs_its_own_row_only()
    {
        var many = Enumerable.Range(3, 200_000).Select(number => $"row {number},{number}").ToArray();

        var (_, rows) = await ReadAsync($"h\nfirst\na,\"open,b\n{string.Join('\n', many)}\n");

        Assert.Equal(many.Length + 2, rows.Count);
        Assert.Equal((200_002, many[^1]), rows[^1]);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task Rows_keep_their_numbers_across_blocks(string end)
    {
        var written = Enumerable.Range(1, 60_000)
            .Select(number => $"{number},{new string('x', number % 97)},\"q{(number % 11 == 0 ? "\n" : "")}\"")
            .ToArray();

        var (_, rows) = await ReadAsync($"h{end}{string.Join(end, written)}{end}");

        Assert.True(string.Join(end, written).Length > 3 << 20);
        Assert.Equal(written.Select((row, index) => ((long)index + 1, row)), rows);
    }

    [Fact]
    public async Task A_row_over_the_limit_is_cut_off_and_marked()
    {
        var atLimit = new string('a', CsvBlockReader.MaxRowBytes);

        using var csv = new MemoryStream(Encoding.UTF8.GetBytes($"h\nr1\n{atLimit}\n{atLimit}bb\nr4\n"));
        var reader = new CsvBlockReader(csv);
        await reader.ReadHeaderAsync(TestContext.Current.CancellationToken);
        var rows = new List<(int Length, bool IsCut)>();
        while (await reader.ReadBlockAsync(TestContext.Current.CancellationToken) is { } block)
        {
            rows.AddRange(block.Rows.Select((row, i) =>
                (row.GetOffsetAndLength(block.Bytes.Length).Length, block.CutRows.Contains(i))));
            block.Dispose();
        }

        Assert.Equal(
            [(2, false), (CsvBlockReader.MaxRowBytes, false), (CsvBlockReader.MaxRowBytes, true), (2, false)], rows);
    }

    [Fact]
    public async Task A_line_of_many_megabytes_is_one_row()
    {
        var (_, rows) = await ReadAsync($"h\nr1\n{new string('a', 5 << 20)}\nr3\n");

        Assert.Equal([1, 2, 3], rows.Select(row => row.Number));
        Assert.Equal("r3", rows[2].Text);
    }

    private static async Task<(string Header, List<(long Number, string Text)> Rows)> ReadAsync(string csv)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(csv));
        var reader = new CsvBlockReader(stream);
        var header = Encoding.UTF8.GetString(await reader.ReadHeaderAsync(TestContext.Current.CancellationToken));
        var rows = new List<(long, string)>();
        while (await reader.ReadBlockAsync(TestContext.Current.CancellationToken) is { } block)
        {
            using (block)
                rows.AddRange(block.Rows.Select((row, index) =>
                    (block.FirstRow + index, Encoding.UTF8.GetString(block.Bytes[row]))));
        }
        return (header, rows);
    }
}
