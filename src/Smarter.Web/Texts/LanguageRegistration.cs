using Microsoft.AspNetCore.Mvc;
using Smarter.Web.Security;

namespace Smarter.Web.Texts;

/// <summary>Each request has a language; the switch in the header keeps it in the cookie <c>lang</c> for a
/// year.</summary>
internal static class LanguageRegistration
{
    public static void AddLanguages(this WebApplicationBuilder builder)
    {
        builder.Services.AddScoped(services =>
            Language.Of(services.GetRequiredService<IHttpContextAccessor>().HttpContext!.Request));
        builder.Services.AddScoped<TextBundle>();
    }

    /// <summary>A language named in the address (<c>?lang=es</c>) holds for the pages after it too.</summary>
    public static void UseLanguages(this WebApplication app) =>
        app.Use((context, next) =>
        {
            if (Language.Find(context.Request.Query[Language.Parameter]) is { } named
                && named != Language.Find(context.Request.Cookies[Language.Parameter]))
                Remember(context, named);
            return next(context);
        });

    /// <summary><c>POST /language</c> with the form fields <c>lang</c> and <c>returnUrl</c>.</summary>
    public static void MapLanguage(this IEndpointRouteBuilder app) =>
        app.MapPost("/language", (HttpContext context, [FromForm] string? lang, [FromForm] string? returnUrl) =>
        {
            if (Language.Find(lang) is { } chosen)
                Remember(context, chosen);
            return TypedResults.LocalRedirect(Session.SafeReturn(returnUrl));
        });

    private static void Remember(HttpContext context, Language language) =>
        context.Response.Cookies.Append(Language.Parameter, language.Code, new CookieOptions
        {
            MaxAge = TimeSpan.FromDays(365),
            SameSite = SameSiteMode.Lax,
            HttpOnly = true,
            IsEssential = true,
            Secure = context.Request.IsHttps,
        });
}
