using System.ComponentModel.DataAnnotations;

namespace Smarter.Loader.Unpacking;

/// <summary>The loader's OpenPGP keys.</summary>
public sealed class GpgOptions
{
    public const string Section = "Gpg";

    /// <summary>Absolute path of the gpg home with the loader's secret key;
    /// <c>tenants/&lt;tenant&gt;.kbx</c> below it is the ring of keys that may sign for a tenant.</summary>
    [Required]
    public required string Home { get; init; }

    /// <summary>File that holds the secret key's passphrase in its first line; null when the key has none.</summary>
    public string? PassphraseFile { get; init; }

    /// <summary>The gpg program. Default: found on the path.</summary>
    [Required]
    public string Program { get; init; } = "gpg";

    /// <summary>Tenants whose files need no trusted signature (decisions.md §2.8). Default none.</summary>
    public IReadOnlyList<string> TenantsWithoutSignature { get; init; } = [];
}
