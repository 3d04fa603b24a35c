using Smarter.Hosting;
using Smarter.Loader;
using Smarter.Loader.Arrival;

if (SchemaCommand.IsAskedFor(args))
    return await SchemaCommand.RunAsync(args);
if (ForceCommand.IsAskedFor(args))
    return await ForceCommand.RunAsync(args);
if (ErrorCodesCommand.IsAskedFor(args))
    return ErrorCodesCommand.Run();

var builder = SmarterHost.CreateBuilder(args, "loader");
builder.AddDatabases();
builder.AddLoader();

await using var app = builder.Build();
app.MapHealth();
return await app.RunToExitCodeAsync();

/// <summary>The process's entry, named so that tests can start it.</summary>
internal sealed partial class Program;
