using Smarter.Loader.Validating;

namespace Smarter.Loader.Tests.Validating;

/// <summary>Keys of a whole file, in memory and on disk, with bounded memory.</summary>
public sealed class RowKeysTests : IDisposable
{
    private readonly DirectoryInfo scratch = Directory.CreateTempSubdirectory("keys-");

    public void Dispose() => scratch.Delete(recursive: true);

    [Fact]
    public void Students_with_several_rows_are_found_wherever_their_rows_lie()
    {
        const int students = 700_000; // more than fit into memory
        using var keys = new RowKeys(scratch.FullName);
        for (var row = 1; row <= students; row++)
            keys.Add(Key(student: row, row));
        keys.Add(Key(student: 5, students + 1));
        keys.Add(Key(student: 5, students + 2));
        keys.Add(Key(student: students, students + 3));

        var repeated = keys.FindRepeated().Select(rows => string.Join(' ', rows.Select(row => row.RowNumber)));

        Assert.Equal(["5 700001 700002", "700000 700003"], repeated.Order());
    }

    [Fact]
    public void Nothing_of_a_check_can_be_found_by_name_on_disk()
    {
        using var keys = new RowKeys(scratch.FullName);
        for (var row = 1; row <= 10_000; row++)
            keys.Add(Key(student: 1, row));

        Assert.Empty(scratch.GetFileSystemInfos());
    }

    /// <summary>Spreads students as a hash does.</summary>
    private static RowKey Key(long student, long row) =>
        new(new UInt128((ulong)student * 0x9E37_79B9_7F4A_7C15, (ulong)student), Rest: 1, Content: 1, row);
}
