using Smarter.Benchmarks;
using Smarter.Benchmarks.Load;

var options = BenchmarkOptions.Parse(args);
if (options is null)
{
    Console.Error.WriteLine("""
        Smarter.Benchmarks load [--rows N] [--pairs N] [--busy] [--out FILE]

          --rows N    rows of the generated file; default 1000000
          --pairs N   how often both sides run, in alternating order; default 5
          --busy      measure although the machine is busy; the result says so
          --out FILE  JSON results; default none
        """);
    return 64;
}
if (!await QuietMachine.WaitAsync(options.Busy))
    return 75;

await using var benchmark = await LoadBenchmark.PrepareAsync(args, options);
var measurements = await benchmark.RunAsync();
Measurement.Print(measurements, options.Busy);
if (options.Out is not null)
    await Measurement.WriteAsync(measurements, options.Out);
return 0;
