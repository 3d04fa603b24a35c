namespace Smarter.Web.Security;

/// <summary>The headers that every answer carries.</summary>
internal static class SecurityHeaders
{
    private const string ContentSecurityPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>No inline script or style, no framing, no sniffing, no address in referrers of other sites; strict
    /// transport outside Development; nothing is cached unless the endpoint says so.</summary>
    public static void UseSecurityHeaders(this WebApplication app)
    {
        var strictTransport = !app.Environment.IsDevelopment();
        app.Use((context, next) =>
        {
            // TLS ends at the proxy in front, the only way to the site: its links and cookies are those of https.
            if (strictTransport)
                context.Request.Scheme = Uri.UriSchemeHttps;
            // Written last, because an error page starts with the headers cleared.
            context.Response.OnStarting(() =>
            {
                Write(context.Response.Headers, strictTransport);
                return Task.CompletedTask;
            });
            return next(context);
        });
    }

    private static void Write(IHeaderDictionary headers, bool strictTransport)
    {
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        if (headers.CacheControl.Count == 0)
            headers.CacheControl = "no-store";
        if (strictTransport)
            headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
    }
}
