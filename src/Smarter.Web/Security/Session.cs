using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Smarter.Core.Access;
using Smarter.Database;
using Smarter.Hosting;
using Smarter.Web.Frame;
using Smarter.Web.Reports;

namespace Smarter.Web.Security;

/// <summary>Where the keys lie that protect the session cookie.</summary>
internal sealed class DataProtectionKeyOptions
{
    public const string Section = "DataProtection";

    /// <summary>Folder shared by every web server. Required outside Development;
    /// null lets the framework choose.</summary>
    public string? KeyFolder { get; init; }
}

/// <summary>How long a person stays signed in (decisions.md §4.6).</summary>
internal sealed class SessionOptions
{
    public const string Section = "Session";

    /// <summary>The session ends after this long without a request. Default 20 minutes.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "08:00:00")]
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>The session ends this long after the sign-in, whatever happens. Default 8 hours.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan Longest { get; init; } = TimeSpan.FromHours(8);
}

internal static class Policies
{
    /// <summary>Permission <c>view</c>: aggregate reports of the person's tenants.</summary>
    public const string View = "view";

    /// <summary>Permission <c>load</c>: submissions of the person's tenants, and checks of files.</summary>
    public const string Load = "load";
}

/// <summary>The session cookie <c>edware</c> and what an unknown or refused caller is told.</summary>
internal static class Session
{
    public const string CookieName = "edware";

    /// <summary>Where a person who is not signed in is sent; in Development the demo sign-in takes its place.</summary>
    public const string SignInPath = "/login";

    public const string ReturnParameter = "returnUrl";

    private const string SignedInAt = "signed_in_at";

    /// <summary>Offers the signed-in person as <see cref="Caller"/>;
    /// the cookie ends as <see cref="SessionOptions"/> say.</summary>
    public static void AddSession(this WebApplicationBuilder builder)
    {
        var development = builder.Environment.IsDevelopment();
        builder.Services.AddSettings<SessionOptions>(SessionOptions.Section);
        builder.Services.AddSettings<DataProtectionKeyOptions>(DataProtectionKeyOptions.Section)
            .Validate(options => development || !string.IsNullOrWhiteSpace(options.KeyFolder),
                "DataProtection:KeyFolder: outside Development a folder for the session keys is needed.");
        var keys = builder.Services.AddDataProtection().SetApplicationName("smarter");
        if (builder.Configuration[$"{DataProtectionKeyOptions.Section}:KeyFolder"] is { Length: > 0 } folder)
            keys.PersistKeysToFileSystem(new DirectoryInfo(folder));

        builder.Services.AddAuthentication(Caller.Scheme).AddCookie(Caller.Scheme);
        builder.Services.AddOptions<CookieAuthenticationOptions>(Caller.Scheme)
            .Configure<Microsoft.Extensions.Options.IOptions<SessionOptions>>(
                (cookie, session) => Configure(cookie, session.Value, development));
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy(Policies.View, policy => policy.RequireRole(Role.Viewers))
            .AddPolicy(Policies.Load, policy => policy.RequireRole(Role.DataLoad));

        builder.Services.AddHttpContextAccessor();
        builder.Services.AddScoped(services => Caller.From(
            services.GetRequiredService<IHttpContextAccessor>().HttpContext!.User,
            services.GetRequiredService<Databases>().Tenants));
    }

    /// <summary><c>POST /logout</c> ends the session and leads to the landing page. It takes the form only because the
    /// framework then checks the antiforgery token.</summary>
    public static void MapSession(this IEndpointRouteBuilder app) =>
        app.MapPost("/logout", async (HttpContext context, IFormCollection _) =>
        {
            await context.SignOutAsync(Caller.Scheme);
            context.Response.Headers["Clear-Site-Data"] = "\"cache\", \"storage\"";
            return TypedResults.LocalRedirect("/");
        });

    /// <returns><paramref name="address"/> when it is a path on this site, else the entry page:
    /// a sign-in never leads elsewhere.</returns>
    public static string SafeReturn(string? address) =>
        address is ['/', ..] && address is not ['/', '/' or '\\', ..] && !address.Any(char.IsControl) ? address : "/go";

    private static void Configure(CookieAuthenticationOptions cookie, SessionOptions session, bool development)
    {
        cookie.Cookie.Name = CookieName;
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Lax;
        cookie.Cookie.SecurePolicy = development ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;
        cookie.ExpireTimeSpan = session.Idle;
        cookie.SlidingExpiration = true;
        cookie.LoginPath = SignInPath;
        cookie.ReturnUrlParameter = ReturnParameter;
        cookie.Events.OnSigningIn = context =>
        {
            context.Properties.Items.TryAdd(SignedInAt,
                Now(context.HttpContext).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
            return Task.CompletedTask;
        };
        cookie.Events.OnValidatePrincipal = async context =>
        {
            var signedInAt = context.Properties.Items.TryGetValue(SignedInAt, out var seconds)
                ? DateTimeOffset.FromUnixTimeSeconds(long.Parse(seconds!, CultureInfo.InvariantCulture))
                : DateTimeOffset.MinValue;
            if (Now(context.HttpContext) < signedInAt + session.Longest)
                return;
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(Caller.Scheme);
        };
        cookie.Events.OnCheckSlidingExpiration = context =>
        {
            // A page that keeps itself fresh says nothing about whether anybody sits before it.
            context.ShouldRenew &= !LiveRefresh.IsOne(context.Request);
            return Task.CompletedTask;
        };
        cookie.Events.OnRedirectToLogin = context =>
            ReportAnswers.WantsJson(context.Request)
                ? ReportAnswers.SignInNeeded(context.RedirectUri).ExecuteAsync(context.HttpContext)
                : Redirect(context);
        cookie.Events.OnRedirectToAccessDenied = context =>
        {
            LogForbidden(context.HttpContext);
            if (ReportAnswers.WantsJson(context.Request))
                return ReportAnswers.Forbidden(context.HttpContext).ExecuteAsync(context.HttpContext);
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        };
    }

    /// <summary>Writes the security event "forbidden view accessed" (operations.md §4.10).</summary>
    public static void LogForbidden(HttpContext context) =>
        context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("security_event")
            .LogWarning("Forbidden view accessed: {Path} by {CallerGuid}",
                context.Request.Path.Value, context.RequestServices.GetRequiredService<Caller>().Guid);

    private static Task Redirect(RedirectContext<CookieAuthenticationOptions> context)
    {
        context.Response.Redirect(context.RedirectUri);
        return Task.CompletedTask;
    }

    private static DateTimeOffset Now(HttpContext context) =>
        context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
}
