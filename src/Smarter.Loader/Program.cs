using Smarter.Hosting;
using Smarter.Loader;
using Smarter.Loader.Validating;

if (SchemaCommand.IsAskedFor(args))
    return await SchemaCommand.RunAsync(args);
if (ErrorCodesCommand.IsAskedFor(args))
    return ErrorCodesCommand.Run();
if (ValidateCommand.IsAskedFor(args))
    return await ValidateCommand.RunAsync(args);

var builder = SmarterHost.CreateBuilder(args, "loader");
builder.AddDatabases();
builder.AddLoader();

await using var app = builder.Build();
app.MapHealth();
return await app.RunToExitCodeAsync();

/// <summary>The process's entry, named so that tests can start it.</summary>
internal sealed partial class Program;
