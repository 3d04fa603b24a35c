using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Json;

namespace Smarter.Hosting;

/// <summary>Where log lines go.</summary>
public sealed class LogOptions
{
    public const string Section = "Log";

    /// <summary>Folder for <c>&lt;process&gt;-&lt;date&gt;.json</c> files,
    /// one JSON object a line, kept 14 days; null writes to the console only.</summary>
    public string? Directory { get; init; }

    /// <summary>Lowest level written: Verbose, Debug, Information,
    /// Warning, Error or Fatal. Default Information.</summary>
    [AllowedValues("Verbose", "Debug", "Information", "Warning", "Error", "Fatal",
        ErrorMessage = "Must be Verbose, Debug, Information, Warning, Error or Fatal.")]
    public string Level { get; init; } = nameof(LogEventLevel.Information);
}

internal static class Log
{
    private const string ConsoleLine =
        "{Timestamp:HH:mm:ss.fff} {Level:u3} {Process} {BatchId}{RequestId} {Message:lj}{NewLine}{Exception}";

    public static void AddLog(this WebApplicationBuilder builder, string process)
    {
        var options = builder.Configuration.GetSection(LogOptions.Section).Get<LogOptions>() ?? new LogOptions();
        builder.Services.AddSettings<LogOptions>(LogOptions.Section);
        // A level that does not exist is reported with the other wrong settings, which needs a log.
        var level = Enum.TryParse<LogEventLevel>(options.Level, out var known) ? known : LogEventLevel.Information;
        var log = new LoggerConfiguration()
            .MinimumLevel.Is(level)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft.Hosting.Lifetime", LogEventLevel.Information)
            .MinimumLevel.Override("MassTransit", LogEventLevel.Warning)
            .Enrich.FromLogContext()
            .Enrich.WithProperty("Process", process)
            .WriteTo.Console(
                outputTemplate: ConsoleLine, formatProvider: CultureInfo.InvariantCulture);
        if (options.Directory is { Length: > 0 } folder)
            log.WriteTo.File(new JsonFormatter(renderMessage: true), Path.Combine(folder, $"{process}-.json"),
                rollingInterval: RollingInterval.Day, retainedFileCountLimit: 14, shared: true);

        builder.Logging.ClearProviders();
        builder.Logging.AddSerilog(log.CreateLogger(), dispose: true);
    }
}
