using Smarter.Loader.LandingZone;
using Smarter.Testing;

namespace Smarter.Loader.Tests.LandingZone;

/// <summary>The operators' command: tenants and users of the landing zone.</summary>
[Collection(nameof(LandingZoneSite))]
[Trait("Needs", "Root")]
public sealed class SftpAccountsTests(LandingZoneSite site)
{
    private static NewSftpUser User(string name, string tenant = "nc", string keys = "") =>
        new(name, tenant, SftpRole.SftpArrivals, keys, null);

    [Theory]
    [InlineData("../etc", "nc", "cannot be the name of a user")]
    [InlineData("-f", "nc", "cannot be the name of a user")]
    [InlineData("1000", "nc", "cannot be the name of a user")]
    [InlineData("root", "..", "cannot be the name of a tenant")]
    [InlineData("root", "zz", "There is no tenant zz")]
    [InlineData("root", "nc", "The user name root is taken")]
    public async Task A_user_that_cannot_be_made_is_refused_with_the_reason(string name, string tenant, string reason)
    {
        var refusal = await Assert.ThrowsAsync<SftpRefusedException>(
            () => site.Accounts.AddUserAsync(User(name, tenant), CancellationToken.None));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_group_the_operator_is_told_to_make_it_first()
    {
        var settings = site.Settings();
        settings["Sftp:Group"] = "smarter-no-such";
        var (_, accounts) = LandingZoneSite.AccountsOf(settings);

        var refusal = await Assert.ThrowsAsync<SftpRefusedException>(
            () => accounts.AddUserAsync(User("root"), CancellationToken.None));

        Assert.Contains("The group smarter-no-such does not exist", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_public_key_makes_no_user()
    {
        var name = site.NewUser();

        var refusal = await Assert.ThrowsAsync<SftpRefusedException>(
            () => site.Accounts.AddUserAsync(User(name, keys: "ssh-ed25519 rubbish"), CancellationToken.None));

        Assert.Contains("no public key", refusal.Message, StringComparison.Ordinal);
        Assert.False(await LandingZoneSite.IsAccountAsync(name));
    }

    [Fact]
    public async Task A_user_whose_making_was_cut_off_is_finished_and_a_whole_one_is_refused()
    {
        var name = site.NewUser();
        await LandingZoneSite.RunAsync("useradd", "--no-create-home", "--gid", site.Zone.Group, "--home-dir",
            site.Zone.PlaceOf(SftpRole.SftpArrivals, "nc", name).Home, name);

        await site.Accounts.AddUserAsync(User(name), CancellationToken.None);

        Assert.True(Directory.Exists(site.DropOf("nc", name)));
        await Assert.ThrowsAsync<SftpRefusedException>(
            () => site.Accounts.AddUserAsync(User(name), CancellationToken.None));
        await site.Accounts.RemoveUserAsync(name, CancellationToken.None);
    }

    [Fact]
    public async Task A_removed_user_leaves_no_account_no_home_and_no_jail()
    {
        var name = site.NewUser();
        await site.AddUserAsync(name, "wy");
        var place = site.Zone.PlaceOf(SftpRole.SftpArrivals, "wy", name);
        await File.WriteAllTextAsync(Path.Combine(place.Drop, "late.gpg"), "");
        Directory.CreateDirectory(site.Zone.PlaceOf(SftpRole.SftpDepartures, "wy", name).Drop);

        await site.Accounts.RemoveUserAsync(name, CancellationToken.None);

        Assert.False(await LandingZoneSite.IsAccountAsync(name));
        Assert.False(Directory.Exists(place.Home));
        Assert.False(Directory.Exists(place.Jail));
        Assert.False(Directory.Exists(site.Zone.PlaceOf(SftpRole.SftpDepartures, "wy", name).Jail));
        var again = await Assert.ThrowsAsync<SftpRefusedException>(
            () => site.Accounts.RemoveUserAsync(name, CancellationToken.None));
        Assert.Contains("There is no user", again.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_of_the_machine_is_never_removed()
    {
        await Assert.ThrowsAsync<SftpRefusedException>(
            () => site.Accounts.RemoveUserAsync("nobody", CancellationToken.None));

        Assert.True(await LandingZoneSite.IsAccountAsync("nobody"));
    }

    [Fact]
    public async Task A_tenant_with_users_and_a_zone_with_members_are_not_removed()
    {
        var tenant = Assert.Throws<SftpRefusedException>(() => site.Accounts.RemoveTenant("nc"));
        var zone = await Assert.ThrowsAsync<SftpRefusedException>(
            () => site.Accounts.CleanUpAsync(CancellationToken.None));

        Assert.Contains("Remove its users first", tenant.Message, StringComparison.Ordinal);
        Assert.Contains(site.Carolina, zone.Message, StringComparison.Ordinal);
        Assert.True(Directory.Exists(site.DropOf("nc", site.Carolina)));
    }

    [Fact]
    public void A_tenant_can_be_added_twice_and_removed_once()
    {
        site.Accounts.AddTenant("vt");
        site.Accounts.AddTenant("vt");

        site.Accounts.RemoveTenant("vt");

        Assert.All(site.Zone.TenantFolders("vt"), folder => Assert.False(Directory.Exists(folder)));
        Assert.Throws<SftpRefusedException>(() => site.Accounts.RemoveTenant("vt"));
    }

    [Fact]
    public async Task The_command_makes_a_user_from_a_key_file_and_says_how_to_set_a_password()
    {
        var name = site.NewUser();

        var run = await ProcessRun.ToEndAsync("Smarter.Loader",
            ["sftp", "add-user", "-u", name, "-t", "nc", "-r", "sftparrivals", "--ssh-key-file",
                site.Key(site.Carolina) + ".pub"], site.Settings());

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains($"passwd {name}", run.Output, StringComparison.Ordinal);
        Assert.Equal(await File.ReadAllTextAsync(site.Key(site.Carolina) + ".pub"), await File.ReadAllTextAsync(
            Path.Combine(site.Zone.PlaceOf(SftpRole.SftpArrivals, "nc", name).Home, ".ssh", "authorized_keys")));
        await site.Accounts.RemoveUserAsync(name, CancellationToken.None);
    }
}
