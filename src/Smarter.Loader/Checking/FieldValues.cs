using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Smarter.Loader.Checking;

/// <summary>Reads single CSV values.
/// Words are matched whole and in any case (decisions.md §2.3); nothing is guessed.</summary>
internal static class FieldValues
{
    private static readonly string[] TimesOfDay = ["HH:mmK", "HH:mm:ssK", "HH:mm:ss.FFFFFFFK"];

    /// <returns>The two-character grade, <c>KG</c> or 01 to 13; null when it is none.</returns>
    public static (byte First, byte Second)? Grade(ReadOnlySpan<byte> value)
    {
        if (value.Length == 1 && value[0] is >= (byte)'1' and <= (byte)'9')
            return ((byte)'0', value[0]);
        if (value.Length != 2)
            return null;
        return (value[0], value[1]) switch
        {
            ((byte)'0', >= (byte)'1' and <= (byte)'9')
                or ((byte)'1', >= (byte)'0' and <= (byte)'3') => (value[0], value[1]),
            ((byte)'K' or (byte)'k', (byte)'G' or (byte)'g') => ((byte)'K', (byte)'G'),
            _ => null,
        };
    }

    /// <returns>True or false for N, No, F, False, 0 and Y, Yes, T, True, 1; null for anything else.</returns>
    public static bool? YesNo(ReadOnlySpan<byte> value) => value.Length switch
    {
        1 => value[0] switch
        {
            (byte)'Y' or (byte)'y' or (byte)'T' or (byte)'t' or (byte)'1' => true,
            (byte)'N' or (byte)'n' or (byte)'F' or (byte)'f' or (byte)'0' => false,
            _ => null,
        },
        2 => Is(value, "no"u8) ? false : null,
        3 => Is(value, "yes"u8) ? true : null,
        4 => Is(value, "true"u8) ? true : null,
        5 => Is(value, "false"u8) ? false : null,
        _ => null,
    };

    /// <returns>True for Complete, false for Partial, or a boolean word; null for anything else.</returns>
    public static bool? Completeness(ReadOnlySpan<byte> value) =>
        Is(value, "complete"u8) ? true
        : Is(value, "partial"u8) ? false
        : Is(value, "on"u8) ? true
        : Is(value, "off"u8) ? false
        : YesNo(value);

    /// <returns>The stored word <c>male</c>, <c>female</c> or <c>NS</c>;
    /// empty when the value is none of the known ones.</returns>
    public static ReadOnlySpan<byte> Gender(ReadOnlySpan<byte> value) => value.Length switch
    {
        1 when Is(value, "f"u8) || Is(value, "g"u8) => "female"u8,
        1 when Is(value, "m"u8) || Is(value, "b"u8) => "male"u8,
        3 when Is(value, "boy"u8) => "male"u8,
        4 when Is(value, "male"u8) => "male"u8,
        4 when Is(value, "girl"u8) => "female"u8,
        6 when Is(value, "female"u8) => "female"u8,
        _ => Is(value, "ns"u8) || Is(value, "not specified"u8) || Is(value, "not_specified"u8) ? "NS"u8 : default,
    };

    /// <returns><c>male</c> or <c>female</c>, the only two words of a registration; empty when unknown.</returns>
    public static ReadOnlySpan<byte> MaleOrFemale(ReadOnlySpan<byte> value)
    {
        if (Is(value, "female"u8))
            return "female"u8;
        return Is(value, "male"u8) ? "male"u8 : default;
    }

    /// <returns>One of the three stored names (Smarter.Core.AssessmentType); empty when unknown.</returns>
    public static ReadOnlySpan<byte> AssessmentType(ReadOnlySpan<byte> value)
    {
        if (Is(value, "SUMMATIVE"u8))
            return "SUMMATIVE"u8;
        if (Is(value, "INTERIM COMPREHENSIVE"u8))
            return "INTERIM COMPREHENSIVE"u8;
        return Is(value, "INTERIM ASSESSMENT BLOCKS"u8) || Is(value, "INTERIM ASSESSMENT BLOCK"u8)
            ? "INTERIM ASSESSMENT BLOCKS"u8
            : default;
    }

    /// <returns><c>Math</c> or <c>ELA</c>; empty when unknown.</returns>
    public static ReadOnlySpan<byte> Subject(ReadOnlySpan<byte> value)
    {
        if (Is(value, "math"u8) || Is(value, "mathematics"u8))
            return "Math"u8;
        return Is(value, "ela"u8) || Is(value, "english language arts"u8) ? "ELA"u8 : default;
    }

