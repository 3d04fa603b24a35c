using System.ComponentModel.DataAnnotations;

namespace Smarter.Web.Submissions;

/// <summary>Where files that data administrators want checked are put for the loader, and how much of them.</summary>
internal sealed class ChecksOptions
{
    public const string Section = "Checks";

    /// <summary>Absolute folder shared with the loader; it must exist before start-up. Null: no file can be checked on
    /// this site.</summary>
    public string? Folder { get; init; }

    /// <summary>Most bytes of one check, all its files together. 1 KiB to 1 TiB; default 2 GiB.</summary>
    [Range(1024, 1L << 40)]
    public long MaxBytes { get; init; } = 2L << 30;

    /// <summary>How many checks one person may have under way, uploads included. 1 to 100; default 3.</summary>
    [Range(1, 100)]
    public int MaxUnderWay { get; init; } = 3;
}
