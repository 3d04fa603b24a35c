using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Options;

namespace Smarter.Migrator.Notifying;

/// <summary>Posts a notification to the address that the submitter gave (loader.md §6.2).</summary>
internal sealed class PostCallback : IDisposable
{
    private const int MostOfAnswerRead = 4096;

    private readonly CallbackRules rules;
    private readonly NotificationOptions options;
    private readonly ILogger<PostCallback> log;
    private readonly HttpClient http;

    public PostCallback(CallbackRules rules, IOptions<NotificationOptions> options, ILogger<PostCallback> log)
    {
        (this.rules, this.options, this.log) = (rules, options.Value, log);
        http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectCallback = rules.ConnectAsync,
            MaxResponseDrainSize = MostOfAnswerRead,
            PooledConnectionLifetime = TimeSpan.Zero, // each request is judged anew
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
            UseCookies = false,
            UseProxy = false, // a proxy would connect in our place, unjudged
        })
        { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <returns>Success below status 400; pending when nobody answered in time or the answer was 408; else
    /// failure.</returns>
    /// <exception cref="OperationCanceledException">The process stops.</exception>
    public async Task<Delivery> RunAsync(Notification notification, CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(options.Timeout);
        try
        {
            using var request = Request(rules.Check(notification.CallbackUrl!), notification.Body);
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return Judge(answer.StatusCode);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return Delivery.Pending($"No answer within {options.Timeout.TotalSeconds:0.#} s.");
        }
        catch (CallbackRefusedException refused)
        {
            return Refuse(notification, refused);
        }
        catch (HttpRequestException trouble) when (trouble.InnerException is CallbackRefusedException refused)
        {
            return Refuse(notification, refused);
        }
        catch (HttpRequestException trouble) when (trouble.HttpRequestError is
            HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded)
        {
            return Delivery.Failure($"The receiver's answer cannot be understood: {trouble.HttpRequestError}.");
        }
        catch (HttpRequestException trouble) when (trouble.HttpRequestError is HttpRequestError.Unknown)
        {
            return Delivery.Pending("The connection broke off.");
        }
        catch (HttpRequestException trouble)
        {
            return Delivery.Pending($"The receiver cannot be reached: {trouble.HttpRequestError}.");
        }
    }

    public void Dispose() => http.Dispose();

    private static HttpRequestMessage Request(Uri url, string body)
    {
        var content = new ByteArrayContent(Encoding.ASCII.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/plain"));
        return request;
    }

    private static Delivery Judge(HttpStatusCode status) => (int)status switch
    {
        < 300 => Delivery.Success,
        < 400 => new Delivery(DeliveryStatus.Success, $"Answered {(int)status}; a redirect is not followed."),
        408 => Delivery.Pending("Answered 408."),
        _ => Delivery.Failure($"Answered {(int)status}."),
    };

    private Delivery Refuse(Notification notification, CallbackRefusedException refused)
    {
        log.LogWarning("Security: a callback of {Tenant} is refused: {Reason}", notification.Tenant, refused.Message);
        return Delivery.Failure(refused.Message);
    }
}
