using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Smarter.Core.Access;
using Smarter.Core.Reports;
using Smarter.Web.Security;

namespace Smarter.Web.Home;

/// <summary>The states that the person may open, for role ALLSTATES.</summary>
[Authorize(Roles = Role.AllStates)]
internal sealed class StatesModel(Caller caller) : PageModel
{
    /// <summary>Ordered by name.</summary>
    public IReadOnlyList<(string Code, string Name)> States =>
        [.. caller.Grants.StateCodes.Select(code => (code, StateNames.Of(code))).OrderBy(state => state.Item2)];
}