    /// <returns><c>SD</c>, <c>NS</c> or <c>IN</c>; empty when unknown.</returns>
    public static ReadOnlySpan<byte> Condition(ReadOnlySpan<byte> value)
    {
        if (Is(value, "SD"u8))
            return "SD"u8;
        if (Is(value, "NS"u8))
            return "NS"u8;
        return Is(value, "IN"u8) ? "IN"u8 : default;
    }

    /// <returns>The staging status: <c>C</c> for C and I, <c>W</c> for D; empty when unknown.</returns>
    public static ReadOnlySpan<byte> Operation(ReadOnlySpan<byte> value)
    {
        if (Is(value, "C"u8) || Is(value, "I"u8))
            return "C"u8;
        return Is(value, "D"u8) ? "W"u8 : default;
    }

    /// <summary>Reads a number of one to four digits, as most are written, without a branch for each.</summary>
    /// <param name="text">The text that the number is a part of.</param>
    /// <returns>The number; -1 for anything else, and where the text ends before four bytes can be read.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int FewDigits(ReadOnlySpan<byte> text, int start, int end)
    {
        var length = end - start;
        if ((uint)(length - 1) >= sizeof(uint) || text.Length - start < sizeof(uint))
            return -1;
        // The first digit is the lowest byte. What stands behind the last is shifted out; zeros come before the first.
        var digits = (BinaryPrimitives.ReadUInt32LittleEndian(text[start..]) ^ 0x30303030) << (32 - 8 * length);
        if (((digits + 0x76767676 | digits) & 0x80808080) != 0)
            return -1;
        var pairs = (digits * 10 + (digits >> 8)) & 0x00FF00FF;
        return (int)((pairs * 100 + (pairs >> 16)) & 0xFFFF);
    }

    /// <summary>Reads an optional sign and ASCII digits.</summary>
    /// <returns>The number; null when the text is no integer,
    /// <see cref="int.MaxValue"/> when it has more than nine digits.</returns>
    public static int? Integer(ReadOnlySpan<byte> value)
    {
        var negative = value is [(byte)'-', ..];
        if (value is [(byte)'-' or (byte)'+', ..])
            value = value[1..];
        if (value.IsEmpty)
            return null;
        var number = 0;
        foreach (var character in value)
        {
            var digit = character - '0';
            if ((uint)digit > 9)
                return null;
            number = number >= 100_000_000 ? int.MaxValue : number * 10 + digit;
            if (number == int.MaxValue)
                return value.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0 ? int.MaxValue : null;
        }
        return negative ? -number : number;
    }

    /// <summary>Reads a date in the form in which it is stored, eight digits at once.</summary>
    /// <returns>The day as the number yyyymmdd; -1 when the text has another form or is no calendar day.</returns>
    public static int StoredDay(ReadOnlySpan<byte> value)
    {
        if (value.Length != sizeof(ulong))
            return -1;
        var digits = BinaryPrimitives.ReadUInt64LittleEndian(value) ^ 0x3030303030303030;
        if (((digits + 0x7676767676767676 | digits) & 0x8080808080808080) != 0)
            return -1;
        var pairs = (digits * 10 + (digits >> 8)) & 0x00FF00FF00FF00FF; // century, year, month, day
        var year = (int)((pairs & 0xFF) * 100 + (pairs >> 16 & 0xFF));
        var month = (int)(pairs >> 32 & 0xFF);
        var day = (int)(pairs >> 48);
        return IsDay(year, month, day) ? year * 10_000 + month * 100 + day : -1;
    }

    /// <summary>
    /// Reads a date of decisions.md §2.3: <c>yyyymmdd</c>, <c>yyyy-mm-dd</c> and <c>yyyy/mm/dd</c>
    /// (also followed by a time), <c>dd Month yyyy</c>, <c>dd Mon yy</c>, <c>mm-dd-yyyy</c>, <c>mm/dd/yyyy</c>.
    /// </summary>
    /// <param name="value">The text, trimmed.</param>
    /// <param name="birthBefore">For a birth date the first day that is in the future; then <c>m/d/yy</c> is read too,
    /// two-digit years mean the past, and a future date is refused. Null for other dates.</param>
    /// <returns>The date; null when the text is no date of these forms or no day of the calendar.</returns>
    public static DateOnly? Date(ReadOnlySpan<byte> value, DateOnly? birthBefore)
    {
        var date = value.Length == 8 && !value.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            ? Day(Digits(value[..4]), Digits(value[4..6]), Digits(value[6..]))
            : value.IndexOf((byte)' ') is > 0 and <= 2 ? WrittenOut(value, birthBefore) : Separated(value, birthBefore);
        return date >= birthBefore ? null : date;
    }

