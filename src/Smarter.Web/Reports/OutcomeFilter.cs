using System.Text.RegularExpressions;

namespace Smarter.Web.Reports;

/// <summary>One parameter that narrows the outcomes counted (reporting.md §1.3),
/// in the order of the panel (ui.md §3.6).</summary>
/// <param name="Parameter">Its name in addresses, and the name of the SQL parameter with the chosen values.</param>
/// <param name="Clause">A condition on the fact table <c>f</c>; NULL in the column counts as not stated.</param>
/// <param name="Label">Key of its heading; null when the page offers no choice.</param>
/// <param name="Options">The values allowed, in display order, with the keys of their texts; empty: any id.</param>
/// <param name="Note">Key of a note below the choices, or null.</param>
internal sealed record OutcomeFilterKind(
    string Parameter, string Clause, string? Label, IReadOnlyList<OutcomeFilterOption> Options, string? Note = null);

/// <param name="Value">As in the address and in SQL.</param>
/// <param name="Label">Key of its text; null when the value itself is the text.</param>
internal sealed record OutcomeFilterOption(string Value, string? Label);

/// <summary>The chosen values: AND between parameters, OR within one.</summary>
internal sealed partial class OutcomeFilter
{
    public static readonly OutcomeFilter None = new(new Dictionary<string, IReadOnlyList<string>>());

    private static readonly OutcomeFilterOption[] YesNo = [new("Y", "opt.yes"), new("N", "opt.no")];
    private static readonly OutcomeFilterOption[] YesNoNotStated = [.. YesNo, new("NS", "filter.notStated")];

    /// <summary>All parameters, in the order of the panel.</summary>
    public static readonly IReadOnlyList<OutcomeFilterKind> Kinds =
    [
        new("grade", "AND f.asmt_grade = ANY(@grade)", "f.grade",
            [new("03", null), new("04", null), new("05", null), new("06", null), new("07", null), new("08", null),
             new("11", null)]),
        new("dmgPrgLep",
            "AND CASE f.dmg_prg_lep WHEN true THEN 'Y' WHEN false THEN 'N' ELSE 'NS' END = ANY(@dmgPrgLep)",
            "f.lep", YesNoNotStated, "note.lep"),
        new("ethnicity", "AND f.dmg_eth_derived::text = ANY(@ethnicity)", "f.eth",
            [new("3", "eth.3"), new("4", "eth.4"), new("2", "eth.2"), new("1", "eth.1"), new("5", "eth.5"),
             new("6", "eth.6"), new("7", "eth.7"), new("0", "filter.notStated")], "note.eth"),
        new("dmgPrgIep",
            "AND CASE f.dmg_prg_iep WHEN true THEN 'Y' WHEN false THEN 'N' ELSE 'NS' END = ANY(@dmgPrgIep)",
            "f.iep", YesNoNotStated, "note.iep"),
        // The loader stores NS; warehouses brought in from the older system say not_stated.
        new("sex", "AND CASE f.sex WHEN 'NS' THEN 'not_stated' ELSE f.sex END = ANY(@sex)", "f.sex",
            [new("male", "sex.male"), new("female", "sex.female"), new("not_stated", "filter.notStated")]),
        new("dmgPrg504",
            "AND CASE f.dmg_prg_504 WHEN true THEN 'Y' WHEN false THEN 'N' ELSE 'NS' END = ANY(@dmgPrg504)",
            "f.504", YesNoNotStated),
        new("dmgStsEcd", "AND CASE f.dmg_sts_ecd WHEN true THEN 'Y' WHEN false THEN 'N' END = ANY(@dmgStsEcd)",
            "f.ecd", YesNo),
        new("dmgStsMig",
            "AND CASE f.dmg_sts_mig WHEN true THEN 'Y' WHEN false THEN 'N' ELSE 'NS' END = ANY(@dmgStsMig)",
            "f.mig", YesNoNotStated),
        new("complete", "AND CASE f.complete WHEN true THEN 'Y' WHEN false THEN 'N' ELSE 'NS' END = ANY(@complete)",
            "f.complete", [new("Y", "cmp.Y"), new("N", "cmp.N"), new("NS", "filter.notStated")]),
        new("studentGroupId", """
            AND EXISTS (SELECT 1 FROM dim_student s
                         WHERE s.student_rec_id = f.student_rec_id
                           AND ARRAY[s.group_1_id, s.group_2_id, s.group_3_id, s.group_4_id, s.group_5_id,
                                     s.group_6_id, s.group_7_id, s.group_8_id, s.group_9_id, s.group_10_id]::text[]
                               && @studentGroupId)
            """, null, []),
    ];

    private OutcomeFilter(IReadOnlyDictionary<string, IReadOnlyList<string>> values) => Values = values;

    /// <summary>The chosen values by parameter; a parameter that was sent without a value has an empty list.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Values { get; }

    /// <summary>Whether the request names any filter, even an empty one.</summary>
    public bool IsPresent => Values.Count > 0;

    /// <summary>The clauses of the parameters that have values; each takes a SQL parameter named like itself.</summary>
    public string Sql =>
        string.Concat(Kinds.Where(kind => Values.GetValueOrDefault(kind.Parameter) is { Count: > 0 })
            .Select(kind => $"\n{kind.Clause}"));

    /// <exception cref="WrongParameterException">A value is not among those of its parameter.</exception>
    public static OutcomeFilter From(ReportParameters parameters)
    {
        var values = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var kind in Kinds)
            if (parameters.List(kind.Parameter, value => Allows(kind, value)) is { } chosen)
                values.Add(kind.Parameter, [.. chosen.Distinct()]);
        return new OutcomeFilter(values);
    }

    /// <summary>The same filter without one of its values.</summary>
    public OutcomeFilter Without(string parameter, string value)
    {
        var values = Values.ToDictionary(chosen => chosen.Key, chosen => chosen.Value);
        values[parameter] = [.. values[parameter].Where(chosen => chosen != value)];
        if (values[parameter].Count == 0)
            values.Remove(parameter);
        return new OutcomeFilter(values);
    }

    /// <returns>Whether the value is among the chosen ones of its parameter.</returns>
    public bool Has(string parameter, string value) => Values.GetValueOrDefault(parameter)?.Contains(value) ?? false;

    private static bool Allows(OutcomeFilterKind kind, string value) =>
        kind.Options.Count > 0 ? kind.Options.Any(option => option.Value == value) : GroupId().IsMatch(value);

    [GeneratedRegex(@"^[a-zA-Z0-9\-]{0,50}\z")]
    private static partial Regex GroupId();
}
