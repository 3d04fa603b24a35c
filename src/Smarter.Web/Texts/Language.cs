using System.Globalization;

namespace Smarter.Web.Texts;

/// <summary>A language that the site speaks.</summary>
/// <param name="Code">As in <c>lang</c> attributes, the cookie and the bundle's name.</param>
/// <param name="Name">In the language itself.</param>
/// <param name="Culture">How numbers and dates are written; both are those of the United States.</param>
internal sealed record Language(string Code, string Name, CultureInfo Culture)
{
    public const string Parameter = "lang";

    public static readonly Language English = new("en", "English", CultureInfo.GetCultureInfo("en-US"));
    public static readonly Language Spanish = new("es", "Español", CultureInfo.GetCultureInfo("es-US"));

    public static readonly IReadOnlyList<Language> All = [English, Spanish];

    /// <returns>The language with this code, or null.</returns>
    public static Language? Find(string? code) => All.FirstOrDefault(language => language.Code == code);

    /// <summary>The language of a request: <c>?lang=</c>, else the cookie, else the best of <c>Accept-Language</c>,
    /// else English.</summary>
    public static Language Of(HttpRequest request) =>
        Find(request.Query[Parameter])
        ?? Find(request.Cookies[Parameter])
        ?? request.GetTypedHeaders().AcceptLanguage
            .OrderByDescending(wish => wish.Quality ?? 1)
            .Select(wish => Find(wish.Value.Value?.Split('-')[0].ToLowerInvariant()))
            .FirstOrDefault(language => language is not null)
        ?? English;
}
