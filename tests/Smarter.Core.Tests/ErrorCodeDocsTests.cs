using System.Runtime.CompilerServices;

namespace Smarter.Core.Tests;

/// <summary>The code table explains every code, and docs/error-codes.md is written from it.</summary>
public sealed class ErrorCodeDocsTests
{
    [Fact]
    public void The_table_has_one_entry_for_every_code_in_ascending_order()
    {
        var codes = CodeTable.Entries.Select(entry => entry.Code);

        Assert.Equal(Enum.GetValues<ErrorCode>().Order(), codes);
    }

    [Fact]
    public void The_page_holds_the_table_as_the_code_has_it()
    {
        var page = File.ReadAllText(Page());

        var shown = page.Split("<!-- table: ./smarter error-codes -->\n")[1].Split("<!-- end of table -->")[0];

        Assert.Equal(CodeTable.ToMarkdown(), shown); // ./smarter error-codes writes the page anew
    }

    [Fact]
    public void Rows_and_notes_have_the_numbers_by_which_the_ledger_tells_them_apart()
    {
        Assert.All(CodeTable.Entries, entry => Assert.Equal(
            entry.Rejects,
            (int)entry.Code switch
            {
                >= 5101 and <= 5119 => Rejects.Row,
                >= 5120 and <= 5139 => Rejects.Note,
                _ => Rejects.File,
            }));
    }

    [Fact]
    public void No_text_would_break_the_table()
    {
        Assert.All(CodeTable.Entries, entry =>
        {
            Assert.NotEmpty(entry.Meaning);
            Assert.NotEmpty(entry.Mend);
            Assert.DoesNotContain('|', entry.Meaning + entry.Mend);
            Assert.DoesNotContain('\n', entry.Meaning + entry.Mend);
        });
    }

    private static string Page([CallerFilePath] string thisFile = "") =>
        Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "docs", "error-codes.md");
}
