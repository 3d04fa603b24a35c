using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Xunit.v3;

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

/// <summary>
/// Marks a test, or the rows of a theory by <c>Traits = ["Case", "C01"]</c>, as inputs of a line of the test catalogue:
/// <c>./smarter test faults</c> runs them, and <see cref="InputFigures"/> counts them.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class CatalogueCaseAttribute(params string[] ids) : BeforeAfterTestAttribute, ITraitAttribute
{
    private static readonly ConcurrentDictionary<string, long> Begun = new();

    /// <summary>The ids of the lines; none when each row of the theory has its own.</summary>
    public string[] Ids => ids;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() =>
        [new("Category", "Faults"), .. ids.Select(id => KeyValuePair.Create("Case", id))];

    public override void Before(MethodInfo methodUnderTest, IXunitTest test) =>
        Begun[test.UniqueID] = Stopwatch.GetTimestamp();

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (!Begun.TryRemove(test.UniqueID, out var begun) || !test.Traits.TryGetValue("Case", out var cases))
            return;
        foreach (var id in cases)
            InputFigures.Count(
                id, TestContext.Current.TestState?.Result != TestResult.Failed, Stopwatch.GetElapsedTime(begun));
    }
}

/// <summary>Counts the inputs of each line I01 to I09 and C01 to C05, and prints a figure for each at the end.</summary>
public sealed class InputFigures : IDisposable
{
    private static readonly ConcurrentDictionary<string, ConcurrentQueue<(bool Passed, TimeSpan Took)>> Counts = new();

    public static void Count(string id, bool passed, TimeSpan took) =>
        Counts.GetOrAdd(id, _ => new()).Enqueue((passed, took));

    public void Dispose()
    {
        foreach (var (id, counts) in Counts.OrderBy(one => one.Key, StringComparer.Ordinal))
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
