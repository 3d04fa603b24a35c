using Smarter.Core;
using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Loads;
using Smarter.Testing;

namespace Smarter.Loader.Tests.Faults;

/// <summary>A file that takes its process with it is parked after the third time; files beside it load.</summary>
[Collection(FaultCases.Name)]
[Trait("Category", "Faults")]
[Trait("Case", "R08")]
public sealed class PoisonTests(LandingKeys keys) : IAsyncLifetime
{
    private readonly LoaderSite site = new(keys);
    private readonly DirectoryInfo programs = Directory.CreateTempSubdirectory("poison-");

    public async ValueTask InitializeAsync()
    {
        await site.InitializeAsync();
        await (await TestVirtualHost.NamedAsync("edudl")).DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await site.DisposeAsync();
        programs.Delete(recursive: true);
    }

    [Fact(Timeout = 180_000)]
    public async Task R08_A_file_that_kills_its_process_three_times_is_parked_and_the_next_ones_flow()
    {
        var poison = await DeliverAsync("poison", "poison.tar.gz.gpg");
        var good = new List<string>();
        for (var number = 0; number < 3; number++)
            good.Add(await DeliverAsync($"student {number}", null));
        var settings = await SettingsAsync();
        var deaths = 0;
        EndedLoad? parked = null;
        while (parked is null)
        {
            await using var loader = RunningProgram.Start("Smarter.Loader", settings);
            var ended = site.EndAsync(poison, TimeSpan.FromSeconds(60));
            if (await Task.WhenAny(ended, loader.Ended) == ended)
                parked = await ended;
            else
                deaths++;
            Assert.InRange(deaths, 0, 3);
            if (parked is null)
                continue;
            foreach (var name in good.Append(await DeliverAsync("next", null)))
                Assert.Equal("ingested", (await site.EndAsync(name)).Outcome);
        }

        Assert.Equal(3, deaths);
        Assert.Equal(("failed", (int?)ErrorCode.CannotBeProcessed), (parked.Outcome, parked.FaultCode));
        Assert.False(await site.HasSchemaAsync(parked));
        Assert.Equal((int)ErrorCode.CannotBeProcessed,
            site.Receipt(poison).GetProperty("fault").GetProperty("code").GetInt32());
        Figures.Report("R08", "file that kills its process", $"parked after {deaths} deaths, 4 of 4 others loaded",
            "3, all");
    }

    [Fact(Timeout = 60_000)]
    public async Task R08_A_file_that_fails_for_no_foreseen_reason_is_parked_with_stack_and_id()
    {
        const string fileOfBatcher =
            """{"content": "error", "tsb_error": [{"err_code": 1e200000, "err_input": "x"}]}""";
        await site.StartAsync();

        var name = await site.DeliverAsync(await keys.SealAsync(await LandingTar.PackAsync(
            LandingTar.Member("x.json", LandingJson.File()), LandingTar.Member("x.err", fileOfBatcher),
            LandingTar.Member("x.csv", LandingCsv.File(LandingCsv.Row("unforeseen"))))));
        var load = await site.EndAsync(name);
        var next = await site.LoadAsync(LandingCsv.File(LandingCsv.Row("next")));

        Assert.Equal(("failed", (int?)ErrorCode.CannotBeProcessed), (load.Outcome, load.FaultCode));
        Assert.Contains("at Smarter.", (await site.FromUdlAsync<string>(
            $"SELECT stack_trace FROM udl_batch WHERE guid_batch = '{load.Id}' AND stack_trace IS NOT NULL")).Single(),
            StringComparison.Ordinal);
        Assert.Equal("ingested", next.Outcome);
        Figures.Report("R08", "file that fails unforeseen", "parked with stack and id, next one loaded", "the same");
    }

    private async Task<string> DeliverAsync(string student, string? name) => await site.DeliverAsync(
        await keys.SealAsync(await LandingTar.PackAsync(LandingJson.File(), LandingCsv.File(LandingCsv.Row(student)))),
        name: name);

    /// <summary>The gpg that the loader starts ends the loader when it is to decrypt the poisoned file.</summary>
    private async Task<IEnumerable<KeyValuePair<string, string?>>> SettingsAsync()
    {
        var program = await Script.WriteAsync(programs, "gpg",
            """case "$*" in *--decrypt*poison.tar*) kill -KILL $PPID; exit 1 ;; esac""", "exec gpg \"$@\"");
        return site.Settings().Append(KeyValuePair.Create("Gpg:Program", (string?)program));
    }
}