    private static DateOnly? Separated(ReadOnlySpan<byte> value, DateOnly? birthBefore)
    {
        var separator = value.IndexOf((byte)'-') >= 0 && value.IndexOf((byte)'/') < 0
            || value is [_, _, _, _, (byte)'-', ..]
            ? (byte)'-'
            : (byte)'/';
        var first = value.IndexOf(separator);
        if (first < 0)
            return null;
        var second = value[(first + 1)..].IndexOf(separator) + first + 1;
        if (second <= first)
            return null;
        var a = value[..first];
        var b = value[(first + 1)..second];
        var c = value[(second + 1)..];
        if (a.Length == 4)
            return Day(Digits(a), Digits(b), Digits(WithoutTime(c)));
        return c.Length switch
        {
            4 => Day(Digits(c), Digits(a), Digits(b)),
            2 when separator == '/' && birthBefore is { } limit && Digits(c) is { } year =>
                Past(year, Digits(a), Digits(b), limit),
            _ => null,
        };
    }

    private static DateOnly? WrittenOut(ReadOnlySpan<byte> value, DateOnly? birthBefore)
    {
        var dayEnd = value.IndexOf((byte)' ');
        var yearStart = value.LastIndexOf((byte)' ');
        if (yearStart <= dayEnd)
            return null;
        var month = Month(value[(dayEnd + 1)..yearStart]);
        var year = value[(yearStart + 1)..];
        var day = Digits(value[..dayEnd]);
        return year.Length switch
        {
            4 => Day(Digits(year), month, day),
            2 when Digits(year) is { } two => birthBefore is { } limit
                ? Past(two, month, day, limit)
                : Day(two < 70 ? 2000 + two : 1900 + two, month, day),
            _ => null,
        };
    }

    /// <summary>A two-digit year of a birth date is the latest such year that is not in the future.</summary>
    private static DateOnly? Past(int twoDigitYear, int? month, int? day, DateOnly limit)
    {
        var date = Day(2000 + twoDigitYear, month, day);
        return date < limit ? date : Day(1900 + twoDigitYear, month, day);
    }

    private static int? Month(ReadOnlySpan<byte> name)
    {
        Span<char> text = stackalloc char[10];
        if (name.Length is < 3 or > 9 || Encoding.ASCII.GetChars(name, text) is var length && length < 3)
            return null;
        var names = CultureInfo.InvariantCulture.DateTimeFormat;
        for (var month = 0; month < 12; month++)
        {
            if (text[..length].Equals(names.MonthNames[month], StringComparison.OrdinalIgnoreCase)
                || text[..length].Equals(names.AbbreviatedMonthNames[month], StringComparison.OrdinalIgnoreCase))
                return month + 1;
        }
        return null;
    }

    private static ReadOnlySpan<byte> WithoutTime(ReadOnlySpan<byte> day)
    {
        const int longest = 32;
        var at = day.IndexOfAny((byte)'T', (byte)' ');
        if (at <= 0 || day.Length - at > longest)
            return day;
        Span<char> time = stackalloc char[longest];
        time = time[..Encoding.Latin1.GetChars(day[(at + 1)..], time)];
        return DateTimeOffset.TryParseExact(time, TimesOfDay, CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
            ? day[..at]
            : day;
    }

    private static int? Digits(ReadOnlySpan<byte> digits) =>
        digits.Length is > 0 and <= 4 && !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            ? Integer(digits)
            : null;

    private static DateOnly? Day(int? year, int? month, int? day) =>
        year is { } y && month is { } m && day is { } d && IsDay(y, m, d) ? new DateOnly(y, m, d) : null;

    private static bool IsDay(int year, int month, int day) =>
        year is >= 1 and <= 9999 && month is >= 1 and <= 12
            && day >= 1 && (day <= 28 || day <= DateTime.DaysInMonth(year, month));

    private static bool Is(ReadOnlySpan<byte> value, ReadOnlySpan<byte> word) =>
        value.Length == word.Length && Ascii.EqualsIgnoreCase(value, word);
}
