using System.Diagnostics;
using CsvHelper;
using Smarter.Loader.Checking;

namespace Smarter.Benchmarks.Load;

/// <summary>
/// B2: every rule of a row, from a plain CSV in the page cache, against a scan of the same file by CsvHelper that reads
/// every value and judges none. Repeats inside a file are not looked for here: the unique index finds them (ADR 0007).
/// </summary>
internal static class ValidateBenchmark
{
    private const int FileBufferBytes = 1; // both readers bring buffers of their own

    /// <summary>Reads every value of the file with CsvHelper, on one thread.</summary>
    /// <returns>Seconds.</returns>
    public static double Scan(BenchFile file)
    {
        var watch = Stopwatch.StartNew();
        using var reader = CsvReader.Create(Open(file));
        long rows = 0, bytes = 0;
        while (reader.Read())
        {
            rows++;
            for (var i = 0; i < reader.FieldCount; i++)
                bytes += reader.GetSpan(i).Length;
        }
        if (rows != file.Rows || bytes == 0)
            throw new InvalidOperationException($"CsvHelper read {rows} rows, not {file.Rows}.");
        return watch.Elapsed.TotalSeconds;
    }

    /// <summary>Checks every row; the workers read in turn and check side by side.</summary>
    /// <returns>Seconds.</returns>
    public static async Task<double> ValidateAsync(BenchFile file, int workers)
    {
        var watch = Stopwatch.StartNew();
        await using var csv = Open(file);
        var rules = FileMetadata.Parse(await File.ReadAllBytesAsync(file.JsonPath))
            .RulesFor("VT", DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().DateTime));
        var reader = new CsvBlockReader(csv);
        var header = CsvHeader.Parse(await reader.ReadHeaderAsync(CancellationToken.None), rules.Layout);
        using var turn = new SemaphoreSlim(1);
        var accepted = await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(WorkAsync)));
        if (accepted.Sum() != file.Rows)
            throw new InvalidOperationException($"{accepted.Sum()} rows are valid, not {file.Rows}.");
        return watch.Elapsed.TotalSeconds;

        async Task<long> WorkAsync()
        {
            var checker = new RowChecker(header, rules);
            var errors = new List<RowError>();
            long valid = 0;
            while (true)
            {
                await turn.WaitAsync();
                CsvBlock? block;
                try
                {
                    block = await reader.ReadBlockAsync(CancellationToken.None);
                }
                finally
                {
                    turn.Release();
                }
                if (block is null)
                    return valid;
                using (block)
                {
                    for (var i = 0; i < block.Rows.Count; i++)
                        valid += checker.Check(block.Bytes.AsSpan(block.Rows[i]), block.FirstRow + i, errors) ? 1 : 0;
                }
            }
        }
    }

    private static FileStream Open(BenchFile file) =>
        new(file.CsvPath, FileMode.Open, FileAccess.Read, FileShare.Read, FileBufferBytes);
}
