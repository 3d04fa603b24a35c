using Smarter.Loader.Checking;

namespace Smarter.Loader.Staging;

/// <summary>An assessment file fills the facts and, but for its deletes, the students.</summary>
internal sealed class OutcomeTables(StarTuples tuples, SchoolDirectory schools) : IBatchTables
{
    public IReadOnlyList<BatchTable> Tables { get; } =
    [
        new(tuples.FactTable, tuples.FactColumns, tuples.Constants.OfFacts),
        new("dim_student", StarTuples.StudentColumns, tuples.Constants.OfStudents),
    ];

    public IRowEncoder NewEncoder() => new Encoder(tuples, new SchoolCache(schools));

    private sealed class Encoder(StarTuples tuples, SchoolCache schools) : IRowEncoder
    {
        public void Append(RowChecker row, long recordId, long rowNumber, CopyBuffer[] into)
        {
            if (row.IsDelete)
            {
                tuples.AppendFact(into[0], row, recordId, schoolRecordId: -1, rowNumber);
                return;
            }
            var school = schools.RecordIdOf(StarTuples.SchoolOf(row), rowNumber, recordId);
            tuples.AppendFact(into[0], row, recordId, school, rowNumber);
            StarTuples.AppendStudent(into[1], row, recordId, rowNumber);
        }

        public void Flush() => schools.Flush();
    }
}
