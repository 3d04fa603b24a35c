using Dapper;
using Npgsql;
using Smarter.Core;

namespace Smarter.Loader.Staging;

/// <summary>One way in which a file or production writes a school and its district.</summary>
internal readonly record struct SchoolNames(string DistrictName, string SchoolName);

/// <summary>A row of the batch's <c>dim_inst_hier</c>.</summary>
/// <param name="RecordId">Production's own when <paramref name="Status"/> is <see cref="RecStatus.Shadow"/>.</param>
internal sealed record SchoolRow(long RecordId, string DistrictId, string SchoolId, SchoolNames Names, string Status);

/// <summary>
/// The schools of one file, each with one record: production's current one while the names agree, else a new one.
/// Where the file itself disagrees, the names of its last row count (decisions.md §2.6).
/// </summary>
/// <remarks>A state has thousands of schools, so they are kept in memory, up to <see cref="MaxSchools"/>.
/// Safe for several threads.</remarks>
internal sealed class SchoolDirectory
{
    /// <summary>More schools than any state has; a file with more is not believed.</summary>
    public const int MaxSchools = 100_000;

    private const string FindCurrent = """
        SELECT inst_hier_rec_id, district_id, school_id, district_name, school_name
          FROM dim_inst_hier
         WHERE rec_status = 'C' AND state_code = @stateCode
        """;

    private readonly Lock gate = new();
    private readonly Dictionary<(string District, string School), ProductionSchool> production;
    private readonly Dictionary<(string District, string School), School> schools = [];
    private int spellings;

    private SchoolDirectory(IEnumerable<ProductionSchool> production) =>
        this.production = production.ToDictionary(school => (school.DistrictId, school.SchoolId));

    private sealed record ProductionSchool(
        long InstHierRecId, string DistrictId, string SchoolId, string DistrictName, string SchoolName);

    private sealed class School
    {
        /// <summary>Record that facts were given;
        /// the final one differs when the names change within the file.</summary>
        public required long RecordId { get; init; }

        /// <summary>For each spelling the last row of the file that used it, and that row's record id.</summary>
        public Dictionary<SchoolNames, (long Row, long RecordId)> Spellings { get; } = [];
    }

    /// <summary>Starts with no school, for a file that is only checked.</summary>
    public static SchoolDirectory Empty() => new([]);

    /// <summary>Starts with the current schools of production.</summary>
    public static async Task<SchoolDirectory> LoadAsync(
        NpgsqlDataSource production, string stateCode, CancellationToken cancellation)
    {
        await using var connection = await production.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<ProductionSchool>(
            new CommandDefinition(FindCurrent, new { stateCode }, cancellationToken: cancellation));
        return new SchoolDirectory(rows);
    }

    /// <summary>Notes that a row of the file names a school.</summary>
    /// <param name="row">Number of the row.</param>
    /// <param name="rowRecordId">The row's own record id,
    /// which becomes the school's when it needs a new one (loader.md §5.1).</param>
    /// <returns>The record id that the row's fact points to.</returns>
    /// <exception cref="FileRejectedException">5034 when the file names more than <see cref="MaxSchools"/>, each
    /// spelling counted.</exception>
    public long Note(string districtId, string schoolId, SchoolNames names, long row, long rowRecordId)
    {
        lock (gate)
        {
            if (!schools.TryGetValue((districtId, schoolId), out var school))
            {
                school = new School { RecordId = ShadowOf(districtId, schoolId, names) ?? rowRecordId };
                schools.Add((districtId, schoolId), school);
            }
            if (!school.Spellings.TryGetValue(names, out var last) && ++spellings > MaxSchools)
                throw new FileRejectedException(
                    ErrorCode.TooManySchools,
                    $"The file names more than {MaxSchools} schools, or spellings of schools.");
            if (last.Row < row)
                school.Spellings[names] = (row, rowRecordId);
            return school.RecordId;
        }
    }

    /// <summary>The schools as they stand after the last row.</summary>
    /// <returns>The rows of <c>dim_inst_hier</c>,
    /// and the records to replace in facts, from old to new; mostly none.</returns>
    public (IReadOnlyList<SchoolRow> Rows, IReadOnlyDictionary<long, long> Replaced) Finish()
    {
        var rows = new List<SchoolRow>(schools.Count);
        var replaced = new Dictionary<long, long>();
        foreach (var ((districtId, schoolId), school) in schools)
        {
            var (names, last) = school.Spellings.MaxBy(spelling => spelling.Value.Row);
            var shadow = ShadowOf(districtId, schoolId, names);
            var current = production.GetValueOrDefault((districtId, schoolId))?.InstHierRecId;
            var recordId = shadow ?? (school.RecordId == current ? last.RecordId : school.RecordId);
            if (recordId != school.RecordId)
                replaced.Add(school.RecordId, recordId);
            rows.Add(new SchoolRow(
                recordId, districtId, schoolId, names, shadow is null ? RecStatus.Current : RecStatus.Shadow));
        }
        return (rows, replaced);
    }

    /// <returns>Production's record when it has the school under just these names; else null.</returns>
    private long? ShadowOf(string districtId, string schoolId, SchoolNames names) =>
        production.TryGetValue((districtId, schoolId), out var known)
        && names == new SchoolNames(known.DistrictName, known.SchoolName)
            ? known.InstHierRecId
            : null;
}
