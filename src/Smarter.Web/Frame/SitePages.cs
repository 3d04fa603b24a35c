using System.Globalization;
using Microsoft.Net.Http.Headers;
using Smarter.Database;
using Smarter.Web.Reports;
using Smarter.Web.Security;

namespace Smarter.Web.Frame;

/// <summary>What stands around every page: layout, static files, level colours.</summary>
internal static class SitePages
{
    /// <summary>The pages stand beside the code of their capability, not below one folder <c>Pages</c>.</summary>
    public static void AddSitePages(this WebApplicationBuilder builder)
    {
        builder.Services.AddRazorPages().WithRazorPagesAtContentRoot();
        builder.Services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "antiforgery";
            options.Cookie.SecurePolicy = builder.Environment.IsDevelopment()
                ? CookieSecurePolicy.SameAsRequest
                : CookieSecurePolicy.Always;
        });
        builder.Services.AddSingleton<CustomMetadataQuery>();
    }

    /// <summary>Files of <c>wwwroot</c>: kept for a year when the address carries the file's hash, else for an
    /// hour.</summary>
    public static void UseSiteFiles(this WebApplication app) =>
        app.UseStaticFiles(new StaticFileOptions
        {
            OnPrepareResponse = file => file.Context.Response.Headers[HeaderNames.CacheControl] =
                file.Context.Request.Query.ContainsKey("v")
                    ? "public, max-age=31536000, immutable"
                    : "public, max-age=3600",
        });

    /// <summary><c>GET /theme/{tenant}.css</c>: the tenant's level colours as custom properties, each with the text
    /// colour that contrasts most.</summary>
    public static void MapTheme(this IEndpointRouteBuilder app) =>
        app.MapGet("/theme/{tenant}.css", async Task<IResult> (
            HttpContext context, string tenant, Caller caller, Databases databases, CustomMetadataQuery query,
            CancellationToken cancellation) =>
        {
            if (!caller.Grants.MayView(tenant) || databases.FindTenant(tenant) is not { } known)
                return TypedResults.NotFound();
            var metadata = await query.RunAsync(known, cancellation);
            context.Response.Headers.CacheControl = "private, max-age=300";
            return TypedResults.Text(StyleSheet(metadata), "text/css; charset=utf-8");
        }).RequireAuthorization(Policies.View);

    private static string StyleSheet(CustomMetadata metadata)
    {
        var properties = new[] { ("math", "Math"), ("ela", "ELA") }.SelectMany(subject =>
            metadata.Colors(subject.Item2).SelectMany((color, i) => new[]
            {
                string.Create(CultureInfo.InvariantCulture, $"  --{subject.Item1}-{i + 1}: {color.Fill};"),
                string.Create(CultureInfo.InvariantCulture, $"  --{subject.Item1}-{i + 1}-text: {color.Text};"),
            }));
        return $":root {{\n{string.Join('\n', properties)}\n}}\n";
    }
}
