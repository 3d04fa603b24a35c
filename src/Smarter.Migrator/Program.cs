using Smarter.Hosting;
using Smarter.Migrator.Conductor;
using Smarter.Migrator.Notifying;

if (RunCommand.IsAskedFor(args))
    return await RunCommand.RunAsync(args);

var builder = SmarterHost.CreateBuilder(args, "migrator");
builder.AddDatabases();
builder.AddBus("edmigrate", bus => bus.AddConductorConsumers());
builder.Services.AddConductor();
builder.Services.AddConductorPoll();
builder.Services.AddNotifying();
builder.Services.AddNotificationPoll();

await using var app = builder.Build();
app.MapHealth();
return await app.RunToExitCodeAsync();

/// <summary>The process's entry, named so that tests can start it.</summary>
internal sealed partial class Program;
