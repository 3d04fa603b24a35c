using Smarter.Benchmarks;
using Smarter.Benchmarks.Load;

switch (args)
{
    case [MemoryBenchmark.Verb, _]:
        return await MemoryBenchmark.LoadOnceAsync(args);
    case ["planted", .. var words] when PlantedLoad.ParseRows(words) is { } rows:
        return await PlantedLoad.RunAsync(args, rows);
}
if (args is not ["load", .. var rest] || BenchmarkOptions.Parse(rest) is not { } options)
{
    Console.Error.WriteLine("""
        Smarter.Benchmarks load [--only B1,B2,B3,B9,B11,curve] [--rows N] [--pairs N]
                                [--largest N] [--busy] [--out FILE]
          --only LIST  some of the parts; default all. B1 and B3 run together
          --rows N     rows of the file of B1, B2 and B3; default 1000000
          --pairs N    how often both sides run, in alternating order; default 5
          --largest N  rows of the largest file of B9 and the curve, which has
                       one pair; the others have a tenth and a hundredth;
                       default 10000000, which needs 30 GB of disk
          --busy       measure although the machine is busy; the result says so
          --out FILE   JSON results; default none
        Smarter.Benchmarks planted [--rows N]
          loads a file with 1 % planted faults, default 1000000 rows, and
          compares what the loader found with what was planted, row by row
        """);
    return 64;
}
if (!await QuietMachine.WaitAsync(options.Busy))
    return 75;
if (await LoadGroup.RunAsync(args, options) is not { } measurements)
    return 69;
Measurement.Print(measurements, options.Busy);
if (options.Out is not null)
    await Measurement.WriteAsync(measurements, options.Out);
return 0;
