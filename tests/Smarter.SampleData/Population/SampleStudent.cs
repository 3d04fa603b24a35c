namespace Smarter.SampleData.Population;

/// <summary>Yes, no, or not stated (an empty cell).</summary>
internal enum Answer : byte
{
    No,
    Yes,
    NotStated,
}

/// <summary>Everything about one made-up student, computed from the seed and the student's number alone.</summary>
internal readonly struct SampleStudent
{
    private const int GradeStream = 3;
    private const int StudentStream = 4;

    /// <summary>
    /// Not stated, Black, Asian, Hispanic, American Indian, Pacific Islander, White, two or more; of 1,000 students.
    /// </summary>
    private static readonly int[] EthnicityShares = [20, 140, 70, 260, 10, 4, 460, 36];

    /// <summary>The student's place in the state, from 1.</summary>
    public required long Number { get; init; }

    /// <summary>3 to 8, or 11.</summary>
    public required int Grade { get; init; }

    /// <summary>0 female, 1 male, 2 not stated.</summary>
    public required int Sex { get; init; }

    /// <summary>Which of the ways to write the sex the student's rows use; 0 to 99.</summary>
    public required int SexSpelling { get; init; }

    /// <summary>The derived ethnicity, 0 to 7 (loader.md §5.4).</summary>
    public required int Ethnicity { get; init; }

    /// <summary>
    /// Race flags set beside the one that decides; one bit per column in CSV order, Hispanic = bit 0.
    /// </summary>
    public required int EthnicityFlags { get; init; }

    public required Answer Iep { get; init; }

    public required Answer Lep { get; init; }

    public required Answer Section504 { get; init; }

    public required Answer Disadvantaged { get; init; }

    public required Answer Migrant { get; init; }

    /// <summary>Position in <see cref="SampleNames.First"/>.</summary>
    public required int FirstName { get; init; }

    /// <summary>Position in <see cref="SampleNames.First"/>; -1 for none.</summary>
    public required int MiddleName { get; init; }

    /// <summary>Position in <see cref="SampleNames.Last"/>.</summary>
    public required int LastName { get; init; }

    /// <summary>Null when not known.</summary>
    public required DateOnly? Birthdate { get; init; }

    /// <summary>The class group, 0 to 3.</summary>
    public required int Room { get; init; }

    public required bool InReadingGroup { get; init; }

    /// <summary>Distance from the state's mean in standard deviations, the school's part included.</summary>
    public required double Ability { get; init; }

    /// <summary>The grade alone, for passes that look for the students of one grade.</summary>
    public static int GradeOf(int seed, SampleSchool school, long number) =>
        school.Grades[SeededDraw.For(seed, GradeStream, number).Below(school.Grades.Length)];

    /// <param name="year">The academic year's spring.</param>
    public static SampleStudent Describe(int seed, SampleSchool school, long number, int grade, int year)
    {
        var draw = SeededDraw.For(seed, StudentStream, number);
        var ethnicity = PickEthnicity(draw.Below(1000));
        var sex = draw.Below(1000) switch { < 490 => 0, < 985 => 1, _ => 2 };
        var spelling = draw.Below(100);
        var lep = Ask(ref draw, ethnicity switch { 3 => 0.30, 2 => 0.20, 5 => 0.15, _ => 0.02 }, 0.03);
        var disadvantaged = Ask(
            ref draw, ethnicity switch { 3 => 0.70, 1 => 0.68, 4 => 0.65, 5 => 0.60, 6 => 0.35, _ => 0.40 }, 0.02);
        var iep = Ask(ref draw, 0.13, 0.03);
        var effects = (lep == Answer.Yes ? -0.6 : 0) + (iep == Answer.Yes ? -0.7 : 0)
            + (disadvantaged == Answer.Yes ? -0.25 : 0.15);
        return new SampleStudent
        {
            Number = number,
            Grade = grade,
            Sex = sex,
            SexSpelling = spelling,
            Ethnicity = ethnicity,
            EthnicityFlags = FlagsOf(ethnicity, ref draw),
            Iep = iep,
            Lep = lep,
            Section504 = Ask(ref draw, 0.045, 0.04),
            Disadvantaged = disadvantaged,
            Migrant = Ask(ref draw, 0.012, 0.02),
            FirstName = draw.Below(SampleNames.First.Length),
            MiddleName = draw.Chance(0.6) ? -1 : draw.Below(SampleNames.First.Length),
            LastName = draw.Below(SampleNames.Last.Length),
            Birthdate = BirthdateOf(grade, year, ref draw),
            Room = draw.Below(4),
            InReadingGroup = draw.Chance(0.15),
            Ability = school.Mean + effects + 0.85 * draw.Normal(),
        };
    }

    private static Answer Ask(ref SeededDraw draw, double yes, double notStated)
    {
        var unit = draw.Unit();
        return unit < yes ? Answer.Yes : unit < yes + notStated ? Answer.NotStated : Answer.No;
    }

    private static int PickEthnicity(int point)
    {
        var ethnicity = 0;
        while (point >= EthnicityShares[ethnicity])
            point -= EthnicityShares[ethnicity++];
        return ethnicity;
    }

    // CSV order: 0 Hispanic, 1 American Indian, 2 Asian, 3 Black, 4 Pacific Islander, 5 White, 6 two or more races.
    private static int FlagsOf(int ethnicity, ref SeededDraw draw)
    {
        var race = draw.Below(5);
        return ethnicity switch
        {
            1 => 1 << 3,
            2 => 1 << 2,
            3 => 1 | (race == 0 ? 1 << 5 : race == 1 ? 1 << 3 : 0),
            4 => 1 << 1,
            5 => 1 << 4,
            6 => 1 << 5,
            7 => (1 << 6) | (1 << 5) | (2 << race & 0b11110),
            _ => 0,
        };
    }

    private static DateOnly? BirthdateOf(int grade, int year, ref SeededDraw draw)
    {
        var firstDay = new DateOnly(year - grade - 7, 9, 1).AddDays(draw.Below(365));
        var fate = draw.Below(1000);
        return fate < 3 ? null : fate < 30 ? firstDay.AddYears(-1) : firstDay;
    }
}
