using Smarter.SampleData.Archive;

namespace Smarter.SampleData.Tests.Archive;

/// <summary>
/// A submitter who knows the loader's public key, and a loader with a passphrase; made once, as keys take seconds.
/// </summary>
public sealed class SubmitterAndLoader : IAsyncLifetime
{
    private readonly Folder folder = new();

    public SubmitterAndLoader()
    {
        Submitter = new GpgHome(folder["s"]);
        Loader = new GpgHome(folder["l"], PassphraseFile);
    }

    public GpgHome Submitter { get; }

    public GpgHome Loader { get; }

    public string SubmitterKey { get; private set; } = "";

    public string LoaderKey { get; private set; } = "";

    public string PassphraseFile => folder["passphrase"];

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(PassphraseFile, "made up for this test\n");
        SubmitterKey = await Submitter.CreateKeyAsync("Submitter of a test");
        LoaderKey = await Loader.CreateKeyAsync("Loader of a test");
        await Submitter.ImportAsync(await Loader.ExportPublicKeyAsync(LoaderKey));
    }

    public async ValueTask DisposeAsync()
    {
        await Submitter.DisposeAsync();
        await Loader.DisposeAsync();
        folder.Dispose();
    }
}
