using Smarter.Hosting;
using Smarter.Loader;
using Smarter.Loader.Arrival;
using Smarter.Loader.Grabbing;
using Smarter.Loader.LandingZone;
using Smarter.Loader.Validating;

if (SchemaCommand.IsAskedFor(args))
    return await SchemaCommand.RunAsync(args);
if (ForceCommand.IsAskedFor(args))
    return await ForceCommand.RunAsync(args);
if (ErrorCodesCommand.IsAskedFor(args))
    return ErrorCodesCommand.Run();
if (SftpCommand.IsAskedFor(args))
    return await SftpCommand.RunAsync(args);
if (ValidateCommand.IsAskedFor(args))
    return await ValidateCommand.RunAsync(args);

var builder = args switch
{
    ["watch", .. var rest] => SmarterHost.CreateBuilder(rest, "watcher").AddDatabases().AddLandingZoneWatcher(),
    ["grab", .. var rest] => SmarterHost.CreateBuilder(rest, "grabber").AddDatabases().AddFileGrabber(),
    _ => SmarterHost.CreateBuilder(args, "loader").AddDatabases().AddLoader(),
};

await using var app = builder.Build();
app.MapHealth();
return await app.RunToExitCodeAsync();

/// <summary>The process's entry, named so that tests can start it.</summary>
internal sealed partial class Program;
