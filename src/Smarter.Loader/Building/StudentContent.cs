using Smarter.Loader.Staging;

namespace Smarter.Loader.Building;

/// <summary>The columns of <c>dim_student</c> that make two versions of a student equal
/// (loader.md §1.2, "same content").</summary>
internal static class StudentContent
{
    private static readonly string[] Columns =
        [.. StarTuples.StudentColumns.Except(["student_rec_id", "src_file_rec_num"])];

    /// <returns>The columns, each behind the alias, separated by commas.</returns>
    public static string List(string alias) => string.Join(", ", Columns.Select(column => $"{alias}.{column}"));
}
