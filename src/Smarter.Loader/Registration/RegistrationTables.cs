using System.Globalization;
using Smarter.Loader.Checking;
using Smarter.Loader.Staging;

namespace Smarter.Loader.Registration;

/// <summary>A registration file fills <c>student_reg</c>: what its JSON says, then the whole row in canonical order.
/// </summary>
internal sealed class RegistrationTables(Guid batch, RegistrationMetadata metadata) : IBatchTables, IRowEncoder
{
    private static readonly string[] Columns =
    [
        "student_reg_rec_id", "src_file_rec_num", .. RegistrationLayout.Csv.Columns.Select(column => column.Target),
    ];

    public IReadOnlyList<BatchTable> Tables { get; } =
    [
        new("student_reg", Columns, new Dictionary<string, string>
        {
            ["student_reg_guid"] = metadata.Guid,
            ["academic_year"] = metadata.AcademicYear.ToString(CultureInfo.InvariantCulture),
            ["extract_date"] = metadata.ExtractDate,
            ["reg_system_id"] = metadata.SystemId,
            ["batch_guid"] = batch.ToString(),
        }),
    ];

    /// <remarks>It keeps nothing from row to row, so that all threads share it.</remarks>
    public IRowEncoder NewEncoder() => this;

    public void Append(RowChecker row, long recordId, long rowNumber, CopyBuffer[] into)
    {
        var tuple = into[0];
        tuple.Tuple(Columns.Length);
        tuple.Bigint(recordId);
        tuple.Bigint(rowNumber);
        tuple.Fields(row.Encoded(0, RegistrationLayout.Csv.Columns.Count - 1));
    }

    public void Flush()
    {
    }
}
