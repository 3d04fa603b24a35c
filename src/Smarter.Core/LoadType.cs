namespace Smarter.Core;

/// <summary>What a landing file brings; the values of <c>udl_stats.load_type</c> once its JSON was read.</summary>
public static class LoadType
{
    /// <summary>Outcomes of one assessment.</summary>
    public const string Assessment = "assessment";

    /// <summary>A snapshot of who is registered: it replaces the earlier one of the same system and year.</summary>
    public const string StudentRegistration = "studentregistration";
}
