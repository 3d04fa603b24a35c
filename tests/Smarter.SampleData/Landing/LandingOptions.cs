namespace Smarter.SampleData.Landing;

/// <summary>The kinds of landing file the generator makes.</summary>
[Flags]
public enum LandingTypes
{
    None = 0,

    /// <summary>One file per subject and grade.</summary>
    Summative = 1,

    /// <summary>Interim comprehensive: a quarter of the students, some of them twice on different dates.</summary>
    InterimComprehensive = 2,

    /// <summary>Interim blocks: one block per subject and grade, three students in ten.</summary>
    InterimBlock = 4,

    /// <summary>One file with every student.</summary>
    Registration = 8,

    All = 15,
}

/// <summary>Math and ELA.</summary>
public enum SampleSubject
{
    Math,
    Ela,
}

/// <summary>What the generator makes. The same options give the same bytes, on any machine.</summary>
public sealed record LandingOptions
{
    /// <summary>1 to 99,999,999.</summary>
    public required long Students { get; init; }

    /// <summary>Two capital letters; the value of StateAbbreviation and the prefix of every id.</summary>
    public required string StateCode { get; init; }

    /// <summary>The registration file's StateName.</summary>
    public string StateName { get; init; } = "Example State";

    public int Seed { get; init; } = 1;

    /// <summary>The academic year, named after its spring.</summary>
    public int Year { get; init; } = 2016;

    public LandingTypes Types { get; init; } = LandingTypes.All;

    /// <summary>The share of rows that get one known fault each, 0 to 100.</summary>
    public double ErrorPercent { get; init; }
}

/// <summary>One generated landing file, unpacked in a folder of its own.</summary>
/// <param name="Name">The folder's name, and of the files in it.</param>
/// <param name="PlantedPath">The list of planted faults; null when none were asked for.</param>
/// <param name="Rows">Data rows, the spoiled ones included.</param>
/// <param name="PlantedRows">How many of them a loader must reject.</param>
public sealed record LandingFile(
    string Name, string CsvPath, string JsonPath, string? PlantedPath, long Rows, long PlantedRows);
