using Smarter.Core;
using Smarter.Loader.Checking;
using Smarter.Loader.Staging;

namespace Smarter.Loader.Validating;

/// <summary>
/// What the building of a load finds among the accepted rows of an assessment file, without the production database:
/// outcomes that the file repeats or deletes twice, students whom it describes in two ways (loader.md §5.5), and too
/// many schools.
/// </summary>
internal sealed class OutcomeCheck(string scratchFolder) : IRowCheck
{
    private readonly RowKeys keys = new(scratchFolder);
    private readonly SchoolCache schools = new(SchoolDirectory.Empty());
    private readonly KeyHash hash = new();

    /// <exception cref="FileRejectedException">5034.</exception>
    public void Add(RowChecker row, long number, CauseCounts causes)
    {
        var student = hash.Of(StarTuples.StudentIdOf(row));
        var rest = (ulong)hash.Of(StarTuples.DateTakenOf(row));
        if (row.IsDelete)
        {
            causes.Add(ErrorCode.DeletesNotChecked, null, number);
            keys.Add(new RowKey(student, rest, 0, -number));
            return;
        }
        schools.RecordIdOf(StarTuples.SchoolOf(row), number, number);
        var described = StarTuples.StudentOf(row);
        var content = (ulong)hash.Of(described.Identity, described.Demographics);
        keys.Add(new RowKey(student, rest, content, number));
    }

    public void Finish(CauseCounts causes)
    {
        foreach (var rows in keys.FindRepeated())
        {
            FindSuperseded(rows, causes);
            FindDescribedTwice(rows, causes);
            FindDeletedTwice(rows, causes);
        }
    }

    public void Dispose() => keys.Dispose();

    /// <summary>The last row of an outcome counts.</summary>
    private static void FindSuperseded(ArraySegment<RowKey> rows, CauseCounts causes)
    {
        var later = new HashSet<ulong>();
        for (var i = rows.Count - 1; i >= 0; i--)
        {
            if (!rows[i].IsDelete && !later.Add(rows[i].Rest))
                causes.Add(ErrorCode.SupersededInFile, null, rows[i].RowNumber);
        }
    }

    /// <summary>The last description of a student counts; superseded rows describe the student too.</summary>
    private static void FindDescribedTwice(ArraySegment<RowKey> rows, CauseCounts causes)
    {
        var last = rows.LastOrDefault(row => !row.IsDelete);
        if (last.Row != 0 && rows.Any(row => !row.IsDelete && row.Content != last.Content))
            causes.Add(ErrorCode.StudentDescribedTwice, null, last.RowNumber);
    }

    /// <summary>Names the last of the deletes of one outcome.</summary>
    private static void FindDeletedTwice(ArraySegment<RowKey> rows, CauseCounts causes)
    {
        foreach (var deletes in rows.Where(row => row.IsDelete).GroupBy(row => row.Rest).Where(all => all.Count() > 1))
            causes.Add(ErrorCode.DeletedTwice, null, deletes.Max(row => row.RowNumber));
    }
}
