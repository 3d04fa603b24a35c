using System.ComponentModel.DataAnnotations;

namespace Smarter.Web.Reports;

/// <summary>What the reports offer.</summary>
internal sealed class ReportOptions
{
    public const string Section = "Reports";

    /// <summary>How many school years, the newest included, can be chosen. Default 5.</summary>
    [Range(1, 50)]
    public int YearBack { get; init; } = 5;
}
