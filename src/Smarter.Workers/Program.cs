using Smarter.Hosting;

var builder = SmarterHost.CreateBuilder(args, "workers");
builder.AddDatabases();
builder.AddBus("services");

await using var app = builder.Build();
app.MapHealth();
return await app.RunToExitCodeAsync();

/// <summary>The process's entry, named so that tests can start it.</summary>
internal sealed partial class Program;
