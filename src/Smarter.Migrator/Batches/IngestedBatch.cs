namespace Smarter.Migrator.Batches;

/// <summary>A batch of <c>udl_stats</c> that stands in staging.</summary>
/// <param name="BatchGuid">As it stands in the table; also the name of the batch's schema in staging.</param>
/// <param name="LoadType">One of <see cref="Core.LoadType"/>.</param>
/// <param name="BatchOperation">Null, or <c>s</c> for a snapshot.</param>
/// <param name="SnapshotCriteria">JSON of what a snapshot replaces; null for anything else.</param>
internal sealed record IngestedBatch(
    string BatchGuid, string Tenant, string LoadType, string? BatchOperation, string? SnapshotCriteria)
{
    /// <returns>The guid by which the batch's schema is named.</returns>
    /// <exception cref="BatchRefusedException">The batch's guid is not a guid as the loader writes it.</exception>
    public Guid Schema() =>
        Guid.TryParseExact(BatchGuid, "D", out var guid) && guid.ToString("D") == BatchGuid
            ? guid
            : throw new BatchRefusedException("batch_guid is not a guid in lower-case letters.");
}
