using Smarter.SampleData.Archive;
using Smarter.SampleData.Landing;

namespace Smarter.Benchmarks.Load;

/// <summary>
/// A generated landing file, plain and packed as a submitter packs it, in a folder that goes with it. The plain CSV
/// lies on the disk once, for the anchors; the archive is packed and encrypted through a pipe.
/// </summary>
/// <param name="Rows">Data rows, one for each of as many students.</param>
internal sealed record BenchFile(
    string Folder, string CsvPath, string JsonPath, string ArchivePath, string? PlantedPath, long Rows) : IDisposable
{
    private const string Signer = "vt";

    public long CsvBytes => new FileInfo(CsvPath).Length;

    /// <param name="folder">Is made anew.</param>
    /// <param name="errorPercent">Share of rows that get one planted fault each.</param>
    public static async Task<BenchFile> CreateAsync(string folder, long rows, double errorPercent = 0)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        Console.WriteLine($"generating and packing {rows:N0} rows");
        var options = new LandingOptions { Students = rows, StateCode = "VT", ErrorPercent = errorPercent };
        var files = LandingFiles.GenerateOne(options, folder);
        var archive = Path.Combine(folder, $"bench_{rows}.tar.gz.gpg");
        await using var submitter = new GpgHome(Settings.Of("SMARTER_VT_KEYS"));
        await LandingArchive.PackAsync(
            [files.JsonPath, files.CsvPath], archive, submitter, Signer, Settings.Of("SMARTER_LOADER_KEY"));
        var made = new BenchFile(folder, files.CsvPath, files.JsonPath, archive, files.PlantedPath, rows);
        Console.WriteLine(
            $"{made.CsvBytes / 1e6:N0} MB of CSV, {new FileInfo(archive).Length / 1e6:N0} MB packed");
        return made;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
