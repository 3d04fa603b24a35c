using Microsoft.Extensions.Options;

namespace Smarter.Database.Tests;

public sealed class DatabaseSettingsTests
{
    [Theory]
    [InlineData("Database:Tenants:NC!:StateCode", "NC", "Database:Tenants:NC!:")]
    [InlineData("Database:Tenants:nc:StateCode", "nc", "Database:Tenants:nc:StateCode")]
    [InlineData("Database:Tenants:nc:StateCode", "CAROLINA", "Database:Tenants:nc:StateCode")]
    [InlineData("Database:Stats", "no connection string", "Database:Stats")]
    [InlineData("Database:Tenants:nc:Production", "Hosst=a", "Database:Tenants:nc:Production")]
    [InlineData("Database:Udl", "Port=a", "Database:Udl")]
    public void A_wrong_value_is_refused_and_its_key_named(string key, string value, string named)
    {
        var wrong = Assert.Throws<OptionsValidationException>(() => Read((key, value)));

        Assert.Contains(wrong.Failures, failure => failure.StartsWith(named, StringComparison.Ordinal));
    }

    [Fact]
    public void An_installation_without_tenants_is_refused()
    {
        var wrong = Assert.Throws<OptionsValidationException>(() => Read());

        Assert.Equal(["Database:Tenants: at least one tenant is needed."], wrong.Failures);
    }

    [Fact]
    public async Task A_database_that_has_no_setting_is_named_when_it_is_asked_for()
    {
        await using var databases = Read(("Database:Tenants:nc:StateCode", "NC"));

        NamesTheKey("Database:Stats", () => databases.Stats);
        NamesTheKey("Database:Udl", () => databases.Udl);
        NamesTheKey("Database:Tenants:nc:Production", () => databases.Production("nc"));
        NamesTheKey("Database:Tenants:ca:Staging", () => databases.Staging("ca"));
    }

    [Fact]
    public async Task Tenants_are_found_by_name_and_by_state_code_in_any_case()
    {
        await using var databases = Read(
            ("Database:Tenants:vt:StateCode", "VT"), ("Database:Tenants:nc:StateCode", "NC"));

        Assert.Equal(["nc", "vt"], databases.Tenants.Select(tenant => tenant.Name));
        Assert.Equal("VT", databases.FindTenant("vt")?.StateCode);
        Assert.Equal("nc", databases.FindTenantOfState("nC")?.Name);
        Assert.Null(databases.FindTenant("ca"));
        Assert.Null(databases.FindTenantOfState("CA"));
    }

    private static void NamesTheKey(string key, Func<object> database) =>
        Assert.Contains(key, Assert.Throws<InvalidOperationException>(database).Message, StringComparison.Ordinal);

    private static Databases Read(params (string Key, string Value)[] settings) => new ServiceCollection()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(
            settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build())
        .AddDatabases()
        .BuildServiceProvider()
        .GetRequiredService<Databases>();
}
