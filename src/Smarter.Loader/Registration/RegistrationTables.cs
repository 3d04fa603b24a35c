using Smarter.Loader.Checking;
using Smarter.Loader.Staging;

namespace Smarter.Loader.Registration;

/// <summary>A registration file fills <c>student_reg</c>: what its JSON says, then the whole row in canonical order.
/// </summary>
internal sealed class RegistrationTables(Guid batch, RegistrationMetadata metadata) : IBatchTables, IRowEncoder
{
    private static readonly string[] Columns =
    [
        "student_reg_rec_id", "student_reg_guid", "academic_year", "extract_date", "reg_system_id", "batch_guid",
        "src_file_rec_num", .. RegistrationLayout.Csv.Columns.Select(column => column.Target),
    ];

    private readonly string batchGuid = batch.ToString();

    public IReadOnlyList<BatchTable> Tables { get; } = [new("student_reg", Columns)];

    /// <remarks>It keeps nothing from row to row, so that all threads share it.</remarks>
    public IRowEncoder NewEncoder() => this;

    public void Append(RowChecker row, long recordId, long rowNumber, CopyBuffer[] into)
    {
        var tuple = into[0];
        tuple.Tuple(Columns.Length);
        tuple.Bigint(recordId);
        tuple.Text(metadata.Guid);
        tuple.Smallint(metadata.AcademicYear);
        tuple.Text(metadata.ExtractDate);
        tuple.Text(metadata.SystemId);
        tuple.Text(batchGuid);
        tuple.Bigint(rowNumber);
        tuple.Fields(row.Encoded(0, RegistrationLayout.Csv.Columns.Count - 1));
    }

    public void Flush()
    {
    }
}
