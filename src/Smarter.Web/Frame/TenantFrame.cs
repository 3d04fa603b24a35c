namespace Smarter.Web.Frame;

/// <summary>What the layout shows of the tenant whose data the page is about; pages put it into
/// <c>ViewData[TenantFrame.Key]</c>.</summary>
/// <param name="Tenant">Name of the theme style sheet.</param>
/// <param name="Label">At most 50 characters.</param>
/// <param name="LogoPath">A path on this site, or null for the product's own logo.</param>
internal sealed record TenantFrame(string Tenant, string Label, string? LogoPath)
{
    public const string Key = "TenantFrame";

    private const int LongestLabel = 50;

    /// <summary>Cuts <paramref name="label"/> at the end of a word when it is too long.</summary>
    public static TenantFrame Of(string tenant, string label, string? logoPath)
    {
        if (label.Length <= LongestLabel)
            return new TenantFrame(tenant, label, logoPath);
        var end = label.LastIndexOf(' ', LongestLabel - 1);
        return new TenantFrame(tenant, $"{label[..(end > 0 ? end : LongestLabel - 1)]}…", logoPath);
    }
}
