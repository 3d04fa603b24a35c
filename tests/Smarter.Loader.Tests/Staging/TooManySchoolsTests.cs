using Smarter.Core;
using Smarter.Loader.Staging;
using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Loads;

namespace Smarter.Loader.Tests.Staging;

/// <summary>A file cannot fill the loader's memory with schools.</summary>
public sealed class TooManySchoolsTests(LandingKeys keys) : IAsyncLifetime
{
    private readonly LoaderSite site = new(keys);

    public ValueTask InitializeAsync() => site.InitializeAsync();

    public ValueTask DisposeAsync() => site.DisposeAsync();

    [Fact(Timeout = 60_000)]
    public async Task A_file_with_one_school_more_than_any_state_has_is_rejected()
    {
        await site.StartAsync();
        var row = LandingCsv.Row("ann", ("ResponsibleSchoolIdentifier", "S@"), ("StudentIdentifier", "ann@"));
        var csv = LandingCsv.File([.. Enumerable.Range(0, SchoolDirectory.MaxSchools + 1)
            .Select(number => row.Replace("@", $"{number}", StringComparison.Ordinal))]);

        var name = await site.DeliverAsync(await keys.SealAsync(await LandingTar.PackAsync(
            LandingTar.Member("wy-math.json", LandingJson.File()), LandingTar.Member("wy-math.csv", csv))));
        var load = await site.EndAsync(name);

        Assert.Equal(("failed", (int?)ErrorCode.TooManySchools), (load.Outcome, load.FaultCode));
    }

    [Fact]
    public void Spellings_of_one_school_count_too()
    {
        var schools = SchoolDirectory.Empty();
        void Note(int number) => schools.Note("D1", "S1", new SchoolNames("District", $"School {number}"), number, number);
        for (var number = 1; number <= SchoolDirectory.MaxSchools; number++)
            Note(number);

        Note(1);
        var fault = Assert.Throws<FileRejectedException>(() => Note(SchoolDirectory.MaxSchools + 1));

        Assert.Equal(ErrorCode.TooManySchools, fault.Code);
    }
}
