using Smarter.Loader.Checking;

namespace Smarter.Loader.Staging;

/// <summary>The tables of the batch schema that one kind of CSV fills, row by row.</summary>
internal interface IBatchTables
{
    /// <summary>In the order of the buffers of <see cref="IRowEncoder.Append"/>.</summary>
    IReadOnlyList<BatchTable> Tables { get; }

    /// <returns>An encoder for one thread.</returns>
    IRowEncoder NewEncoder();
}

/// <summary>One table of the star template.</summary>
/// <param name="Columns">What its tuples hold, in their order.</param>
/// <param name="Constants">Its other columns with their values, each the same in all rows of the batch.</param>
internal sealed record BatchTable(
    string Name, IReadOnlyList<string> Columns, IReadOnlyDictionary<string, string> Constants);

/// <summary>Turns accepted rows into tuples of the batch's tables. One instance serves one thread.</summary>
internal interface IRowEncoder
{
    /// <summary>Appends what the row brings to each table.</summary>
    /// <param name="recordId">The row's own record id.</param>
    /// <param name="rowNumber">Its number in the file, from 1.</param>
    /// <param name="into">One buffer for each table.</param>
    void Append(RowChecker row, long recordId, long rowNumber, CopyBuffer[] into);

    /// <summary>Hands over what the encoder noted beside the tuples; after its last row.</summary>
    void Flush();
}
