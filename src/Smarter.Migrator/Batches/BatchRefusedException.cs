namespace Smarter.Migrator.Batches;

/// <summary>The batch's own content or state forbids its migration; a repetition would end the same.</summary>
/// <param name="reason">For operators and submitters: table names and figures, no student data.</param>
internal sealed class BatchRefusedException(string reason) : Exception(reason);
