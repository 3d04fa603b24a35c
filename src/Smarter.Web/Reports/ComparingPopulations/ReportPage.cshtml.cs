using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Smarter.Core.Reports;
using Smarter.Database;
using Smarter.Web.Frame;
using Smarter.Web.Security;
using Smarter.Web.Texts;

namespace Smarter.Web.Reports.ComparingPopulations;

/// <summary>The report as a page: districts of a state,
/// schools of a district, grades of a school (ui.md §3.1-3.3).</summary>
[Authorize(Policy = Policies.View)]
internal sealed class ReportPageModel(
    Caller caller, Databases databases, ComparingPopulationsQuery query, TextBundle texts) : PageModel
{
    public ReportAddress Address { get; private set; } = null!;

    public ComparingPopulationsReport Report { get; private set; } = null!;

    public ComparedUnit Unit { get; private set; }

    /// <summary>The year shown; null when the warehouse has none.</summary>
    public int? Year { get; private set; }

    /// <summary>The report's records in the order asked for.</summary>
    public IReadOnlyList<PopulationRecord> Rows { get; private set; } = [];

    /// <returns>400 for a wrong parameter, 403 for a state of another tenant,
    /// 404 for an address that cannot be one.</returns>
    public async Task<IActionResult> OnGetAsync(
        string state, string? district, string? school, CancellationToken cancellation)
    {
        if (!ComparingPopulationsRequest.IsStateCode(state)
            || !ComparingPopulationsRequest.IsId(district ?? "") || !ComparingPopulationsRequest.IsId(school ?? ""))
            return NotFound();
        if (databases.FindTenantOfState(state) is not { } tenant || !caller.Grants.MayView(tenant.Name))
            return Forbid();

        ComparingPopulationsRequest request;
        try
        {
            var parameters = ReportParameters.FromQuery(Request.Query);
            request = new ComparingPopulationsRequest(
                tenant.StateCode, district, school, parameters.Number("asmtYear"), OutcomeFilter.From(parameters));
        }
        catch (WrongParameterException)
        {
            return BadRequest();
        }

        var rows = await query.RunAsync(tenant, request, cancellation);
        Report = ComparingPopulationsReport.From(tenant, request, rows, caller);
        Unit = request.Unit;
        Year = rows.Year;
        Address = new ReportAddress(
            tenant.StateCode, district, school, request.AsmtYear, request.Filter,
            RowOrder.Parse(Request.Query[ReportAddress.SortParameter]),
            Request.Query[ReportAddress.ShowParameter] == ReportAddress.Counts);
        Rows = Address.Order.Apply(Report.Records);
        ViewData[TenantFrame.Key] = TenantFrame.Of(
            tenant.Name, rows.Metadata.Label ?? StateNames.Of(tenant.StateCode), rows.Metadata.LogoPath);
        return Page();
    }

    /// <summary>Name of the state, district or school; null when the warehouse does not know it.</summary>
    public string? PlaceName => Report.Context.Items is [_, .., var last] ? last.Name : null;

    public string Title => PlaceName is not { } place
        ? texts["title.unknown"]
        : Unit switch
        {
            ComparedUnit.District => texts["title.state", ("x", place)],
            ComparedUnit.School => texts["title.district", ("x", place)],
            _ => texts["title.school", ("x", place)],
        };

    public string UnitColumn => Unit switch
    {
        ComparedUnit.District => texts["col.district"],
        ComparedUnit.School => texts["col.school"],
        _ => texts["col.grade"],
    };

    public string About => texts["about.cpop", ("units", Unit switch
    {
        ComparedUnit.District => texts["about.district"],
        ComparedUnit.School => texts["about.school"],
        _ => texts["about.grade"],
    })];

    public string RowCount => (Unit, Rows.Count) switch
    {
        (ComparedUnit.District, 1) => texts["unit.district.one"],
        (ComparedUnit.School, 1) => texts["unit.school.one"],
        (ComparedUnit.Grade, 1) => texts["unit.grade.one"],
        (ComparedUnit.District, _) => texts["unit.district", ("n", texts.Number(Rows.Count))],
        (ComparedUnit.School, _) => texts["unit.school", ("n", texts.Number(Rows.Count))],
        _ => texts["unit.grade", ("n", texts.Number(Rows.Count))],
    };

    public string NameOf(PopulationRecord record) =>
        Unit == ComparedUnit.Grade ? texts["crumb.grade", ("n", record.Name)] : record.Name;

    /// <returns>The report one level down, or null for a grade and for an id that cannot stand in an address.</returns>
    public ReportAddress? Below(PopulationRecord record) => Unit switch
    {
        _ when record.Id.Length == 0 || !ComparingPopulationsRequest.IsId(record.Id) => null,
        ComparedUnit.District => Address.At(record.Id, null),
        ComparedUnit.School => Address.At(Address.DistrictId, record.Id),
        _ => null,
    };

    /// <summary>The way from the state to here; the last one is this page and no link.</summary>
    public IEnumerable<(string Name, string? Link)> Crumbs()
    {
        if (caller.DisplaysHome)
            yield return (texts["nav.home"], "/states");
        for (var i = 1; i < Report.Context.Items.Count; i++)
        {
            var item = Report.Context.Items[i];
            var here = i == Report.Context.Items.Count - 1;
            yield return (item.Name, here ? null : Address.At(i >= 2 ? Address.DistrictId : null, null).ToString());
        }
    }

    /// <summary><c>2015 – 2016</c> for 2016.</summary>
    public static string SchoolYear(int year) => $"{year - 1} – {year}";

    /// <summary>The chosen values with their texts, each with the address of the view without it.</summary>
    public IEnumerable<(string Kind, string Value, string Without)> Chips() =>
        from kind in OutcomeFilter.Kinds
        from value in Address.Filter.Values.GetValueOrDefault(kind.Parameter) ?? []
        let option = kind.Options.FirstOrDefault(option => option.Value == value)
        select (
            texts[kind.Label ?? "f.group"],
            option?.Label is { } label ? texts[label] : value,
            (Address with { Filter = Address.Filter.Without(kind.Parameter, value) }).ToString());

    /// <returns>Percent of the outcomes that say nothing about the attribute, or null when there are none.</returns>
    public int? NotStatedShare(string parameter)
    {
        var counts = Report.NotStated;
        var missing = parameter switch
        {
            "ethnicity" => counts.Ethnicity,
            "sex" => counts.Sex,
            "dmgPrg504" => counts.DmgPrg504,
            "dmgPrgIep" => counts.DmgPrgIep,
            "dmgPrgLep" => counts.DmgPrgLep,
            "dmgStsMig" => counts.DmgStsMig,
            _ => 0,
        };
        return missing > 0 ? (int)Math.Round(100.0 * missing / counts.Total, MidpointRounding.AwayFromZero) : null;
    }

    /// <summary>The row of everything together.
    /// Its subject is "interim only" when it is empty and some row is so.</summary>
    public IReadOnlyDictionary<string, SubjectResult> Overall => Report.Summary[0].Results.ToDictionary(
        result => result.Key,
        result => result.Value.Total == 0 && Report.Records.Any(record => record.Results[result.Key].HasInterim == true)
            ? result.Value with { HasInterim = true }
            : result.Value);
}
