namespace Smarter.Core.Access;

/// <summary>The roles of the tenancy chain, spelled as the identity provider sends them (operations.md §4.9).</summary>
public static class Role
{
    /// <summary>Aggregate reports; the role of everyone who may read.</summary>
    public const string General = "GENERAL";

    /// <summary>Reports that name students.</summary>
    public const string Pii = "PII";

    /// <summary>The consortium's home page, which lists every state.</summary>
    public const string AllStates = "ALLSTATES";

    public const string StudentAssessmentExtracts = "SAREXTRACTS";
    public const string RegistrationStatisticsExtracts = "SRSEXTRACTS";
    public const string RegistrationCompletionExtracts = "SRCEXTRACTS";
    public const string AuditXml = "AUDITXML";
    public const string ItemExtracts = "IIRDEXTRACTS";
    public const string SuperUser = "SUPER_USER";

    /// <summary>Submission of data, nothing else.</summary>
    public const string DataLoad = "ASMTDATALOAD";

    /// <summary>Signed in, but nothing is allowed except signing out.</summary>
    public const string None = "NONE";

    /// <summary>The roles with permission <c>view</c>: they may read the aggregate reports of their tenant.</summary>
    public static readonly IReadOnlyList<string> Viewers =
    [
        General, Pii, AllStates, StudentAssessmentExtracts, RegistrationStatisticsExtracts,
        RegistrationCompletionExtracts, AuditXml, ItemExtracts, SuperUser,
    ];

    /// <summary>Whether the table of roles has <paramref name="name"/>; compared with its case.</summary>
    public static bool IsKnown(string name) => name is DataLoad or None || Viewers.Contains(name);
}
