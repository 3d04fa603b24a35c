using System.Globalization;
using Smarter.Web.Texts;

namespace Smarter.Web.Reports.ComparingPopulations;

/// <summary>One row's results in one subject, ready to be drawn.</summary>
/// <param name="RowName">As the row's header reads.</param>
internal sealed record Cell(string RowName, SubjectColumn Subject, SubjectResult Result)
{
    /// <summary>Narrower segments, in percent, carry no digit.</summary>
    private const int NarrowestLabel = 6;

    /// <summary>Key of the text that stands instead of numbers; null when numbers are shown (ui.md §3.1,
    /// precedence).</summary>
    public string? StateKey => Result switch
    {
        { HasInterim: true } => "state.interimOnly",
        { Total: < 0 } => "state.suppressed",
        { Total: 0 } => "state.noData",
        _ => null,
    };

    /// <summary>The cell's state for programs that read the page: shown, suppressed, interim or none.</summary>
    public string State => StateKey switch
    {
        "state.interimOnly" => "interim",
        "state.suppressed" => "suppressed",
        "state.noData" => "none",
        _ => "shown",
    };

    /// <summary>Everything that the bar shows, as one sentence.</summary>
    public string Sentence(TextBundle texts) => texts["bar.sentence",
        ("subject", texts[Subject.Label]),
        ("name", RowName),
        ("n", texts.Number(Result.Total)),
        ("levels", string.Join(", ", Result.Intervals.Select(interval => texts["bar.level",
            ("p", interval.Percentage),
            ("level", texts["level", ("n", interval.Level)]),
            ("n", texts.Number(interval.Count!.Value))])))];

    /// <summary><c>L1 11 · L2 39 · L3 36 · L4 14 %</c></summary>
    public string NumberLine(TextBundle texts) =>
        string.Join(" · ", Result.Intervals.Select(interval =>
            $"{texts["level.short", ("n", interval.Level)]} {interval.Percentage}")) + " %";

    /// <summary>The segments from left to right; levels without students have none.</summary>
    public IEnumerable<Segment> Segments()
    {
        var start = 0;
        foreach (var interval in Result.Intervals)
        {
            if (interval.Percentage > 0)
                yield return new Segment(
                    interval.Level, start, interval.Percentage, interval.Percentage >= NarrowestLabel);
            start += interval.Percentage;
        }
    }
}

/// <param name="Start">Percent from the left edge.</param>
/// <param name="Width">Percent.</param>
/// <param name="IsLabelled">Whether the level's digit has room in it.</param>
internal sealed record Segment(int Level, int Start, int Width, bool IsLabelled)
{
    /// <summary>Percent from the left edge, with a decimal point in every language.</summary>
    public string Middle => (Start + (Width / 2.0)).ToString(CultureInfo.InvariantCulture);
}
