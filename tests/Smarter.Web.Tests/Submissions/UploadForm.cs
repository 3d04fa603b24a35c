using System.Net.Http.Headers;
using System.Text;
using AngleSharp.Html.Parser;

namespace Smarter.Web.Tests.Submissions;

/// <summary>The form "Check a file" as a browser sends it: token, tenant, files.</summary>
internal static class UploadForm
{
    public const string Address = "/submissions/check";

    /// <summary>Opens the form and sends these files with it.</summary>
    /// <param name="files">Names and contents.</param>
    public static async Task<HttpResponseMessage> SendAsync(
        HttpClient client, string tenant, params (string Name, byte[] Content)[] files) =>
        await SendAsync(client, await TokenAsync(client), tenant, files);

    /// <param name="token">Null sends none.</param>
    public static async Task<HttpResponseMessage> SendAsync(
        HttpClient client, string? token, string tenant, (string Name, byte[] Content)[] files)
    {
        using var form = new MultipartFormDataContent();
        form.HeaderEncodingSelector = (_, _) => Encoding.UTF8;
        if (token is not null)
            form.Add(new StringContent(token), "\"__RequestVerificationToken\"");
        form.Add(new StringContent(tenant), "\"tenant\"");
        foreach (var (name, content) in files)
        {
            var part = new ByteArrayContent(content);
            part.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = "\"files\"" };
            part.Headers.ContentDisposition.Parameters.Add(new NameValueHeaderValue("filename", $"\"{name}\""));
            form.Add(part);
        }
        return await client.PostAsync(Address, form);
    }

    public static async Task<string> TokenAsync(HttpClient client) =>
        new HtmlParser().ParseDocument(await client.GetStringAsync(Address))
            .QuerySelector("form[enctype] input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
}
