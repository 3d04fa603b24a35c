namespace Smarter.Loader.Tests.LandingZone;

/// <summary>What a submitter can do over the real sshd with the sample settings, and what not.</summary>
[Collection(nameof(LandingZoneSite))]
[Trait("Needs", "Root")]
public sealed class SftpAccessTests(LandingZoneSite site) : IDisposable
{
    private readonly string file = Path.GetTempFileName();

    public void Dispose() => File.Delete(file);

    [Fact]
    public async Task A_submitter_uploads_with_a_key_and_the_group_may_read_the_file()
    {
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        var run = await site.SftpAsync(site.Carolina,
            "cd file_drop", $"put {file} a.gpg.partial", "rename a.gpg.partial a.gpg");

        Assert.True(run.ExitCode == 0, run.Error);
        var arrived = Path.Combine(site.DropOf("nc", site.Carolina), "a.gpg");
        Assert.True(File.GetUnixFileMode(arrived).HasFlag(UnixFileMode.GroupRead));
        Assert.False(File.GetUnixFileMode(arrived).HasFlag(UnixFileMode.OtherRead));
        File.Delete(arrived);
    }

    [Fact]
    public async Task A_submitter_signs_in_with_the_password_and_with_no_other()
    {
        var right = await site.SftpWithPasswordAsync(site.Carolina, LandingZoneSite.Password, "ls");
        var wrong = await site.SftpWithPasswordAsync(site.Carolina, "guessed", "ls");

        Assert.True(right.ExitCode == 0, right.Error);
        Assert.Contains("file_drop", right.Output, StringComparison.Ordinal);
        Assert.Equal(255, wrong.ExitCode);
    }

    [Fact]
    public async Task A_submitter_sees_the_drop_folder_and_nothing_else()
    {
        var listing = await site.SftpAsync(site.Carolina, "ls -1 /");

        var shown = listing.Output.Split('\n')
            .Where(line => line.Length > 0 && !line.StartsWith("sftp>", StringComparison.Ordinal));
        Assert.Equal(["/file_drop"], shown);
    }

    [Theory]
    [InlineData("cd /etc")]
    [InlineData("get ../../../../../../etc/passwd /dev/null")]
    [InlineData("mkdir /folder")]
    [InlineData("put /etc/hostname /file")]
    [InlineData("rmdir /file_drop")]
    [InlineData("chmod 777 /")]
    public async Task A_submitter_cannot_leave_the_jail_nor_change_its_root(string command)
    {
        var run = await site.SftpAsync(site.Carolina, command);

        Assert.Equal(1, run.ExitCode);
    }

    [Fact]
    public async Task A_submitter_cannot_reach_another_tenant_even_through_a_link()
    {
        var other = site.DropOf("wy", site.Wyoming);
        await File.WriteAllTextAsync(Path.Combine(other, "secret.gpg"), "");

        var run = await site.SftpAsync(
            site.Carolina, $"ln -s {other} /file_drop/link", "ls /file_drop/link/secret.gpg");

        Assert.Equal(1, run.ExitCode);
        File.Delete(Path.Combine(site.DropOf("nc", site.Carolina), "link"));
        File.Delete(Path.Combine(other, "secret.gpg"));
    }

    [Fact]
    public async Task A_submitter_gets_neither_a_shell_nor_a_tunnel()
    {
        var shell = await site.SshAsync(site.Carolina, $"{site.Carolina}@127.0.0.1", "id");
        var tunnel = await site.SshAsync(site.Carolina, "-W", $"127.0.0.1:{site.Port}", $"{site.Carolina}@127.0.0.1");

        Assert.NotEqual(0, shell.ExitCode);
        Assert.DoesNotContain("uid=", shell.Output, StringComparison.Ordinal);
        Assert.NotEqual(0, tunnel.ExitCode);
        Assert.DoesNotContain("SSH-2.0", tunnel.Output, StringComparison.Ordinal);
    }
}
