namespace Smarter.Web.Submissions;

/// <summary>Which submissions the list shows.</summary>
internal enum SubmissionFilter
{
    All,
    UnderWay,
    Ingested,
    Failed,
    Duplicate,

    /// <summary>Checks that found no fault of the file.</summary>
    Accepted,
}
