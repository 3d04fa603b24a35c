namespace Smarter.Loader.Checking;

/// <summary>The columns of one kind of CSV in canonical order.</summary>
/// <param name="name">What messages call the file, such as <c>assessment</c>.</param>
/// <param name="columns">Each feeds another star column.</param>
/// <param name="optional">Headers that a file may leave out; the column is then empty in every row.</param>
internal sealed class CsvLayout(string name, IReadOnlyList<CsvColumn> columns, params string[] optional)
{
    public string Name { get; } = name;

    public IReadOnlyList<CsvColumn> Columns { get; } = columns;

    public IReadOnlySet<string> Optional { get; } = new HashSet<string>(optional, StringComparer.OrdinalIgnoreCase);

    /// <summary>Runs of neighbouring columns, by their targets, that say the same in many rows of a file.</summary>
    public IReadOnlyList<(string First, string Last)> Repeating { get; init; } = [];

    /// <returns>The canonical position, from 0, of the column that feeds <paramref name="target"/>;
    /// -1 when none does.</returns>
    public int Find(string target)
    {
        for (var i = 0; i < Columns.Count; i++)
        {
            if (Columns[i].Target == target)
                return i;
        }
        return -1;
    }

    /// <returns>The same for a column that must be there.</returns>
    public int IndexOf(string target) => Find(target) is >= 0 and var index
        ? index
        : throw new ArgumentException($"No CSV column feeds {target}.", nameof(target));
}
