namespace Smarter.Benchmarks.Load;

/// <summary>The benchmarks of <c>bench load</c>, from the smallest file to the largest.</summary>
internal static class LoadGroup
{
    private const long FreshnessRows = 100_000;
    private const int FreshnessRuns = 5;
    private const long MegabytesAllowed = 256;

    /// <summary>Disk that a row needs at most at one time: the CSV, the anchor's or our tables, their log.</summary>
    private const long BytesPerRow = 3_000;

    /// <summary>A run's minutes on two cores, as measured.</summary>
    private const double MinutesPerMillionRowsOfPair = 0.4;

    public static async Task<IReadOnlyList<Measurement>?> RunAsync(string[] args, BenchmarkOptions options)
    {
        await using var loader = LoaderSteps.Start(args);
        Directory.CreateDirectory(loader.Folder);
        if (!HasRoom(loader.Folder, options))
            return null;
        Console.WriteLine($"this takes about {Minutes(options):N0} minutes on two cores");
        var results = new List<Measurement>();
        await using (var loads = new LoadBenchmark(loader))
        {
            await MeasureRatiosAsync(loads, loader.Folder, options, results);
            if (options.Has("B11"))
                await MeasureFreshnessAsync(loads, loader, options, results);
            if (options.Has("B9", "curve"))
                await MeasureCurveAsync(loads, loader.Folder, options, results);
        }
        Directory.Delete(loader.Folder, recursive: true);
        return results;
    }

    private static async Task MeasureRatiosAsync(
        LoadBenchmark loads, string folder, BenchmarkOptions options, List<Measurement> results)
    {
        if (!options.Has("B1", "B2", "B3"))
            return;
        using var file = await BenchFile.CreateAsync(Path.Combine(folder, "pairs"), options.Rows);
        var loadAverage = QuietMachine.LoadAverage();
        if (options.Has("B1", "B3"))
        {
            await loads.WarmUpAsync(file);
            var pairs = await loads.RunAsync(file, options.Pairs);
            results.Add(Measurement.OfRates("B1", "load to staging, rows/s", file.Rows, "rows/s",
                [.. pairs.Select(pair => pair.Staged)], [.. pairs.Select(pair => pair.Copy)],
                file.Rows, 1.0, 0.6, loadAverage));
            results.Add(Measurement.OfRates("B3", "load to star, rows/s", file.Rows, "rows/s",
                [.. pairs.Select(pair => pair.Star)], [.. pairs.Select(pair => pair.Insert)],
                file.Rows, 1.3, 0.7, loadAverage));
        }
        if (!options.Has("B2"))
            return;
        List<double> scans = [], one = [], two = [];
        for (var pair = -1; pair < options.Pairs; pair++)
        {
            var (scan, alone, both) = await ValidatePairAsync(file, scanFirst: pair % 2 == 0);
            if (pair < 0)
                continue; // compiles the code
            scans.Add(scan);
            one.Add(alone);
            two.Add(both);
            Console.WriteLine(
                $"pair {pair + 1}: scan {scan:F2} s, validate {alone:F2} s on one core, {both:F2} s on two");
        }
        var megabytes = file.CsvBytes / 1e6;
        results.Add(Measurement.OfRates(
            "B2", "validate, 1 core, MB/s", megabytes, "MB/s", one, scans, file.Rows, 0.6, 0.25, loadAverage));
        results.Add(Measurement.OfRates(
            "B2x2", "validate, 2 cores, MB/s", megabytes, "MB/s", two, scans, file.Rows, 1.0, 0.25, loadAverage));
    }

    private static async Task<(double Scan, double One, double Two)> ValidatePairAsync(BenchFile file, bool scanFirst)
    {
        var scan = scanFirst ? ValidateBenchmark.Scan(file) : 0;
        var one = await ValidateBenchmark.ValidateAsync(file, workers: 1);
        var two = await ValidateBenchmark.ValidateAsync(file, workers: 2);
        return (scanFirst ? scan : ValidateBenchmark.Scan(file), one, two);
    }

    private static async Task MeasureFreshnessAsync(
        LoadBenchmark loads, LoaderSteps loader, BenchmarkOptions options, List<Measurement> results)
    {
        using var file = await BenchFile.CreateAsync(Path.Combine(loader.Folder, "fresh"), FreshnessRows);
        await using var freshness = new FreshnessBenchmark(loader);
        var loadAverage = QuietMachine.LoadAverage();
        List<double> seconds = [], copies = [];
        for (var run = 0; run < Math.Max(FreshnessRuns, options.Pairs); run++)
        {
            copies.Add(await loads.CopyAsync(file));
            seconds.Add(await freshness.RunAsync(file));
            Console.WriteLine($"drop {run + 1}: visible after {seconds[^1]:F1} s; \\copy {copies[^1]:F2} s");
        }
        Console.WriteLine(
            $"from drop to report: median {Measurement.Median(seconds):F1} s, worst {seconds.Max():F1} s");
        results.Add(Measurement.OfCosts(
            "B11", "drop to report, s", "s", seconds, copies, file.Rows, 30, 120, loadAverage));
    }

