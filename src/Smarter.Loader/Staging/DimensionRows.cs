using System.Globalization;
using Dapper;
using Npgsql;
using Smarter.Core;
using Smarter.Loader.Batches;
using Smarter.Loader.Checking;

namespace Smarter.Loader.Staging;

/// <summary>Writes the two small dimensions of a batch, the assessment and its schools,
/// in the transaction of the facts.</summary>
internal static class DimensionRows
{
    private static readonly string[] Meta = ["from_date", "to_date", "rec_status", "batch_guid"];

    /// <summary>Makes every table of the batch schema that the COPYs did not,
    /// fills <c>dim_asmt</c> and <c>dim_inst_hier</c>,
    /// and points facts at the school's final record where the file changed its names half-way.</summary>
    public static async Task WriteAsync(
        NpgsqlConnection connection, LoadFile file, AssessmentRecord assessment, AssessmentMetadata metadata,
        Tenant tenant, SchoolDirectory schools, DateOnly today, CancellationToken cancellation)
    {
        var factTable = metadata.IsBlockFile ? "fact_block_asmt_outcome" : "fact_asmt_outcome_vw";
        await connection.ExecuteAsync(new CommandDefinition($"""
            {BatchSchema.CreateRest(file.Id, factTable)}
            {BatchSchema.CreateTable(file.Id, "dim_asmt", withRowNumber: false)}
            {BatchSchema.CreateTable(file.Id, "dim_inst_hier", withRowNumber: false)}
            """, cancellationToken: cancellation));

        await WriteAssessmentAsync(connection, file, assessment, metadata, today, cancellation);
        var (rows, replaced) = schools.Finish();
        await WriteSchoolsAsync(connection, file, tenant, rows, today, cancellation);
        if (replaced.Count == 0)
            return;
        await connection.ExecuteAsync(new CommandDefinition($"""
            UPDATE "{file.Id}".{factTable} fact SET inst_hier_rec_id = replaced.to_id
              FROM unnest(@from, @to) AS replaced (from_id, to_id)
             WHERE fact.inst_hier_rec_id = replaced.from_id
            """,
            new { from = replaced.Keys.ToArray(), to = replaced.Values.ToArray() },
            commandTimeout: 0, cancellationToken: cancellation));
    }

    /// <returns><c>yyyymmdd</c>.</returns>
    public static string DateText(DateOnly date) => date.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static async Task WriteAssessmentAsync(
        NpgsqlConnection connection, LoadFile file, AssessmentRecord assessment, AssessmentMetadata metadata,
        DateOnly today, CancellationToken cancellation)
    {
        string[] columns = ["asmt_rec_id", .. AssessmentMetadata.Columns, .. Meta];
        await using var copy = await connection.BeginBinaryImportAsync(
            $"""COPY "{file.Id}".dim_asmt ({string.Join(", ", columns)}) FROM STDIN (FORMAT binary)""", cancellation);
        await copy.WriteRowAsync(cancellation,
            [assessment.RecordId, .. metadata.Values, DateText(today), BatchConstants.OpenEnd,
                assessment.Status, file.Guid]);
        await copy.CompleteAsync(cancellation);
    }

    private static async Task WriteSchoolsAsync(
        NpgsqlConnection connection, LoadFile file, Tenant tenant, IReadOnlyList<SchoolRow> rows, DateOnly today,
        CancellationToken cancellation)
    {
        string[] columns =
            ["inst_hier_rec_id", "state_code", "district_id", "district_name", "school_id", "school_name", .. Meta];
        await using var copy = await connection.BeginBinaryImportAsync(
            $"""COPY "{file.Id}".dim_inst_hier ({string.Join(", ", columns)}) FROM STDIN (FORMAT binary)""",
            cancellation);
        foreach (var school in rows)
        {
            await copy.WriteRowAsync(cancellation,
                [school.RecordId, tenant.StateCode, school.DistrictId, school.Names.DistrictName, school.SchoolId,
                    school.Names.SchoolName, DateText(today), BatchConstants.OpenEnd, school.Status, file.Guid]);
        }
        await copy.CompleteAsync(cancellation);
    }
}
