using System.Globalization;
using System.Text;

namespace Smarter.Web.Reports.ComparingPopulations;

/// <summary>A view of the report as an address: the address is the only place where a view is kept.</summary>
/// <param name="AsmtYear">Null for the newest.</param>
internal sealed record ReportAddress(
    string StateCode, string? DistrictId, string? SchoolId, int? AsmtYear,
    OutcomeFilter Filter, RowOrder Order, bool ShowsCounts)
{
    public const string SortParameter = "sort";
    public const string ShowParameter = "show";
    public const string Counts = "counts";

    /// <summary>The path without any parameter.</summary>
    public string Path
    {
        get
        {
            var path = new StringBuilder("/r/").Append(Uri.EscapeDataString(StateCode));
            foreach (var id in new[] { DistrictId, SchoolId }.OfType<string>())
                path.Append('/').Append(Uri.EscapeDataString(id));
            return path.ToString();
        }
    }

    /// <summary>One level down or up: year, filters and the kind of numbers stay, the order does not.</summary>
    public ReportAddress At(string? districtId, string? schoolId) =>
        this with { DistrictId = districtId, SchoolId = schoolId, Order = RowOrder.ByName };

    /// <summary>Name and value of every parameter.</summary>
    public IEnumerable<(string Name, string Value)> Parameters()
    {
        if (AsmtYear is { } year)
            yield return ("asmtYear", year.ToString(CultureInfo.InvariantCulture));
        foreach (var (name, values) in Filter.Values)
            foreach (var value in values)
                yield return (name, value);
        if (Order != RowOrder.ByName)
            yield return (SortParameter, Order.ToString());
        if (ShowsCounts)
            yield return (ShowParameter, Counts);
    }

    public override string ToString()
    {
        var query = string.Join(
            '&', Parameters().Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(parameter.Value)}"));
        return query.Length == 0 ? Path : $"{Path}?{query}";
    }
}
