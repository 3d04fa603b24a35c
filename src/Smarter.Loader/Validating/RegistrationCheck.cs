using Smarter.Core;
using Smarter.Loader.Checking;
using Smarter.Loader.Registration;

namespace Smarter.Loader.Validating;

/// <summary>What the building of a registration file finds (docs/adr/0016): rows that say the same, of which the last
/// one counts, and students who are registered in different ways.</summary>
internal sealed class RegistrationCheck(string scratchFolder) : IRowCheck
{
    private static readonly int Student = RegistrationLayout.Csv.IndexOf("student_id");
    private static readonly int Last = RegistrationLayout.Csv.Columns.Count - 1;

    private readonly RowKeys keys = new(scratchFolder);
    private readonly KeyHash hash = new();

    public void Add(RowChecker row, long number, CauseCounts causes) =>
        keys.Add(new RowKey(
            hash.Of(row.Encoded(Student, Student)), (ulong)hash.Of(row.Encoded(0, Last)), Content: 0, number));

    public void Finish(CauseCounts causes)
    {
        foreach (var rows in keys.FindRepeated())
        {
            var kept = rows.GroupBy(row => row.Rest).Select(alike => alike.Max(row => row.RowNumber)).Order().ToArray();
            foreach (var row in rows.Select(row => row.RowNumber).Except(kept))
                causes.Add(ErrorCode.SupersededInFile, null, row);
            if (kept.Length < 2)
                continue;
            foreach (var row in kept)
                causes.Add(ErrorCode.StudentRegisteredTwice, null, row);
        }
    }

    public void Dispose() => keys.Dispose();
}
