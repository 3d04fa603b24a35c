using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Smarter.SampleData.Tests.Compare;

/// <summary>A reporting site that knows a few answers by heart and wants the cookie <c>edware=made-up</c>.</summary>
internal sealed class RemoteSite : IDisposable
{
    private readonly HttpListener listener = new();
    private readonly IReadOnlyDictionary<string, string> answers;

    /// <param name="answers">By address without what follows the question mark's <c>asmtYear</c>.</param>
    public RemoteSite(IReadOnlyDictionary<string, string> answers)
    {
        this.answers = answers;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/";
        }

        listener.Prefixes.Add(Address);
        listener.Start();
        Answering = AnswerAsync();
    }

    public string Address { get; }

    private Task Answering { get; }

    public void Dispose()
    {
        listener.Stop();
        Answering.Wait();
        listener.Close();
    }

    private async Task AnswerAsync()
    {
        while (true)
        {
            HttpListenerContext call;
            try
            {
                call = await listener.GetContextAsync();
            }
            catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            var address = call.Request.RawUrl!.Split("asmtYear=2016")[0];
            if (call.Request.Headers["Cookie"] != "edware=made-up")
                call.Response.StatusCode = 401;
            else if (answers.TryGetValue(address, out var answer))
                await call.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer));
            else
                call.Response.StatusCode = 404;
            call.Response.Close();
        }
    }
}
