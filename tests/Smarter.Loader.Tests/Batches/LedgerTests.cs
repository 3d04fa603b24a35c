using Dapper;
using Npgsql;
using Smarter.Loader.Tests.Landing;
using Smarter.Loader.Tests.Loads;

namespace Smarter.Loader.Tests.Batches;

/// <summary>The database itself sees when rows of a file are not accounted for. That it sees nothing after a load of
/// whatever kind is asserted by <see cref="LoaderSite.EndAsync"/>.</summary>
public sealed class LedgerTests(LoaderSite site) : IClassFixture<LoaderSite>
{
    [Theory(Timeout = 60_000)]
    [InlineData("rows_loaded = rows_loaded - 1")]
    [InlineData("rows_received = NULL")]
    [InlineData("outcome = 'failed'")]
    [InlineData("outcome = 'duplicate'")]
    [InlineData("outcome = NULL")]
    public async Task Counts_that_do_not_add_up_are_refused(string change)
    {
        var load = await LoadAsync();
        await using var udl = await site.Database.Owner.Udl.OpenConnectionAsync();

        var refused = await Assert.ThrowsAsync<PostgresException>(
            () => udl.ExecuteAsync($"UPDATE load_file SET {change} WHERE guid_batch = '{load.Id}'"));

        Assert.Equal(PostgresErrorCodes.CheckViolation, refused.SqlState);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("DELETE FROM err_list WHERE err_code = 5107", "1 rows are rejected, err_list names 0")]
    [InlineData("DELETE FROM err_list WHERE err_code = 5120", "1 rows are superseded, err_list names 0")]
    [InlineData("UPDATE err_list SET src_file_rec_num = 1 WHERE err_code = 5121", null)]
    public async Task Rows_that_err_list_does_not_name_are_seen(string change, string? seen)
    {
        var load = await LoadAsync();
        await using var udl = await site.Database.Owner.Udl.OpenConnectionAsync();
        await udl.ExecuteAsync($"{change} AND guid_batch = '{load.Id}'");

        var faults = await site.FromUdlAsync<string>(
            $"SELECT what FROM ledger_fault WHERE guid_batch = '{load.Id}'");

        Assert.Equal(seen is null ? [] : [seen], faults);
    }

    /// <summary>Five rows: one rejected, one superseded, and a note that is neither.</summary>
    private async Task<EndedLoad> LoadAsync()
    {
        var load = await site.LoadAsync(LandingCsv.File(
            LandingCsv.Row("ann", ("FirstName", "Ann")), LandingCsv.Row("bob", ("Sex", "?")), LandingCsv.Row("cy"),
            LandingCsv.Row("dee"), LandingCsv.Row("ann", ("FirstName", $"Anna {Guid.NewGuid():N}"[..20]))));
        Assert.Equal((5L, 3L, 1L, 1L),
            (load.RowsReceived, load.RowsLoaded, load.RowsRejected, load.RowsSuperseded));
        return load;
    }
}
