using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Smarter.Database;

public static class DatabaseRegistration
{
    /// <summary>Binds and checks the section <c>Database</c> and offers <see cref="Databases"/>.</summary>
    public static IServiceCollection AddDatabases(this IServiceCollection services)
    {
        services.AddOptions<DatabaseOptions>().BindConfiguration(DatabaseOptions.Section).ValidateOnStart();
        return services
            .AddSingleton<IValidateOptions<DatabaseOptions>, DatabaseOptionsRules>()
            .AddSingleton<Databases>();
    }
}
