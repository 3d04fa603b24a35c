using Smarter.Core;
using Smarter.Loader.Checking;

namespace Smarter.Loader.Validating;

/// <summary>What the building of a load finds among the accepted rows of one kind of file. For one thread, and row by
/// row in the order of the file.</summary>
internal interface IRowCheck : IDisposable
{
    /// <summary>Takes the row that <paramref name="row"/> accepted last.</summary>
    /// <param name="number">Its number in the file, from 1.</param>
    /// <exception cref="FileRejectedException">The row shows that the whole file is wrong.</exception>
    void Add(RowChecker row, long number, CauseCounts causes);

    /// <summary>After the last row: notes what the file repeats.</summary>
    void Finish(CauseCounts causes);
}
