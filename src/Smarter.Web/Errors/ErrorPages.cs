namespace Smarter.Web.Errors;

/// <summary>Every failure keeps its status and shows a page, or JSON to a program, with the reference id of the
/// log.</summary>
internal static class ErrorPages
{
    public static void UseErrorPages(this WebApplication app)
    {
        app.UseExceptionHandler("/error/500");
        app.UseStatusCodePagesWithReExecute("/error/{0}");
    }
}
