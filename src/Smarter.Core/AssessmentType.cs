namespace Smarter.Core;

/// <summary>The three kinds of assessment, spelled as they are stored and as the services take them.</summary>
public static class AssessmentType
{
    public const string Summative = "SUMMATIVE";
    public const string InterimComprehensive = "INTERIM COMPREHENSIVE";

    /// <summary>Results of single blocks; they stand in <c>fact_block_asmt_outcome</c>,
    /// in the columns of claim 1.</summary>
    public const string InterimBlocks = "INTERIM ASSESSMENT BLOCKS";
}
