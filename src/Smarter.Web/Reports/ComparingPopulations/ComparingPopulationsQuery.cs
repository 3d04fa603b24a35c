using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;
using Smarter.Core;
using Smarter.Database;

namespace Smarter.Web.Reports.ComparingPopulations;

/// <summary>Everything that one report needs from the warehouse.</summary>
/// <param name="Years">Newest first.</param>
/// <param name="Year">The year reported; null when the warehouse has no assessment yet.</param>
/// <param name="Place">Null when the state, district or school is unknown.</param>
/// <param name="Counts">Outcomes under the request's filter.</param>
/// <param name="UnfilteredCounts">The same without the filter; null when the request has none.</param>
/// <param name="Interim">Where interim results exist; empty when the request has a filter.</param>
internal sealed record ComparingPopulationsRows(
    IReadOnlyList<int> Years,
    int? Year,
    CustomMetadata Metadata,
    Place? Place,
    IReadOnlyList<LevelCount> Counts,
    IReadOnlyList<LevelCount>? UnfilteredCounts,
    IReadOnlyList<InterimPresence> Interim,
    NotStated NotStated);

/// <summary>How many outcomes of a district, school or grade reached a level.</summary>
internal sealed record LevelCount(string Id, string Name, string Subject, int Level, int Outcomes);

/// <summary>A district, school or grade has interim results in a subject.</summary>
internal sealed record InterimPresence(string Id, string Name, string Subject);

/// <summary>Summative outcomes of the place, and how many of them say nothing about an attribute. No filter applies,
/// and every administration condition counts (reporting.md §2.1).</summary>
internal sealed record NotStated(
    int Total, int Ethnicity, int Sex, int DmgPrg504, int DmgPrgIep, int DmgPrgLep, int DmgStsMig)
{
    public static readonly NotStated Nothing = new(0, 0, 0, 0, 0, 0, 0);
}

/// <summary>Counts outcomes by achievement level, for districts, schools or grades (reporting.md §2.2, §2.3).</summary>
internal sealed class ComparingPopulationsQuery(Databases databases, IOptions<ReportOptions> options)
{
    private const string SelectYears = """
        SELECT DISTINCT asmt_period_year::int AS year
          FROM dim_asmt
         ORDER BY year DESC
         LIMIT @yearBack
        """;

    private const string SelectMetadata =
        "SELECT asmt_custom_metadata FROM custom_metadata WHERE state_code = @stateCode";

    private const string SelectPlace = """
        SELECT district_name, school_name
          FROM dim_inst_hier
         WHERE rec_status = 'C'
           AND state_code = @stateCode
           AND (@districtId::text IS NULL OR district_id = @districtId)
           AND (@schoolId::text IS NULL OR school_id = @schoolId)
         ORDER BY inst_hier_rec_id
         LIMIT 1
        """;

    /// <summary>Counts first and joins afterwards: the hierarchy is small, the facts are not.</summary>
    private const string CountOutcomes = """
        WITH counted AS (
            SELECT f.inst_hier_rec_id, f.asmt_grade, f.asmt_subject, f.asmt_perf_lvl, count(*) AS outcomes
              FROM fact_asmt_outcome_vw f
             WHERE f.rec_status = 'C'
               AND f.asmt_type = 'SUMMATIVE'
               AND f.asmt_year = @asmtYear
               AND f.asmt_subject IN ('Math', 'ELA')
               AND (f.administration_condition IS NULL OR f.administration_condition = 'SD')
               AND f.state_code = @stateCode
        """;

    private const string CountedUntilHere = """

             GROUP BY f.inst_hier_rec_id, f.asmt_grade, f.asmt_subject, f.asmt_perf_lvl)

        """;

    private const string ByDistrict = """
        SELECT h.district_id AS id, h.district_name AS name, c.asmt_subject AS subject, c.asmt_perf_lvl::int AS level,
               sum(c.outcomes)::int AS outcomes
          FROM counted c
          JOIN dim_inst_hier h ON h.inst_hier_rec_id = c.inst_hier_rec_id
         GROUP BY 1, 2, 3, 4
         ORDER BY name, id, level
        """;

    private const string BySchool = """
        SELECT h.school_id AS id, h.school_name AS name, c.asmt_subject AS subject, c.asmt_perf_lvl::int AS level,
               sum(c.outcomes)::int AS outcomes
          FROM counted c
          JOIN dim_inst_hier h ON h.inst_hier_rec_id = c.inst_hier_rec_id
         GROUP BY 1, 2, 3, 4
         ORDER BY name, id, level
        """;

    private const string ByGrade = """
        SELECT c.asmt_grade AS id, c.asmt_grade AS name, c.asmt_subject AS subject, c.asmt_perf_lvl::int AS level,
               sum(c.outcomes)::int AS outcomes
          FROM counted c
         GROUP BY 1, 2, 3, 4
         ORDER BY name, level
        """;

    private const string FindInterim = """
        WITH interim AS (
            SELECT f.inst_hier_rec_id, f.asmt_grade, f.asmt_subject
              FROM (SELECT inst_hier_rec_id, asmt_grade, asmt_subject, state_code, district_id, school_id
                      FROM fact_asmt_outcome_vw
                     WHERE rec_status = 'C' AND asmt_type = 'INTERIM COMPREHENSIVE' AND asmt_year = @asmtYear
                     UNION ALL
                    SELECT inst_hier_rec_id, asmt_grade, asmt_subject, state_code, district_id, school_id
                      FROM fact_block_asmt_outcome
                     WHERE rec_status = 'C' AND asmt_type = 'INTERIM ASSESSMENT BLOCKS' AND asmt_year = @asmtYear) f
             WHERE f.state_code = @stateCode
               AND f.asmt_subject IN ('Math', 'ELA')
        """;

