using System.Text;
using Smarter.Loader.Tests.Landing;
using Smarter.SampleData.Landing;

namespace Smarter.Loader.Tests.Faults;

/// <summary>A file that takes seconds to load, sealed once.</summary>
public sealed class LargeFile(LandingKeys keys) : IAsyncLifetime
{
    public const int Rows = 100_000;

    public byte[] Bytes { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        var options = new LandingOptions { Students = Rows, StateCode = "WY" };
        using var json = new MemoryStream();
        LandingFiles.WriteJson(options, json);
        using var csv = new MemoryStream();
        LandingFiles.WriteCsv(options, csv);
        csv.Position = 0;
        Bytes = await keys.SealAsync(await LandingTar.PackAsync(
            LandingTar.Member("wy.json", Encoding.UTF8.GetString(json.ToArray())), LandingTar.Member("wy.csv", csv)));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
