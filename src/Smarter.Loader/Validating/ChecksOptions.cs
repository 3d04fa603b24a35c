namespace Smarter.Loader.Validating;

/// <summary>Checks that data administrators ask for on the site.</summary>
public sealed class ChecksOptions
{
    public const string Section = "Checks";

    /// <summary>Absolute folder shared with the site, which puts the files to check into
    /// <c>&lt;tenant&gt;/&lt;submission id&gt;</c> below it. It must exist before start-up. Null: this loader checks
    /// nothing.</summary>
    public string? Folder { get; init; }
}
