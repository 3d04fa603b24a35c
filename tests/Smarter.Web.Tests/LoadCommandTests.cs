using System.Diagnostics;

namespace Smarter.Web.Tests;

/// <summary><c>./smarter load</c> in a clone of its own whose servers are stopped.</summary>
public sealed class LoadCommandTests
{
    [Fact]
    public async Task After_down_it_says_how_to_start_the_servers()
    {
        var clone = Directory.CreateTempSubdirectory("smarter-load-");
        try
        {
            var scripts = clone.CreateSubdirectory("deploy/dev").FullName;
            foreach (var script in (string[])["load", "lib.sh", "landing.sh", "keys.sh", "data.sh"])
                File.Copy(
                    Path.Combine(BrowsedSite.RepositoryRoot(), "deploy", "dev", script), Path.Combine(scripts, script));
            clone.CreateSubdirectory(".run");
            await File.WriteAllTextAsync(Path.Combine(clone.FullName, ".run", "ports"), "PORT_POSTGRES=1\n");

            var load = Path.Combine(scripts, "load");
            using var process = Process.Start(new ProcessStartInfo("bash", [load, load, "--tenant", "nc"])
            {
                RedirectStandardError = true,
            })!;
            var error = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();

            Assert.Equal("smarter: postgres does not run. Start it with: ./smarter up\n", error);
            Assert.Equal(1, process.ExitCode);
        }
        finally
        {
            clone.Delete(recursive: true);
        }
    }
}
