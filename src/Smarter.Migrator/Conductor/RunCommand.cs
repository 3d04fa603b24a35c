using System.Runtime.InteropServices;
using Npgsql;
using Smarter.Core;
using Smarter.Database;
using Smarter.Hosting;
using Smarter.Migrator.Batches;
using Smarter.Migrator.Notifying;

namespace Smarter.Migrator.Conductor;

/// <summary>The argument <c>run [--tenant T]</c>: migrates what waits,
/// in the foreground and without the bus, tells the submitters whose turn it is, and ends.</summary>
internal static class RunCommand
{
    private const int WrongUsage = 64;
    private const int WrongSetting = 78;

    /// <returns>True when <paramref name="args"/> ask for the run command.</returns>
    public static bool IsAskedFor(string[] args) => args is ["run", ..];

    /// <summary>Prints each batch with its rows per table.</summary>
    /// <returns>0; 1 when a batch or a database failed;
    /// 64 (EX_USAGE) or 78 (EX_CONFIG) with a line on standard error.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not (["run"] or ["run", "--tenant", _]))
            return await RefuseAsync("Usage: Smarter.Migrator run [--tenant TENANT]", WrongUsage);

        var builder = SmarterHost.CreateBuilder([], "migrator");
        builder.AddDatabases();
        builder.Services.AddConductor();
        builder.Services.AddNotifying();
        await using var app = builder.Build();
        if (app.WrongSettings() is { Count: > 0 } wrong)
            return await RefuseAsync($"Wrong setting: {string.Join("; ", wrong)}", WrongSetting);

        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, StopOn);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, StopOn);
        void StopOn(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }

        try
        {
            var known = app.Services.GetRequiredService<Databases>().Tenants.Select(tenant => tenant.Name);
            if (args is [.., "--tenant", var wanted])
                known = known.Where(tenant => tenant == wanted);
            var tenants = known.ToArray();
            if (tenants.Length == 0)
                return await RefuseAsync($"The tenant {args[^1]} is not in Database:Tenants.", WrongUsage);
            var exitCode = await RunAsync(app.Services.GetRequiredService<TenantMigration>(), tenants, stop.Token);
            await app.Services.GetRequiredService<SendNotifications>().RunAsync(stop.Token);
            return exitCode;
        }
        catch (InvalidOperationException missing)
        {
            return await RefuseAsync(missing.Message, WrongSetting);
        }
        catch (NpgsqlException trouble)
        {
            return await RefuseAsync(trouble.Message, 1);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
    }

    private static async Task<int> RunAsync(TenantMigration migration, string[] tenants, CancellationToken stopping)
    {
        var failed = 0;
        foreach (var tenant in tenants)
        {
            var outcomes = await migration.RunAsync(tenant, stopping);
            if (outcomes is null)
                Console.WriteLine($"{tenant}: another conductor is at work");
            foreach (var outcome in outcomes ?? [])
                Print(tenant, outcome);
            failed += outcomes?.Count(outcome => outcome.LoadStatus != LoadStatus.Migrated) ?? 0;
        }
        return failed == 0 ? 0 : 1;
    }

    private static void Print(string tenant, BatchOutcome outcome)
    {
        var took = FormattableString.Invariant($"{outcome.Took.TotalSeconds:0.00} s");
        Console.WriteLine($"{tenant} {outcome.BatchGuid} {outcome.LoadStatus} {took} {outcome.Reason}".TrimEnd());
        foreach (var table in outcome.Tables)
            Console.WriteLine(
                $"  {table.Table,-24} {table.Inserted,9} inserted {table.Superseded,9} superseded "
                + $"{table.Deleted,9} deleted");
    }

    private static async Task<int> RefuseAsync(string reason, int exitCode)
    {
        await Console.Error.WriteLineAsync(reason);
        return exitCode;
    }
}
