using System.Text.Json;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Options;
using Smarter.Hosting;
using Smarter.Web.Security;

namespace Smarter.Web.DemoSignIn;

/// <summary>The made-up people of the development stack.</summary>
internal sealed class DemoSignInOptions
{
    public const string Section = "DemoSignIn";

    /// <summary>Path of a JSON list of people; null means nobody.
    /// Allowed in the Development environment only.</summary>
    public string? PeopleFile { get; init; }
}

/// <summary>One made-up person, as the identity provider would describe them.</summary>
/// <param name="Person">The id used to sign in, such as <c>nc-state</c>.</param>
/// <param name="Roles">What the chains say, for readers of the file; the chains decide.</param>
/// <param name="Chains">Tenancy chains (operations.md §4.8).</param>
/// <param name="Tenant">Empty for a person of no tenant or of all.</param>
/// <param name="Scope">Where the person works, in words.</param>
internal sealed record DemoPerson(
    string Person, string Name, string Uid, IReadOnlyList<string> Roles, IReadOnlyList<string> Chains,
    string Tenant, string Scope);

/// <summary>Reads the people anew at each use, so that the file can be edited while the site runs.</summary>
internal sealed class DemoPeople(IOptions<DemoSignInOptions> options)
{
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="JsonException">The file is not a list of people.</exception>
    public async Task<IReadOnlyList<DemoPerson>> ReadAsync(CancellationToken cancellation)
    {
        if (options.Value.PeopleFile is not { Length: > 0 } path)
            return [];
        await using var file = File.OpenRead(path);
        return await JsonSerializer.DeserializeAsync<List<DemoPerson>>(
            file, JsonSerializerOptions.Web, cancellation) ?? [];
    }
}

internal static class DemoSignInRegistration
{
    /// <summary>Offers the sign-in without a password in Development; elsewhere its page has no route, and naming a
    /// people file stops the process.</summary>
    public static void AddDemoSignIn(this WebApplicationBuilder builder)
    {
        var development = builder.Environment.IsDevelopment();
        builder.Services.AddSettings<DemoSignInOptions>(DemoSignInOptions.Section)
            .Validate(options => development || string.IsNullOrEmpty(options.PeopleFile),
                "DemoSignIn:PeopleFile: anyone could sign in as anyone; allowed in the Development environment only.");
        builder.Services.AddSingleton<DemoPeople>();
        if (development)
            builder.Services.PostConfigure<CookieAuthenticationOptions>(
                Caller.Scheme, cookie => cookie.LoginPath = "/demo/sign-in");
        else
            builder.Services.AddRazorPages(pages =>
                pages.Conventions.AddFolderRouteModelConvention("/DemoSignIn", page => page.Selectors.Clear()));
    }
}
