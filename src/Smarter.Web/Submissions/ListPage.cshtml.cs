using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Smarter.Core.Reports;
using Smarter.Database;
using Smarter.Web.Frame;
using Smarter.Web.Security;

namespace Smarter.Web.Submissions;

/// <summary>The submissions of one of the caller's states, the newest first; fresh by itself while one is under
/// way.</summary>
[Authorize(Policy = Policies.Load)]
internal sealed class ListPageModel(Caller caller, Databases databases, SubmissionQuery query) : PageModel
{
    private const int RowsOfPage = 25;
    private const string StateParameter = "state";
    private const string ShowParameter = "show";
    private const string AfterParameter = "after";

    public string StateCode { get; private set; } = "";

    public string StateName => StateNames.Of(StateCode);

    public SubmissionFilter Filter { get; private set; }

    public IReadOnlyList<Submission> Submissions { get; private set; } = [];

    /// <summary>How many of the state's submissions have not ended, shown here or not.</summary>
    public long UnderWay { get; private set; }

    /// <summary>The end of this page when another one follows; else null.</summary>
    public PageEnd? End { get; private set; }

    /// <summary>Whether this is not the first page.</summary>
    public bool IsLater { get; private set; }

    /// <summary>Whether only the part that changes is asked for.</summary>
    public bool IsRefresh => LiveRefresh.IsOne(Request);

    /// <summary>Every state for which the caller may submit, with its code.</summary>
    public IReadOnlyList<(string Code, string Name)> States =>
        [.. caller.LoadTenants.Select(CodeOf).Select(code => (code, StateNames.Of(code)))];

    /// <param name="state">The code of a state; null for the caller's first.</param>
    /// <param name="show">Name of a filter; anything else shows all.</param>
    /// <param name="after">Where the page before ended; anything else shows the first page.</param>
    /// <returns>403 for a state of another tenant and for one that is unknown.</returns>
    public async Task<IActionResult> OnGetAsync(
        string? state, string? show, string? after, CancellationToken cancellation)
    {
        var tenant = state is null
            ? caller.LoadTenants is [var first, ..] ? first : null
            : databases.FindTenantOfState(state)?.Name;
        if (tenant is null || !caller.LoadTenants.Contains(tenant))
            return Forbid();

        StateCode = CodeOf(tenant);
        Filter = Enum.TryParse<SubmissionFilter>(show, ignoreCase: true, out var filter) && Enum.IsDefined(filter)
            ? filter
            : SubmissionFilter.All;
        var before = PageEnd.Parse(after);
        IsLater = before is not null;
        var found = await query.ListAsync(tenant, Filter, before, RowsOfPage + 1, cancellation);
        Submissions = [.. found.Take(RowsOfPage)];
        End = found.Count > RowsOfPage ? PageEnd.Of(Submissions[^1]) : null;
        UnderWay = await query.CountUnderWayAsync(tenant, cancellation);
        return Page();
    }

    /// <summary>The address of the list with other choices; the first page when <paramref name="after"/> is
    /// null.</summary>
    public string Address(string stateCode, SubmissionFilter filter, PageEnd? after = null)
    {
        var query = new QueryBuilder();
        if (States.Count > 1)
            query.Add(StateParameter, stateCode);
        if (filter != SubmissionFilter.All)
            query.Add(ShowParameter, filter.ToString().ToLowerInvariant());
        if (after is not null)
            query.Add(AfterParameter, after.ToString());
        return $"/submissions{query}";
    }

    /// <summary>The address of just this page.</summary>
    public string ThisAddress => Request.GetEncodedPathAndQuery();

    private string CodeOf(string tenant) => databases.FindTenant(tenant)!.StateCode;
}
