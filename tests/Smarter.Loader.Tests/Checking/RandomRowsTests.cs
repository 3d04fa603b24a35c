using System.Text;
using Smarter.Loader.Checking;
using Smarter.Loader.Tests.Landing;

namespace Smarter.Loader.Tests.Checking;

public sealed class RandomRowsTests
{
    private const int Rows = 4_000;

    private static readonly RowRules Rules =
        new("WY"u8.ToArray(), "wy-math"u8.ToArray(), IsBlockFile: false, new DateOnly(2016, 5, 1));

    private static readonly string[] Values =
    [
        "", "", " ", "0", "7", "42", "451", "2451", "32767", "32768", "-1", "+3", "12.5", "24:1", "007", "99999999999",
        "Yes", "no", "T", "F", "girl", "Male", "NS", "Math", "ELA", "Summative", "SD", "Complete", "off", "D", "C",
        "KG", "13", "14", "20160229", "20150229", "20160502", "20160501", "2016-04-12", "12 April 2016", "2/14/07",
        "00000101", "Iris", " Iris ", "José", "שלום",
        "日本", "😀", "O'Neil", "\t", "a\tb", "a\nb", "a\rb", "a\0b", "\"a,b\"", "\"\"",
        "\"x\"\"y\"", "\"two\r\nlines\"", "\" z \"", "\"a\"b", "a\"b", "\"open", "x,y", ",",
        "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn", "éééééééééééééééééééééééééééééééééééééééé",
        "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_rows_are_judged_and_encoded_as_the_plain_rules_say(int seed)
    {
        var random = new Random(seed);
        var header = CsvHeader.Parse(Encoding.UTF8.GetBytes(LandingCsv.HeaderLine), AssessmentLayout.Csv);
        var checker = new RowChecker(header, Rules);
        var accepted = 0;
        for (var number = 1; number <= Rows; number++)
        {
            var row = RandomRow(random);
            var errors = new List<RowError>();

            var isAccepted = checker.Check(row, number, errors);

            var (expectedErrors, expectedFields) = PlainRowCheck.Check(row, Rules);
            Assert.Equal(expectedErrors, errors.Select(error => (error.Code, error.Column)));
            Assert.Equal(expectedErrors.Count == 0, isAccepted);
            if (!isAccepted)
                continue;
            accepted++;
            Assert.Equal(expectedFields, checker.Encoded(0, AssessmentLayout.Columns.Count - 1).ToArray());
        }
        Assert.InRange(accepted, Rows / 10, Rows * 9 / 10); // else one of the two outcomes is hardly tried
    }

    /// <summary>A good row in which up to five values are others; now and then bytes are cut off or spoilt.</summary>
    private static byte[] RandomRow(Random random)
    {
        var cells = LandingCsv.Row("ann").Split(',');
        for (var changes = random.Next(6); changes > 0; changes--)
        {
            var column = random.Next(1, cells.Length); // another state refuses the file
            if (AssessmentLayout.Columns[column].Rule != FieldRule.AssessmentGuid)
                cells[column] = random.Next(3) > 0 ? cells[random.Next(7, 13)] : Values[random.Next(Values.Length)];
        }
        for (var scores = random.Next(4); scores > 0; scores--)
            cells[random.Next(53, 73)] = $"{random.Next(random.Next(2) == 0 ? 10 : 40_000)}";
        var row = Encoding.UTF8.GetBytes(string.Join(',', cells));
        if (random.Next(20) == 0)
            row[random.Next(3, 100)] ^= (byte)random.Next(256);
        return random.Next(20) == 0 ? row[..random.Next(row.Length)] : row;
    }
}
