using Smarter.Loader.Validating;

namespace Smarter.Loader.Tests.Validating;

/// <summary>What a person may name on the command line.</summary>
public sealed class FileToCheckTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("named-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("a.tar.gz", "a.tar.gz -", "a.tar.gz")]
    [InlineData("a.tar.gz.gpg", "a.tar.gz.gpg -", "a.tar.gz.gpg")]
    [InlineData("a.csv a.json", "a.csv a.json", "a.csv")]
    [InlineData("a.csv b.json", "a.csv b.json", "a.csv", "b.json")]
    [InlineData("a.csv a.json b.csv b.json", "a.csv a.json,b.csv b.json", "")]
    [InlineData("a.csv a.json a.planted.json", "a.csv a.json", "")]
    public void Files_and_folders_are_taken_as_they_belong_together(string there, string found, params string[] named)
    {
        foreach (var name in there.Split(' '))
            File.WriteAllText(Path.Combine(folder.FullName, name), "");

        var files = FileToCheck.Find(named.Select(name => Path.Combine(folder.FullName, name)));

        Assert.Equal(found, string.Join(',', files.Select(file =>
            $"{Path.GetFileName(file.Path)} {Path.GetFileName(file.JsonPath) ?? "-"}")));
    }

    [Theory]
    [InlineData("a.csv", "a.csv")]
    [InlineData("a.txt", "a.txt")]
    [InlineData("a.json", "a.json")]
    [InlineData("a.csv", "gone.csv")]
    public void What_cannot_be_checked_is_said(string there, string named)
    {
        File.WriteAllText(Path.Combine(folder.FullName, there), "");

        Assert.Throws<FileNotFoundException>(() => FileToCheck.Find([Path.Combine(folder.FullName, named)]));
    }
}
