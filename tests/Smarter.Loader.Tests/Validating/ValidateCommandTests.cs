using Smarter.Loader.Tests.Landing;
using Smarter.Testing;

namespace Smarter.Loader.Tests.Validating;

/// <summary>The command as a person runs it: without any setting.</summary>
public sealed class ValidateCommandTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("validate-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory(Timeout = 60_000)]
    [InlineData("F", 0, "\"outcome\": \"accepted\"")]
    [InlineData("?", 1, "\"code\": 5107")]
    public async Task The_exit_code_says_whether_there_is_something_to_mend(string sex, int exitCode, string expected)
    {
        var csv = LandingCsv.File(LandingCsv.Row("ann", ("Sex", sex)), LandingCsv.Row("bob"));
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "x.csv"), csv);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "x.json"), LandingJson.File());

        var run = await ProcessRun.ToEndAsync("Smarter.Loader", ["validate", folder.FullName]);

        Assert.Equal((exitCode, ""), (run.ExitCode, run.Error));
        Assert.Contains(expected, run.Output, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task An_encrypted_file_without_keys_is_wrong_usage()
    {
        var path = Path.Combine(folder.FullName, "x.tar.gz.gpg");
        await File.WriteAllTextAsync(path, "x");

        var run = await ProcessRun.ToEndAsync("Smarter.Loader", ["validate", path, "--tenant", "wy"]);

        Assert.Equal(64, run.ExitCode);
        Assert.Contains("Gpg:Home", run.Error, StringComparison.Ordinal);
    }
}
