using System.Globalization;

namespace Smarter.SampleData.Compare;

/// <summary>
/// What the words in landing files mean, written a second time and from the specification alone
/// (loader.md §2.5 and §5.4, decisions.md §2), so that an error of the loader cannot hide in shared code.
/// </summary>
/// <exception cref="FormatException">The word means nothing here.</exception>
internal static class CellValues
{
    private static readonly string[] DateFormats =
    [
        "yyyyMMdd", "yyyy-MM-dd", "yyyy/MM/dd", "yyyy-MM-ddTHH:mm:ss", "d MMMM yyyy", "d MMM yy", "MM-dd-yyyy",
        "MM/dd/yyyy", "M/d/yy",
    ];

    /// <returns>yyyymmdd.</returns>
    public static string Date(string cell) => DateTime
        .ParseExact(cell.Trim(), DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.None)
        .ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    /// <returns>Two characters: 03, 11, KG.</returns>
    public static string Grade(string cell) => cell.Trim().ToUpperInvariant() is var word && word == "KG" ? word
        : int.TryParse(word, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 13
            ? number.ToString("00", CultureInfo.InvariantCulture)
            : throw new FormatException($"not a grade: {cell}");

    /// <returns>male, female or not_stated, the words of the report's filter.</returns>
    public static string Sex(string cell) => cell.Trim().ToUpperInvariant() switch
    {
        "M" or "MALE" or "B" or "BOY" => "male",
        "F" or "FEMALE" or "G" or "GIRL" => "female",
        "NS" or "NOT SPECIFIED" or "NOT_SPECIFIED" => "not_stated",
        _ => throw new FormatException($"not a gender: {cell}"),
    };

    /// <returns>Null for an empty cell.</returns>
    public static bool? YesNo(string cell) => cell.Trim().ToUpperInvariant() switch
    {
        "" => null,
        "YES" or "Y" or "TRUE" or "T" or "1" => true,
        "NO" or "N" or "FALSE" or "F" or "0" => false,
        _ => throw new FormatException($"neither yes nor no: {cell}"),
    };

    /// <returns>Math or ELA.</returns>
    public static string Subject(string cell) => cell.Trim().ToUpperInvariant() switch
    {
        "MATH" or "MATHEMATICS" => "Math",
        "ELA" or "ENGLISH LANGUAGE ARTS" => "ELA",
        _ => throw new FormatException($"not a subject: {cell}"),
    };

    public static bool IsSummative(string cell) => cell.Trim().ToUpperInvariant() switch
    {
        "SUMMATIVE" => true,
        "INTERIM COMPREHENSIVE" or "INTERIM ASSESSMENT BLOCK" or "INTERIM ASSESSMENT BLOCKS" => false,
        _ => throw new FormatException($"not an assessment type: {cell}"),
    };

    /// <returns>True for a test that counts in the comparison of populations:
    /// under standard or unstated conditions.</returns>
    public static bool ConditionCounts(string cell) => cell.Trim().ToUpperInvariant() switch
    {
        "" or "SD" => true,
        "IN" or "NS" => false,
        _ => throw new FormatException($"not a condition: {cell}"),
    };

    /// <returns>Null for an empty cell.</returns>
    public static bool? Complete(string cell) => cell.Trim().ToUpperInvariant() switch
    {
        "COMPLETE" => true,
        "PARTIAL" => false,
        _ => YesNo(cell),
    };

    public static bool IsDelete(string cell) => cell.Trim().ToUpperInvariant() switch
    {
        "" or "C" or "I" => false,
        "D" => true,
        _ => throw new FormatException($"not an operation: {cell}"),
    };

    /// <returns>0 to 7; 0 when nothing is said.</returns>
    public static int Ethnicity(
        bool? hispanic, bool? americanIndian, bool? asian, bool? black, bool? pacific, bool? white, bool? twoOrMore) =>
        hispanic == true ? 3
        : twoOrMore == true ? 7
        : black == true ? 1
        : asian == true ? 2
        : americanIndian == true ? 4
        : pacific == true ? 5
        : white == true ? 6
        : 0;

    /// <summary>Whether a value that the generator says it spoiled is indeed one that a loader must reject.</summary>
    public static bool IsSpoiled(string kind, string cell)
    {
        try
        {
            switch (kind)
            {
                case "missing_required": return cell.Trim().Length == 0;
                case "too_long": return cell.Length > 35;
                case "fraction" or "not_a_number" or "number_too_large" or "number_too_small":
                    return !short.TryParse(cell, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
                case "year_of_two_digits": return cell.Length != 4;
                case "future_birthdate": return string.CompareOrdinal(Date(cell), "2500") > 0;
                case "unknown_operation": return cell is not ("" or "C" or "I" or "D");
                case "impossible_date" or "not_a_date" or "impossible_birthdate": Date(cell); break;
                case "unknown_gender": Sex(cell); break;
                case "unknown_grade": Grade(cell); break;
                case "unknown_subject": Subject(cell); break;
                case "unknown_type": IsSummative(cell); break;
                case "not_a_boolean": YesNo(cell); break;
                case "unknown_condition": ConditionCounts(cell); break;
                case "unknown_completeness": Complete(cell); break;
                default: throw new InvalidDataException($"unknown kind of planted fault: {kind}");
            }

            return false;
        }
        catch (FormatException)
        {
            return true;
        }
    }
}
