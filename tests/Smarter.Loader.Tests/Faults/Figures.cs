using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

[assembly: AssemblyFixture(typeof(Smarter.Loader.Tests.Faults.InputFigures))]

namespace Smarter.Loader.Tests.Faults;

/// <summary>How long the cases of the test catalogue run: short for every change, at full length in the soak.</summary>
internal static class Soak
{
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable("SMARTER_SOAK") == "1";

    public static T Either<T>(T inTests, T inSoak) => IsOn ? inSoak : inTests;
}

/// <summary>Prints what a case of the test catalogue measured, beside what is expected.</summary>
internal static class Figures
{
    /// <summary>Name of the environment variable with the file that collects the lines of a run;
    /// <c>./smarter test faults</c> prints them.</summary>
    private const string CollectionVariable = "SMARTER_FIGURES";

    private static readonly Lock Writing = new();

    /// <param name="id">Of the catalogue, such as <c>R01</c>.</param>
    /// <param name="what">The fault, and how often it was made.</param>
    public static void Report(string id, string what, string figure, string expected)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"{id}  {what}: {figure}   (expected: {expected})");
        if (Environment.GetEnvironmentVariable(CollectionVariable) is not { Length: > 0 } file)
            return;
        lock (Writing)
            File.AppendAllText(file, $"{id}\t{what}\t{figure}\t{expected}\n");
    }

    public static string Seconds(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");
}

/// <summary>Counts the inputs of each line I01 to I09 and C01 to C05, and prints a figure for each at the end.</summary>
public sealed class InputFigures : IDisposable
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<(bool Passed, TimeSpan Took)>> cases = new();

    /// <summary>Runs the check of one input of the catalogue's line <paramref name="id"/>.</summary>
    public async Task CountAsync(string id, Func<Task> check)
    {
        var counts = cases.GetOrAdd(id, _ => new());
        var watch = Stopwatch.StartNew();
        try
        {
            await check();
            counts.Enqueue((true, watch.Elapsed));
        }
        catch
        {
            counts.Enqueue((false, watch.Elapsed));
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var (id, counts) in cases.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            var right = counts.Count(count => count.Passed);
            Figures.Report(id, TextOf(id),
                $"{right} of {counts.Count} as expected, slowest {Figures.Seconds(counts.Max(count => count.Took))}",
                "every one");
        }
    }

    private static string TextOf(string id) => id switch
    {
        "I01" => "headers bad and good",
        "I02" => "JSON missing, invalid, of another file",
        "I03" => "rows that are no rows",
        "I04" => "dates and numbers in odd forms",
        "I05" => "duplicates and deletes",
        "I06" => "one student told in two ways",
        "I07" => "another state's rows, another tenant's zone",
        "I08" => "nothing to load",
        "I09" => "names of every kind",
        "C01" => "messages damaged or none",
        "C02" => "signers that may not sign",
        "C03" => "archives that explode",
        "C04" => "members that may not be",
        "C05" => "messages of every kind that OpenPGP knows",
        _ => throw new ArgumentException($"{id} is not of the test catalogue"),
    };
}