    private const string InterimUntilHere = """

             GROUP BY f.inst_hier_rec_id, f.asmt_grade, f.asmt_subject)

        """;

    private const string InterimByDistrict = """
        SELECT DISTINCT h.district_id AS id, h.district_name AS name, i.asmt_subject AS subject
          FROM interim i
          JOIN dim_inst_hier h ON h.inst_hier_rec_id = i.inst_hier_rec_id
         ORDER BY name, id
        """;

    private const string InterimBySchool = """
        SELECT DISTINCT h.school_id AS id, h.school_name AS name, i.asmt_subject AS subject
          FROM interim i
          JOIN dim_inst_hier h ON h.inst_hier_rec_id = i.inst_hier_rec_id
         ORDER BY name, id
        """;

    private const string InterimByGrade = """
        SELECT DISTINCT i.asmt_grade AS id, i.asmt_grade AS name, i.asmt_subject AS subject
          FROM interim i
         ORDER BY name
        """;

    private const string CountNotStated = """
        SELECT count(*)::int AS total,
               count(*) FILTER (WHERE f.dmg_eth_derived = 0)::int AS ethnicity,
               count(*) FILTER (WHERE f.sex IN ('NS', 'not_stated'))::int AS sex,
               count(*) FILTER (WHERE f.dmg_prg_504 IS NULL)::int AS dmg_prg_504,
               count(*) FILTER (WHERE f.dmg_prg_iep IS NULL)::int AS dmg_prg_iep,
               count(*) FILTER (WHERE f.dmg_prg_lep IS NULL)::int AS dmg_prg_lep,
               count(*) FILTER (WHERE f.dmg_sts_mig IS NULL)::int AS dmg_sts_mig
          FROM fact_asmt_outcome_vw f
         WHERE f.rec_status = 'C'
           AND f.asmt_type = 'SUMMATIVE'
           AND f.asmt_year = @asmtYear
           AND f.state_code = @stateCode
        """;

    private const string InDistrict = "\n   AND f.district_id = @districtId\n";

    private const string InSchool = "\n   AND f.district_id = @districtId AND f.school_id = @schoolId\n";

    /// <param name="tenant">Whose production database is read, over one connection.</param>
    /// <exception cref="NpgsqlException">The warehouse cannot be reached.</exception>
    /// <exception cref="InvalidDataException">The state's custom metadata cannot be read.</exception>
    public async Task<ComparingPopulationsRows> RunAsync(
        Tenant tenant, ComparingPopulationsRequest request, CancellationToken cancellation)
    {
        await using var connection = await databases.Production(tenant.Name).OpenConnectionAsync(cancellation);

        CommandDefinition Command(string sql, object? parameters) =>
            new(sql, parameters, cancellationToken: cancellation);

        var years = (await connection.QueryAsync<int>(
            Command(SelectYears, new { yearBack = options.Value.YearBack }))).AsList();
        var year = request.AsmtYear ?? (years.Count > 0 ? years[0] : null);
        var parameters = ParametersOf(tenant, request, year);
        var metadata = CustomMetadata.Parse(
            await connection.QueryFirstOrDefaultAsync<string?>(Command(SelectMetadata, parameters)));
        var place = await connection.QueryFirstOrDefaultAsync<PlaceNames>(Command(SelectPlace, parameters));
        if (year is null)
            return new ComparingPopulationsRows(
                years, null, metadata, PlaceOf(request, place),
                [], request.Filter.IsPresent ? [] : null, [], NotStated.Nothing);

        var (where, countsBy, interimBy) = request.Unit switch
        {
            ComparedUnit.District => ("", ByDistrict, InterimByDistrict),
            ComparedUnit.School => (InDistrict, BySchool, InterimBySchool),
            _ => (InSchool, ByGrade, InterimByGrade),
        };

        async Task<IReadOnlyList<LevelCount>> CountAsync(string filter) =>
            (await connection.QueryAsync<LevelCount>(
                Command(CountOutcomes + where + "\n" + filter + CountedUntilHere + countsBy, parameters))).AsList();

        var counts = await CountAsync(request.Filter.Sql);
        var unfiltered = request.Filter.IsPresent ? await CountAsync("") : null;
        IReadOnlyList<InterimPresence> interim = request.Filter.IsPresent
            ? []
            : (await connection.QueryAsync<InterimPresence>(
                Command(FindInterim + where + InterimUntilHere + interimBy, parameters))).AsList();
        var notStated = await connection.QuerySingleAsync<NotStated>(Command(CountNotStated + where, parameters));
        return new ComparingPopulationsRows(
            years, year, metadata, PlaceOf(request, place), counts, unfiltered, interim, notStated);
    }

    private static DynamicParameters ParametersOf(Tenant tenant, ComparingPopulationsRequest request, int? year)
    {
        var parameters = new DynamicParameters(new
        {
            stateCode = tenant.StateCode,
            districtId = request.DistrictId,
            schoolId = request.SchoolId,
            asmtYear = year,
        });
        foreach (var (name, values) in request.Filter.Values)
            parameters.Add(name, values.ToArray());
        return parameters;
    }

    private static Place? PlaceOf(ComparingPopulationsRequest request, PlaceNames? names) =>
        names is null
            ? null
            : new Place(
                request.DistrictId, request.DistrictId is null ? null : names.DistrictName,
                request.SchoolId, request.SchoolId is null ? null : names.SchoolName);

    private sealed record PlaceNames(string DistrictName, string SchoolName);
}
