namespace Smarter.Web.Frame;

/// <summary>The request by which <c>wwwroot/live.js</c> keeps a page fresh: the page's own address with a header. It
/// is answered without the layout and does not lengthen the session.</summary>
internal static class LiveRefresh
{
    private const string Header = "Smarter-Refresh";

    public static bool IsOne(HttpRequest request) => request.Headers.ContainsKey(Header);
}
