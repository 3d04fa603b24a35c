using Smarter.Core;

namespace Smarter.Migrator.Batches;

/// <summary>How the migration of one batch ended.</summary>
/// <param name="LoadStatus"><see cref="LoadStatus.Migrated"/>, <see cref="LoadStatus.MigrationFailed"/>, or
/// <see cref="LoadStatus.Ingested"/> when it was interrupted and waits for another attempt.</param>
/// <param name="Tables">One entry per table in the order of migration; empty when nothing was copied now.</param>
/// <param name="Reason">Why it is not migrated; null when it is.</param>
internal sealed record BatchOutcome(
    string BatchGuid, string LoadStatus, IReadOnlyList<TableRows> Tables, TimeSpan Took, string? Reason);

/// <summary>What one table of a batch changed in production.</summary>
/// <param name="Deleted">Rows that became status D; of <c>student_reg</c>, rows that a snapshot replaced.</param>
/// <param name="Checksum">Sum over the inserted rows, equal in staging and production.</param>
internal sealed record TableRows(string Table, long Inserted, long Deleted, long Superseded, decimal Checksum);
