using System.Globalization;
using System.Text;

namespace Smarter.SampleData.Population;

/// <summary>
/// A made-up state: its districts and schools, and which run of student numbers goes to which school.
/// </summary>
/// <remarks>
/// A million students make 300 districts and 3,000 schools; both grow with the root of the number of students, so that
/// a small state still has enough of them. District sizes are skewed (the largest has about one school in eighteen),
/// school sizes are log-normal, and one school in twenty-five is so small that its groups fall below any minimum size.
/// </remarks>
internal sealed class SampleState
{
    private const int DistrictStream = 1;
    private const int SchoolStream = 2;

    private static readonly int[] Elementary = [3, 4, 5];
    private static readonly int[] Middle = [6, 7, 8];
    private static readonly int[] High = [11];
    private static readonly int[] MiddleAndHigh = [6, 7, 8, 11];
    private static readonly int[] AllGrades = [3, 4, 5, 6, 7, 8, 11];

    /// <param name="stateCode">Two capital letters; the prefix of every id.</param>
    /// <param name="students">At least 1.</param>
    public SampleState(string stateCode, int seed, long students)
    {
        StateCode = stateCode;
        var districts = (int)Math.Max(3, Math.Round(0.3 * Math.Sqrt(students)));
        Schools = SizeSchools(PlaceSchools(stateCode, seed, districts, 10 * districts), students);
    }

    public string StateCode { get; }

    /// <summary>Ordered by district and school id. Their student numbers follow one another without a gap.</summary>
    public IReadOnlyList<SampleSchool> Schools { get; }

    private static List<(SampleSchool School, double Weight)> PlaceSchools(
        string stateCode, int seed, int districts, int schools)
    {
        var shares = Enumerable.Range(1, districts).Select(rank => Math.Pow(rank + 1.5, -0.85)).ToArray();
        var all = shares.Sum();
        var placed = new List<(SampleSchool, double)>();
        for (var district = 1; district <= districts; district++)
        {
            var draw = SeededDraw.For(seed, DistrictStream, district);
            var count = Math.Max(1, (int)Math.Round(shares[district - 1] / all * schools));
            var districtId = string.Create(CultureInfo.InvariantCulture, $"{stateCode}-D{district:0000}");
            var districtName = SampleNames.Place(district) + (draw.Below(3) switch
            {
                0 => " Unified",
                1 => " School District",
                _ => " Public Schools",
            });
            var districtMean = 0.25 * draw.Normal();
            var interimOnly = district % 15 == 4;
            var spans = Enumerable.Range(0, count).Select(school => SpanOf(school, count)).ToArray();
            for (var school = 1; school <= count; school++)
            {
                var schoolDraw = SeededDraw.For(seed, SchoolStream, district * 100_000L + school);
                var grades = spans[school - 1];
                // The schools of one span share its grades, so that every grade of the state has as many students.
                var weight = shares[district - 1] * grades.Length / spans.Count(span => span == grades)
                    * Math.Exp(0.45 * schoolDraw.Normal());
                if (schoolDraw.Chance(0.04))
                    weight *= 0.04;
                placed.Add((new SampleSchool
                {
                    DistrictId = districtId,
                    DistrictName = districtName,
                    SchoolId = string.Create(CultureInfo.InvariantCulture, $"{districtId}-S{school:00}"),
                    SchoolName = SampleNames.Place(district * 13 + school * 7) + SuffixOf(grades),
                    Grades = grades,
                    Mean = districtMean + 0.3 * schoolDraw.Normal(),
                    InterimOnly = interimOnly || schoolDraw.Chance(0.03),
                    PadsGrades = !schoolDraw.Chance(0.05),
                    StateCode = stateCode,
                }, weight));
            }
        }

        return placed;
    }

    private static List<SampleSchool> SizeSchools(List<(SampleSchool School, double Weight)> placed, long students)
    {
        var all = placed.Sum(entry => entry.Weight);
        var sized = new List<SampleSchool>(placed.Count);
        var (running, first) = (0.0, 1L);
        foreach (var (school, weight) in placed)
        {
            running += weight;
            var last = sized.Count == placed.Count - 1 ? students : (long)Math.Round(running / all * students);
            sized.Add(school.WithStudents(first, Math.Max(last, first - 1)));
            first = Math.Max(last + 1, first);
        }

        return sized;
    }

    private static int[] SpanOf(int school, int schools) => schools switch
    {
        1 => AllGrades,
        2 => school == 0 ? Elementary : MiddleAndHigh,
        _ => (school % 7) switch
        {
            1 or 5 => Middle,
            2 => High,
            _ => Elementary,
        },
    };

    private static string SuffixOf(int[] grades) => grades switch
    {
        _ when grades == Elementary => " Elementary",
        _ when grades == Middle => " Middle",
        _ when grades == High => " High",
        _ when grades == MiddleAndHigh => " Middle and High",
        _ => " School",
    };
}

/// <summary>One school of a made-up state and the run of student numbers that go to it.</summary>
internal sealed record SampleSchool
{
    public required string StateCode { get; init; }

    public required string DistrictId { get; init; }

    public required string DistrictName { get; init; }

    public required string SchoolId { get; init; }

    public required string SchoolName { get; init; }

    /// <summary>Ascending; from 3, 4, 5, 6, 7, 8 and 11.</summary>
    public required int[] Grades { get; init; }

    /// <summary>How far the school's mean lies from the state's, in standard deviations of students.</summary>
    public required double Mean { get; init; }

    /// <summary>True when nobody here takes a summative assessment.</summary>
    public required bool InterimOnly { get; init; }

    /// <summary>Whether its files write <c>03</c> or <c>3</c>; both are allowed.</summary>
    public required bool PadsGrades { get; init; }

    public long FirstStudent { get; private init; }

    /// <summary>Less than <see cref="FirstStudent"/> when nobody goes to the school.</summary>
    public long LastStudent { get; private init; }

    /// <summary>The five cells of state, district and school, each with its comma.</summary>
    public byte[] AssessmentPrefix { get; private init; } = [];

    /// <summary>The cells of the place where an assessment is taken, each with its comma.</summary>
    public byte[] LocationCells { get; private init; } = [];

    /// <summary>The school's id, the start of its student groups' ids.</summary>
    public byte[] IdBytes { get; private init; } = [];

    public SampleSchool WithStudents(long first, long last)
    {
        var institution = $"{DistrictId},{DistrictName},{SchoolId},{SchoolName},";
        return this with
        {
            FirstStudent = first,
            LastStudent = last,
            AssessmentPrefix = Encoding.UTF8.GetBytes($"{StateCode},{institution}"),
            LocationCells = Encoding.UTF8.GetBytes($"{SchoolId},{SchoolName},"),
            IdBytes = Encoding.UTF8.GetBytes(SchoolId),
        };
    }
}
