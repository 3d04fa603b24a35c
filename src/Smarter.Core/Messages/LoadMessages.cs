namespace Smarter.Core.Messages;

/// <summary>Order to decrypt, check and stage one of the files that have arrived: the one whose turn it is when the order
/// is taken up, which need not be the one that it names (virtual host <c>edudl</c>).</summary>
public sealed record StageBatch(Guid BatchId);

/// <summary>Order to turn the staged rows of a batch into its star schema (virtual host <c>edudl</c>).</summary>
public sealed record BuildBatch(Guid BatchId);

/// <summary>Order to write the receipts of a load,
/// clean up and set its final status (virtual host <c>edudl</c>).</summary>
public sealed record FinishBatch(Guid BatchId);
