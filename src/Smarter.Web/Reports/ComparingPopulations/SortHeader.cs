namespace Smarter.Web.Reports.ComparingPopulations;

/// <summary>The header of a column, which is a link that orders the rows by it.</summary>
/// <param name="Column">As in <see cref="RowOrder"/>.</param>
/// <param name="Css">Class of the header cell.</param>
internal sealed record SortHeader(
    ReportAddress Address, string Column, string Label, string Css, int RowSpan, int ColumnSpan)
{
    public bool IsSorted => Address.Order.Column == Column;

    /// <summary>Value of <c>aria-sort</c>.</summary>
    public string AriaSort => !IsSorted ? "none" : Address.Order.HighestFirst ? "descending" : "ascending";

    public ReportAddress Link => Address with { Order = Address.Order.Toggled(Column) };
}
