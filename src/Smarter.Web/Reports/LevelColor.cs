using System.Globalization;

namespace Smarter.Web.Reports;

/// <summary>The fill of one achievement level.</summary>
/// <param name="Fill"><c>#rgb</c> or <c>#rrggbb</c>.</param>
internal sealed record LevelColor(string Fill)
{
    /// <summary>Black or white, whichever contrasts more with the fill (WCAG 2.2, relative luminance).</summary>
    public string Text
    {
        get
        {
            var luminance = Luminance(Fill);
            return (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) ? "#000000" : "#ffffff";
        }
    }

    private static double Luminance(string color)
    {
        var digits = color.Length == 4 ? string.Concat(color[1..].Select(digit => $"{digit}{digit}")) : color[1..];
        double Channel(int at)
        {
            var value = int.Parse(digits.AsSpan(at, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
            return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
        }
        return (0.2126 * Channel(0)) + (0.7152 * Channel(2)) + (0.0722 * Channel(4));
    }
}
