namespace Smarter.SampleData.Compare;

/// <summary>The reporting site, asked over HTTP with the session of somebody who has signed in.</summary>
internal sealed class ReportingSite : IDisposable
{
    private readonly HttpClient http;
    private readonly string cookies;

    /// <param name="address">The site's root.</param>
    /// <param name="jarPath">A cookie jar in Netscape's format, as curl writes it; every cookie in it is sent.</param>
    public ReportingSite(Uri address, string jarPath)
    {
        http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = address,
            Timeout = TimeSpan.FromMinutes(1),
        };
        // Domain, subdomains, path, secure, expiry, name, value; curl marks HttpOnly cookies by a prefix of the first.
        cookies = string.Join("; ", File.ReadLines(jarPath)
            .Where(line => !line.StartsWith('#') || line.StartsWith("#HttpOnly_", StringComparison.Ordinal))
            .Select(line => line.Split('\t'))
            .Where(fields => fields.Length == 7)
            .Select(fields => $"{fields[5]}={fields[6]}"));
    }

    /// <exception cref="HttpRequestException">The site is not there, or does not answer 200;
    /// the message says what it answers.</exception>
    public async Task<string> GetAsync(string address, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Add("Cookie", cookies);
        using var response = await http.SendAsync(request, cancellation);
        if ((int)response.StatusCode != 200)
            throw new HttpRequestException($"{(int)response.StatusCode} {response.Headers.Location}".TrimEnd());
        return await response.Content.ReadAsStringAsync(cancellation);
    }

    public void Dispose() => http.Dispose();
}
