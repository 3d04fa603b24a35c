namespace Smarter.Core;

/// <summary>The derived ethnicity that reports filter on (loader.md §5.4).</summary>
public static class Ethnicity
{
    /// <returns>0 not stated, 1 Black, 2 Asian, 3 Hispanic, 4 American Indian, 5 Pacific Islander,
    /// 6 White, 7 two or more races. Hispanic outranks the rest, then the flag for two or more races,
    /// then the first race in the order of the codes.</returns>
    public static short Derive(
        bool? hispanic, bool? americanIndian, bool? asian, bool? black, bool? pacificIslander, bool? white,
        bool? twoOrMore) =>
        hispanic == true ? (short)3
        : twoOrMore == true ? (short)7
        : black == true ? (short)1
        : asian == true ? (short)2
        : americanIndian == true ? (short)4
        : pacificIslander == true ? (short)5
        : white == true ? (short)6
        : (short)0;
}
