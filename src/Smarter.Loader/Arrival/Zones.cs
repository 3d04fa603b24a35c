using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Smarter.Loader.Batches;

namespace Smarter.Loader.Arrival;

/// <summary>Where the landing zone is.</summary>
public sealed class ZoneOptions
{
    public const string Section = "Zones";

    /// <summary>Absolute folder that holds <c>arrivals</c>, <c>work</c>, <c>history</c> and <c>departures</c>,
    /// on one file system. It must exist before start-up; the four below it are made.</summary>
    [Required]
    public required string Landing { get; init; }
}

/// <summary>The folders of the landing zone (loader.md §4.2).</summary>
internal sealed class Zones
{
    private readonly string root;

    public Zones(IOptions<ZoneOptions> options)
    {
        root = Path.GetFullPath(options.Value.Landing);
        foreach (var zone in new[]
        {
            Arrivals, Path.Combine(root, "work"), Path.Combine(root, "history"), Path.Combine(root, "departures")
        })
            Directory.CreateDirectory(zone);
    }

    public string Arrivals => Path.Combine(root, "arrivals");

    /// <summary>Everything of one batch while it loads; nothing of it is written elsewhere.</summary>
    public string Work(LoadFile file) => Path.Combine(root, "work", file.Tenant, file.WorkFolder);

    /// <summary>The delivered file while it loads.</summary>
    public string Arrived(LoadFile file) => Path.Combine(Work(file), "arrived", file.FileName);

    /// <summary>Where the delivered file is kept for good.</summary>
    public string History(LoadFile file) => Path.Combine(root, "history", file.Tenant, file.WorkFolder);

    /// <summary>Where the submitter finds the receipts.</summary>
    public string Reports(LoadFile file) => Path.Combine(root, "departures", file.Tenant, file.Submitter, "reports");
}
