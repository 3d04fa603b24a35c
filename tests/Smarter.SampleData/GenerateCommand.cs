using System.Diagnostics;
using System.Globalization;
using Smarter.SampleData.Landing;

namespace Smarter.SampleData;

/// <summary>The verb <c>generate</c>: landing folders of a made-up state.</summary>
internal static class GenerateCommand
{
    private static readonly Dictionary<string, string> StateNames = new()
    {
        ["CA"] = "California",
        ["NC"] = "North Carolina",
        ["VT"] = "Vermont",
    };

    public static int Run(IReadOnlyList<string> words)
    {
        var line = new CommandLine(
            words, "students", "rows", "tenant", "state", "out", "seed", "year", "types", "errors");
        var rows = line.Number("rows");
        // The tenant's folder is chosen at the drop; here it only names the state when --state is not given.
        var state = (line.Optional("state") ?? line.Required("tenant")).ToUpperInvariant();
        var options = new LandingOptions
        {
            Students = rows ?? line.Number("students") ?? throw new UsageException("--students or --rows is missing"),
            StateCode = state,
            StateName = StateNames.GetValueOrDefault(state, "Example State"),
            Seed = (int)(line.Number("seed") ?? 1),
            Year = (int)(line.Number("year") ?? 2016),
            Types = TypesOf(line.Optional("types")),
            ErrorPercent = double.Parse(line.Optional("errors") ?? "0", CultureInfo.InvariantCulture),
        };
        var directory = line.Required("out");

        var clock = Stopwatch.StartNew();
        var (files, total, planted) = (0, 0L, 0L);
        foreach (var file in rows is null
                     ? LandingFiles.Generate(options, directory)
                     : [LandingFiles.GenerateOne(options, directory)])
        {
            Console.WriteLine($"{file.Name,-44} {file.Rows,11:N0} rows {file.PlantedRows,9:N0} spoiled");
            (files, total, planted) = (files + 1, total + file.Rows, planted + file.PlantedRows);
        }

        var seconds = clock.Elapsed.TotalSeconds;
        Console.WriteLine(
            $"{files} files, {total:N0} rows ({planted:N0} spoiled) in {seconds:0.0} s, {total / seconds:N0} rows/s, "
            + $"peak memory {Process.GetCurrentProcess().PeakWorkingSet64 / 1024 / 1024} MB");
        return 0;
    }

    private static LandingTypes TypesOf(string? list) =>
        (list ?? "summative,ica,iab,registration").Split(',').Select(TypeOf)
            .Aggregate(LandingTypes.None, (types, type) => types | type);

    private static LandingTypes TypeOf(string name) => name switch
    {
        "summative" => LandingTypes.Summative,
        "ica" => LandingTypes.InterimComprehensive,
        "iab" => LandingTypes.InterimBlock,
        "registration" => LandingTypes.Registration,
        _ => throw new UsageException($"--types knows summative, ica, iab and registration, not {name}"),
    };
}
