namespace Smarter.Web.Reports.ComparingPopulations;

/// <summary>How the rows of the page are ordered, written <c>math</c> or, highest first, <c>-math</c>.</summary>
/// <param name="Column"><c>name</c>, <c>math</c>, <c>mathTested</c>, <c>ela</c> or <c>elaTested</c>.</param>
internal sealed record RowOrder(string Column, bool HighestFirst)
{
    public const string Name = "name";
    public const string Tested = "Tested";

    public static readonly RowOrder ByName = new(Name, HighestFirst: false);

    private static readonly string[] Columns =
        [Name, .. SubjectColumn.All.SelectMany(subject => new[] { subject.Key, subject.Key + Tested })];

    /// <returns>The order by name for anything that is not an order.</returns>
    public static RowOrder Parse(string? text)
    {
        var highestFirst = text is ['-', ..];
        var column = highestFirst ? text![1..] : text;
        return Columns.Contains(column) ? new RowOrder(column!, highestFirst) : ByName;
    }

    /// <summary>The order after a click on the header of <paramref name="column"/>.</summary>
    public RowOrder Toggled(string column) => new(column, Column == column && !HighestFirst);

    /// <summary>Orders the rows; rows whose cell is masked or empty come last in both directions, equal ones by
    /// name.</summary>
    public IReadOnlyList<PopulationRecord> Apply(IReadOnlyList<PopulationRecord> records)
    {
        if (Column == Name)
            return HighestFirst ? [.. records.Reverse()] : records;

        int? Key(PopulationRecord record) => ValueOf(record);
        var shownFirst = records.OrderBy(record => Key(record) is null);
        var ordered = HighestFirst ? shownFirst.ThenByDescending(Key) : shownFirst.ThenBy(Key);
        return [.. ordered.ThenBy(record => record.Name, StringComparer.Ordinal)];
    }

    public override string ToString() => HighestFirst ? $"-{Column}" : Column;

    /// <returns>Students tested, or the percentage in the upper half of the levels; null when the cell shows no
    /// result.</returns>
    private int? ValueOf(PopulationRecord record)
    {
        var subject = SubjectColumn.All.Single(known => Column == known.Key || Column == known.Key + Tested);
        var result = record.Results[subject.Alias];
        if (!result.IsShown)
            return null;
        return Column.EndsWith(Tested, StringComparison.Ordinal) ? result.Total : result.UpperShare;
    }
}

/// <summary>A subject of the page.</summary>
/// <param name="Key">In addresses and style sheets.</param>
/// <param name="Alias">In the report.</param>
/// <param name="Label">Key of its name.</param>
internal sealed record SubjectColumn(string Key, string Alias, string Label)
{
    public static readonly IReadOnlyList<SubjectColumn> All =
        [new("math", "subject1", "subj.math"), new("ela", "subject2", "subj.ela")];
}
