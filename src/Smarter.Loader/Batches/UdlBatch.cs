using Dapper;
using Smarter.Core;
using Smarter.Database;

namespace Smarter.Loader.Batches;

/// <summary>The stages as <c>udl_batch.udl_phase</c> names them (loader.md §4.3).</summary>
internal static class UdlPhase
{
    public const string FileArrived = "udl2.W_file_arrived.task";
    public const string Decrypt = "udl2.W_file_decrypter.task";
    public const string Expand = "udl2.W_file_expander.task";
    public const string LoadType = "udl2.W_get_load_type.task";
    public const string Parameters = "udl2.W_get_params.task";
    public const string Validate = "udl2.W_file_validator.task";
    public const string Split = "udl2.W_file_splitter.task";
    public const string Stage = "udl2.W_load_to_staging_table.task";
    public const string LoadJson = "udl2.W_load_json_to_integration.task";
    public const string ValidateContent = "udl2.W_file_content_validator.task";
    public const string Integrate = "udl2.W_load_to_integration_table.task";
    public const string PrepareSchema = "udl2.W_load_from_integration_to_star.prepare_target_schema";
    public const string Dimensions = "udl2.W_load_from_integration_to_star.explode_data_to_dim_table_task";
    public const string Upsert = "udl2.W_load_from_integration_to_star.handle_record_upsert";
    public const string Facts = "udl2.W_load_from_integration_to_star.explode_data_to_fact_table_task";
    public const string Deletions = "udl2.W_load_from_integration_to_star.handle_deletions";
    public const string Snapshot = "udl2.W_load_sr_integration_to_target.task";
    public const string PostEtl = "udl2.W_post_etl.task";
    public const string Complete = "UDL_COMPLETE";

    /// <returns>The stage that finds a file with this fault, whatever part of the stream was under way.</returns>
    public static string ThatFinds(ErrorCode fault) => fault switch
    {
        ErrorCode.ChecksumWrong or ErrorCode.ChecksumAbsent or ErrorCode.FileLost => FileArrived,
        >= ErrorCode.CannotDecrypt and <= ErrorCode.SignatureExpired => Decrypt,
        >= ErrorCode.ArchiveDamaged and <= ErrorCode.ArchiveTooLarge or ErrorCode.FileTypeNotSupported => Expand,
        ErrorCode.LoadTypeUnknown => LoadType,
        ErrorCode.BatcherErrorsOnly => Split,
        ErrorCode.AssessmentGuidMismatch or ErrorCode.WrongState => ValidateContent,
        ErrorCode.BatchFailed => Integrate,
        ErrorCode.DeleteRecordNotFound or ErrorCode.DeletedTwice => Deletions,
        _ => Validate,
    };
}

/// <summary>One stage of a batch, for the audit trail.</summary>
/// <param name="Phase">One of <see cref="UdlPhase"/>.</param>
/// <param name="Started">UTC.</param>
/// <param name="Records">Rows the stage handled; null when it handles none.</param>
/// <param name="Bytes">Bytes of CSV; null except for the splitting stage.</param>
/// <param name="Error">Why it failed, without student data; null when it succeeded.</param>
internal sealed record StageRecord(
    string Phase, DateTimeOffset Started, DateTimeOffset Ended, long? Records = null, long? Bytes = null,
    string? Schema = null, string? Step = null, bool? IsLeaf = null, string? InputFile = null,
    string? Error = null, string? StackTrace = null);

/// <summary>Writes <c>udl_batch</c>: one row per executed stage, kept for ever. Times are local, as before.</summary>
internal sealed class UdlBatch(Databases databases, TimeProvider clock)
{
    private const string Insert = """
        INSERT INTO udl_batch (guid_batch, tenant, input_file, load_type, working_schema, udl_phase, udl_phase_step,
                               udl_phase_step_status, error_desc, stack_trace, udl_leaf, size_records, size_units,
                               start_timestamp, end_timestamp, duration)
        VALUES (@batch, @tenant, coalesce(@InputFile, ''), @loadType, @Schema, @Phase, @Step, @status,
                @Error, @StackTrace, @IsLeaf, @Records, @Bytes, @started, @ended,
                @ended::timestamp - @started::timestamp)
        """;

    public async Task RecordAsync(
        LoadFile file, string? loadType, CancellationToken cancellation, params IEnumerable<StageRecord> stages)
    {
        await using var connection = await databases.Udl.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        foreach (var stage in stages)
        {
            await connection.ExecuteAsync(new CommandDefinition(Insert, new
            {
                batch = file.Guid,
                tenant = file.Tenant,
                loadType,
                stage.InputFile,
                stage.Schema,
                stage.Phase,
                stage.Step,
                status = stage.Error is null ? "SUCCESS" : "FAILURE",
                stage.Error,
                stage.StackTrace,
                stage.IsLeaf,
                stage.Records,
                stage.Bytes,
                started = Local(stage.Started),
                ended = Local(stage.Ended),
            }, transaction, cancellationToken: cancellation));
        }
        await transaction.CommitAsync(cancellation);
    }

    private DateTime Local(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, clock.LocalTimeZone).DateTime;
}
