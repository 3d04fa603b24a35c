using Microsoft.Extensions.Options;
using Npgsql;
using Smarter.Core;

namespace Smarter.Database;

/// <summary>What the section <c>Database</c> must hold; each failure begins with the key that is wrong and shows no
/// value, because the values hold passwords.</summary>
internal sealed class DatabaseOptionsRules : IValidateOptions<DatabaseOptions>
{
    public ValidateOptionsResult Validate(string? name, DatabaseOptions options)
    {
        var failures = Failures(options).ToArray();
        return failures.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Failures(DatabaseOptions options)
    {
        if (!IsConnectionString(options.Udl))
            yield return NotReadable("Database:Udl");
        if (!IsConnectionString(options.Stats))
            yield return NotReadable("Database:Stats");
        if (options.Tenants.Count == 0)
            yield return "Database:Tenants: at least one tenant is needed.";

        foreach (var (tenant, databases) in options.Tenants)
        {
            var key = $"Database:Tenants:{tenant}";
            if (!Tenant.IsName(tenant))
                yield return $"{key}: a tenant's name has 1 to 32 lower-case letters, digits and hyphens.";
            if (databases.StateCode is not [>= 'A' and <= 'Z', >= 'A' and <= 'Z'])
                yield return $"{key}:StateCode: two upper-case letters are needed.";
            if (!IsConnectionString(databases.Production))
                yield return NotReadable($"{key}:Production");
            if (!IsConnectionString(databases.Staging))
                yield return NotReadable($"{key}:Staging");
        }
    }

    private static string NotReadable(string key) =>
        $"{key}: the connection string cannot be read; see docs/settings.md for its form.";

    private static bool IsConnectionString(string? text)
    {
        try
        {
            _ = new NpgsqlConnectionStringBuilder(text);
            return true;
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException)
        {
            return false;
        }
    }
}
