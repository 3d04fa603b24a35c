using Smarter.SampleData.Compare;

namespace Smarter.SampleData.Tests.Compare;

public sealed class CsvRecordsTests
{
    [Theory]
    [InlineData("a,b\r1,2\r3,4\r")]
    [InlineData("a,b\n1,2\n3,4")]
    [InlineData("a,b\r\n1,2\r\n3,4\r\n")]
    [InlineData("a,b\n\n1,2\n3,4\n\n")]
    public void Lines_end_in_CR_LF_or_both(string csv)
    {
        var records = CsvRecords.Read(new StringReader(csv)).ToList();

        Assert.Equal([["a", "b"], ["1", "2"], ["3", "4"]], records);
    }

    [Fact]
    public void Quotes_keep_commas_line_ends_and_doubled_quotes()
    {
        var records = CsvRecords.Read(new StringReader("\"Quill, Jr.\",\"a \"\"b\"\"\",\"x\ny\",\"\"\n")).ToList();

        Assert.Equal([["Quill, Jr.", "a \"b\"", "x\ny", ""]], records);
    }
}
