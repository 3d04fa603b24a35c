using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Smarter.Core;

namespace Smarter.Database;

public static class DatabaseRegistration
{
    /// <summary>Binds and checks the section <c>Database</c> and offers <see cref="Databases"/>.</summary>
    public static IServiceCollection AddDatabases(this IServiceCollection services)
    {
        services.AddOptions<DatabaseOptions>()
            .BindConfiguration(DatabaseOptions.Section)
            .ValidateDataAnnotations()
            .Validate(options => options.Tenants.Keys.All(Tenant.IsName),
                "Database:Tenants: a tenant's name has 1 to 32 lower-case letters, digits and hyphens.")
            .Validate(options => options.Tenants.Values.All(tenant => StateCodeIsValid(tenant.StateCode)),
                "Database:Tenants:<tenant>:StateCode: two upper-case letters are needed.")
            .Validate(options => ConnectionStrings(options).All(IsConnectionString),
                "Database: a connection string cannot be parsed; see docs/settings.md for its form.")
            .ValidateOnStart();
        return services.AddSingleton<Databases>();
    }

    private static bool StateCodeIsValid(string? code) =>
        code is { Length: 2 } && code.All(char.IsAsciiLetterUpper);

    private static IEnumerable<string> ConnectionStrings(DatabaseOptions options) =>
        new[] { options.Udl, options.Stats }
            .Concat(options.Tenants.Values.SelectMany(tenant => new[] { tenant.Production, tenant.Staging }))
            .OfType<string>();

    private static bool IsConnectionString(string text)
    {
        try
        {
            _ = new NpgsqlConnectionStringBuilder(text);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