    /// <summary>Cost of a row at a hundredth, a tenth and the whole of the largest file, and the memory at both
    /// ends. One pair for the largest, so that the disk and the day are long enough.</summary>
    private static async Task MeasureCurveAsync(
        LoadBenchmark loads, string folder, BenchmarkOptions options, List<Measurement> results)
    {
        var loadAverage = QuietMachine.LoadAverage();
        var points = new List<(long Rows, double Load, double Star, double Validate, double Megabytes)>();
        foreach (var rows in new[] { options.Largest / 100, options.Largest / 10, options.Largest })
        {
            using var file = await BenchFile.CreateAsync(Path.Combine(folder, "curve"), rows);
            List<LoadPair> pairs = [];
            var validate = double.NaN;
            if (options.Has("curve"))
            {
                if (points.Count == 0)
                    await loads.WarmUpAsync(file);
                pairs.AddRange(await loads.RunAsync(file, rows == options.Largest ? 1 : options.Pairs));
                validate = await ValidateBenchmark.ValidateAsync(file, workers: 1);
            }
            var peak = options.Has("B9") && rows != options.Largest / 10
                ? await MemoryBenchmark.PeakMegabytesAsync(file)
                : double.NaN;
            if (!double.IsNaN(peak))
                Console.WriteLine($"peak memory {peak:F0} MB at {rows:N0} rows");
            points.Add((
                rows, pairs.Count == 0 ? 0 : Measurement.Median(pairs.Select(pair => pair.Staged)) / rows,
                pairs.Count == 0 ? 0 : Measurement.Median(pairs.Select(pair => pair.Star)) / rows,
                validate / rows, peak));
        }
        if (options.Has("B9"))
            AddMemory(points[0].Megabytes, points[^1].Megabytes, options.Largest, loadAverage, results);
        if (!options.Has("curve"))
            return;
        for (var i = 1; i < points.Count; i++)
        {
            var times = i == 1 ? "x10" : "x100";
            var single = i == 1 ? "" : ", 1 pair";
            Measurement Cost(string what, double ours, double first, double goal) => Measurement.OfCosts(
                times, $"{what}{single}, µs/row", "µs/row", [ours * 1e6], [first * 1e6], points[i].Rows, goal, goal,
                loadAverage);
            results.Add(Cost("load", points[i].Load, points[0].Load, i == 1 ? 1.05 : 1.15));
            results.Add(Cost("validate", points[i].Validate, points[0].Validate, i == 1 ? 1.05 : 1.15));
            results.Add(Cost("star", points[i].Star, points[0].Star, i == 1 ? 1.1 : 1.3));
        }
    }

    private static void AddMemory(
        double small, double large, long rows, double loadAverage, List<Measurement> results)
    {
        results.Add(Measurement.OfCosts("B9", "loader peak, MB", "MB", [large], [small], rows, 1.1, 1.5, loadAverage));
        results.Add(Measurement.OfCosts(
            "B9", "loader peak of 256 MB", "MB", [large], [MegabytesAllowed], rows, 1, 1, loadAverage));
    }

    private static bool HasRoom(string folder, BenchmarkOptions options)
    {
        var largest = Math.Max(options.Rows, options.Has("B9", "curve") ? options.Largest : 0);
        var needed = largest * BytesPerRow;
        var free = new DriveInfo(folder).AvailableFreeSpace;
        if (free >= needed)
            return true;
        Console.Error.WriteLine(
            $"{largest:N0} rows need {needed / 1e9:N0} GB of disk; {free / 1e9:N0} GB are free. Take fewer with "
            + "--largest and --rows.");
        return false;
    }

    private static double Minutes(BenchmarkOptions options)
    {
        var millions = options.Has("B1", "B2", "B3") ? options.Rows / 1e6 * (options.Pairs + 1) : 0;
        if (options.Has("B9", "curve"))
            millions += options.Largest / 1e6 * (options.Has("curve") ? 2 + options.Pairs / 10.0 : 1);
        return Math.Ceiling(1 + millions * MinutesPerMillionRowsOfPair + (options.Has("B11") ? 1.5 : 0));
    }
}
