using System.Text;
using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Loads;
using Smarter.SampleData.Landing;

namespace Smarter.Loader.Tests.Faults;

/// <summary>The cases R01 to R13 run one after the other: they measure time, and processes share a virtual host.</summary>
[CollectionDefinition(Name)]
public sealed class FaultCases : ICollectionFixture<LargeFile>
{
    public const string Name = "Faults";
}

/// <summary>A file that takes seconds to load, and what a load that nothing disturbs makes of it.</summary>
public sealed class LargeFile
{
    /// <summary>Everything of a batch but ids, dates and the batch's own name, in an order of its own.</summary>
    private const string Digest = """
        SELECT md5(string_agg(line, '' ORDER BY line))
          FROM (SELECT md5((to_jsonb(fact) - array['asmt_outcome_vw_rec_id', 'asmt_rec_id', 'student_rec_id',
                                                   'inst_hier_rec_id', 'from_date', 'batch_guid'])::text
                           || student.first_name || student.last_name || school.school_name) AS line
                  FROM "{0}".fact_asmt_outcome_vw fact
                  JOIN "{0}".dim_student student
                    ON (student.student_rec_id, student.student_id) = (fact.student_rec_id, fact.student_id)
                  JOIN "{0}".dim_inst_hier school
                    ON (school.inst_hier_rec_id, school.school_id) = (fact.inst_hier_rec_id, fact.school_id)) lines
        """;

    private readonly LandingKeys keys;
    private readonly Lazy<Task<byte[]>> tar = new(PackAsync);
    private readonly Lazy<Task<string>> digestOfCleanRun;

    public LargeFile(LandingKeys keys)
    {
        this.keys = keys;
        digestOfCleanRun = new(LoadCleanlyAsync);
    }

    public static int Rows { get; } = Soak.Either(20_000, 100_000);

    /// <returns>The file, sealed anew: the same rows in bytes that no other file has.</returns>
    public async Task<byte[]> SealAsync() => await keys.SealAsync(await tar.Value);

    /// <summary>The oracle L of the test catalogue for one load of this file: every row once, no key twice, the same
    /// facts as of a clean run, receipts in reach.</summary>
    internal async Task IsLoadedAsync(LoaderSite site, EndedLoad load)
    {
        Assert.Equal(
            ("ingested", (int?)null, (long?)Rows, (long?)Rows, (long?)0, (long?)0),
            (load.Outcome, load.FaultCode, load.RowsReceived, load.RowsLoaded, load.RowsRejected, load.RowsSuperseded));
        Assert.Equal(await digestOfCleanRun.Value, await DigestAsync(site, load));
        Assert.Equal(Smarter.Core.LoadStatus.Ingested, await site.StatusAsync(load));
        Assert.Empty(await site.ErrorsAsync(load));
        Assert.Equal(2, site.Files("departures").Count(path => path.Contains($"{load.Id}", StringComparison.Ordinal)));
    }

    private static async Task<byte[]> PackAsync()
    {
        var options = new LandingOptions { Students = Rows, StateCode = "WY" };
        using var json = new MemoryStream();
        LandingFiles.WriteJson(options, json);
        using var csv = new MemoryStream();
        LandingFiles.WriteCsv(options, csv);
        csv.Position = 0;
        return await LandingTar.PackAsync(
            LandingTar.Member("wy.json", Encoding.UTF8.GetString(json.ToArray())), LandingTar.Member("wy.csv", csv));
    }

    private async Task<string> LoadCleanlyAsync()
    {
        var clean = new LoaderSite(keys);
        await clean.InitializeAsync();
        try
        {
            await clean.StartAsync();
            return await DigestAsync(clean, await clean.EndAsync(await clean.DeliverAsync(await SealAsync())));
        }
        finally
        {
            await clean.DisposeAsync();
        }
    }

    private static async Task<string> DigestAsync(LoaderSite site, EndedLoad load) =>
        (await site.FromStagingAsync<string>(Digest.Replace("{0}", $"{load.Id}", StringComparison.Ordinal))).Single();
}
