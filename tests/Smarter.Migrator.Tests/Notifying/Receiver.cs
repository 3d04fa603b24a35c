using System.Collections.Concurrent;

namespace Smarter.Migrator.Tests.Notifying;

/// <summary>A submitter's web server on a free port of 127.0.0.1.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<RequestDelegate> answers = [];
    private readonly ConcurrentQueue<ReceivedRequest> received = [];

    private Receiver(WebApplication app) => this.app = app;

    /// <summary>Of every request, in the order of arrival.</summary>
    public IReadOnlyList<ReceivedRequest> Received => [.. received];

    public string Url => $"{app.Urls.Single()}/told?key=1";

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new Receiver(builder.Build());
        receiver.app.Run(receiver.AnswerAsync);
        await receiver.app.StartAsync();
        return receiver;
    }

    /// <summary>The next requests are answered with these, in order; those after them with 200.</summary>
    public void WillAnswer(params int[] statuses)
    {
        foreach (var status in statuses)
            WillDo(context =>
            {
                context.Response.StatusCode = status;
                return Task.CompletedTask;
            });
    }

    /// <summary>The next request is answered by <paramref name="answer"/>.</summary>
    public void WillDo(RequestDelegate answer) => answers.Enqueue(answer);

    /// <summary>The next request is left without an answer until its sender gives up.</summary>
    public void WillHang() => WillDo(context => Task.Delay(Timeout.Infinite, context.RequestAborted));

    /// <summary>Waits until this many requests have come, 30 s at most.</summary>
    public async Task HasReceivedAsync(int requests)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (received.Count < requests)
            await Task.Delay(20, limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var request = context.Request;
        received.Enqueue(new ReceivedRequest(
            $"{request.Method} {request.Path}{request.QueryString}", request.Headers.ContentType.ToString(),
            request.Headers.Accept.ToString(), await reader.ReadToEndAsync()));
        if (!answers.TryDequeue(out var answer))
            return;
        try
        {
            await answer(context);
        }
        catch (OperationCanceledException)
        {
            // The sender gave up.
        }
    }
}

/// <param name="Line">Method, path and query.</param>
internal sealed record ReceivedRequest(string Line, string ContentType, string Accept, string Body);
