using Microsoft.Extensions.DependencyInjection;
using Smarter.Database;

namespace Smarter.Hosting;

/// <summary>The argument <c>schema</c> of a process:
/// brings every configured database to the newest schema and ends.</summary>
public static class SchemaCommand
{
    /// <returns>True when <paramref name="args"/> ask for the schema command.</returns>
    public static bool IsAskedFor(string[] args) => args is ["schema", ..];

    /// <summary>Prints each script that runs. The connection strings must be the owner's.</summary>
    /// <returns>0, or 1 with the reason on standard error.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var builder = SmarterHost.CreateBuilder(args[1..], "schema");
        builder.Services.AddDatabases();
        await using var app = builder.Build();
        try
        {
            var applied = await SchemaScripts.ApplyAllAsync(
                app.Services.GetRequiredService<Databases>(), CancellationToken.None);
            foreach (var script in applied)
                Console.WriteLine($"applied {script}");
            Console.WriteLine(applied.Count == 0 ? "schema: up to date" : $"schema: {applied.Count} scripts applied");
            return 0;
        }
        catch (Exception trouble) when (trouble is Npgsql.NpgsqlException or SchemaScriptChangedException
            or Microsoft.Extensions.Options.OptionsValidationException)
        {
            await Console.Error.WriteLineAsync($"schema: {trouble.Message}");
            return 1;
        }
    }
}
