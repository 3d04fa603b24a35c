namespace Smarter.Core;

/// <summary>The values of <c>rec_status</c> in the star schema (operations.md §0.4).</summary>
public static class RecStatus
{
    /// <summary>Current; in staging: to be inserted.</summary>
    public const string Current = "C";

    /// <summary>Deleted; in staging: matched with the production row that is to be deleted.</summary>
    public const string Deleted = "D";

    /// <summary>Superseded by a newer row (production only).</summary>
    public const string Inactive = "I";

    /// <summary>A dimension row of staging that production already holds; never migrated.</summary>
    public const string Shadow = "S";

    /// <summary>A delete of staging that still waits for its production row.</summary>
    public const string Waiting = "W";
}
