namespace Smarter.Testing;

public static class AwaitedAnswer
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Asks for <paramref name="path"/> ten times a second until the answer has this status.</summary>
    /// <exception cref="OperationCanceledException">It never had, for 15 seconds.</exception>
    public static async Task IsAnsweredAsync(this HttpClient client, string path, int status)
    {
        using var limit = new CancellationTokenSource(Patience);
        while ((int)(await client.GetAsync(path, limit.Token)).StatusCode != status)
            await Task.Delay(100, limit.Token);
    }
}
