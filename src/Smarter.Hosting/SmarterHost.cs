using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Smarter.Database;

namespace Smarter.Hosting;

/// <summary>What the start of every process has in common.</summary>
public static class SmarterHost
{
    /// <summary>Name of the environment variable that holds the path of the process's JSON settings file.</summary>
    public const string ConfigurationVariable = "SMARTER_CONFIG";

    /// <summary>
    /// A builder with settings (appsettings.json, then the file named by <c>SMARTER_CONFIG</c>, then environment and
    /// arguments), the log, health checks, problem details, and a container that is checked when it is built.
    /// </summary>
    /// <param name="process">The process's name in logs:
    /// <c>web</c>, <c>workers</c>, <c>loader</c>, <c>migrator</c> or <c>hpz</c>.</param>
    /// <exception cref="FileNotFoundException">The file named by <c>SMARTER_CONFIG</c> is missing.</exception>
    public static WebApplicationBuilder CreateBuilder(string[] args, string process)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ContentRootPath = AppContext.BaseDirectory,
        });
        if (Environment.GetEnvironmentVariable(ConfigurationVariable) is { Length: > 0 } file)
            builder.Configuration.AddJsonFile(Path.GetFullPath(file), optional: false)
                .AddEnvironmentVariables()
                .AddCommandLine(args);

        builder.Host.UseDefaultServiceProvider(provider =>
        {
            provider.ValidateOnBuild = true;
            provider.ValidateScopes = true;
        });
        builder.AddLog(process);
        builder.Services.AddProblemDetails();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddHealthChecks();
        return builder;
    }

    /// <summary>Offers the databases of the section <c>Database</c> and makes readiness depend on them.</summary>
    public static WebApplicationBuilder AddDatabases(this WebApplicationBuilder builder)
    {
        builder.Services.AddDatabases();
        builder.Services.AddHealthChecks().AddCheck<DatabaseHealth>("databases", tags: ["ready"]);
        return builder;
    }

    /// <summary>
    /// <c>GET /healthz</c>: the process runs (200). <c>GET /readyz</c>: what it needs answers too (200, else 503).
    /// The answers name each check and its state, and nothing else.
    /// </summary>
    public static void MapHealth(this WebApplication app)
    {
        MapHealth(app, "/healthz", _ => false);
        MapHealth(app, "/readyz", check => check.Tags.Contains("ready"));
    }

    /// <summary>Runs the process; a wrong setting ends it at once with exit code 78 (EX_CONFIG of sysexits.h)
    /// and one line that names the key.</summary>
    public static async Task<int> RunToExitCodeAsync(this WebApplication app)
    {
        if (app.WrongSettings() is { Count: > 0 } wrong)
        {
            await Console.Error.WriteLineAsync($"Wrong setting: {string.Join("; ", wrong)}");
            return 78;
        }
        await app.RunAsync();
        return 0;
    }

    /// <summary>Checks the options that were registered with <c>ValidateOnStart</c>,
    /// without starting anything.</summary>
    /// <returns>One sentence per wrong setting, with its key; empty when all are right.</returns>
    public static IReadOnlyList<string> WrongSettings(this WebApplication app)
    {
        try
        {
            app.Services.GetService<IStartupValidator>()?.Validate();
            return [];
        }
        catch (OptionsValidationException wrong)
        {
            return [.. wrong.Failures];
        }
        catch (AggregateException several)
        {
            return [.. several.InnerExceptions.OfType<OptionsValidationException>()
                .SelectMany(wrong => wrong.Failures)];
        }
    }

    /// <remarks>Not <c>MapHealthChecks</c>: that one makes every check, and with it the bus, while routes
    /// are still being mapped, where a wrong setting would escape <see cref="RunToExitCodeAsync"/>.</remarks>
    private static void MapHealth(WebApplication app, string path, Func<HealthCheckRegistration, bool> isPartOfIt) =>
        app.MapGet(path, async (HttpContext context, HealthCheckService checks) =>
        {
            var report = await checks.CheckHealthAsync(isPartOfIt, context.RequestAborted);
            context.Response.StatusCode = report.Status == HealthStatus.Healthy
                ? StatusCodes.Status200OK
                : StatusCodes.Status503ServiceUnavailable; // a bus that is away reports itself as degraded only
            context.Response.Headers.CacheControl = "no-store";
            await WriteAsync(context, report);
        });

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        var checks = report.Entries.ToDictionary(entry => entry.Key, entry => entry.Value.Status.ToString());
        return context.Response.WriteAsync(JsonSerializer.Serialize(new { status = report.Status.ToString(), checks }));
    }
}
