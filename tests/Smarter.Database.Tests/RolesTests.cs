using Dapper;
using Npgsql;
using Smarter.Testing;

namespace Smarter.Database.Tests;

public sealed class RolesTests(TestInstallation installation) : IClassFixture<TestInstallation>
{
    private const string NotAllowed = PostgresErrorCodes.InsufficientPrivilege;

    [Theory]
    [InlineData(DatabaseRole.Web, "INSERT INTO dim_asmt SELECT * FROM dim_asmt")]
    [InlineData(DatabaseRole.Web, "UPDATE fact_asmt_outcome_vw SET rec_status = 'D'")]
    [InlineData(DatabaseRole.Web, "DELETE FROM student_reg")]
    [InlineData(DatabaseRole.Web, "CREATE TABLE edware_prod.mine (id int)")]
    [InlineData(DatabaseRole.Web, "CREATE TEMPORARY TABLE mine (id int)")]
    [InlineData(DatabaseRole.Web, "INSERT INTO migrated_batch SELECT * FROM migrated_batch")]
    [InlineData(DatabaseRole.Extract, "UPDATE dim_student SET rec_status = 'D'")]
    [InlineData(DatabaseRole.Extract, "SELECT * FROM migrated_batch")]
    [InlineData(DatabaseRole.Loader, "INSERT INTO fact_asmt_outcome_vw SELECT * FROM fact_asmt_outcome_vw")]
    [InlineData(DatabaseRole.Loader, "UPDATE dim_student SET rec_status = 'D'")]
    [InlineData(DatabaseRole.Loader, "SELECT * FROM student_reg")]
    [InlineData(DatabaseRole.Migrator, "DELETE FROM fact_asmt_outcome_vw")]
    [InlineData(DatabaseRole.Migrator, "TRUNCATE dim_student")]
    [InlineData(DatabaseRole.Migrator, "UPDATE migrated_batch SET rows_inserted = 0")]
    [InlineData(DatabaseRole.Migrator, "CREATE TABLE edware_prod.mine (id int)")]
    [InlineData(DatabaseRole.Migrator, "SELECT * FROM schema_script")]
    [InlineData(DatabaseRole.Web, "SELECT analyze_star_table('dim_student')")]
    public async Task A_role_may_not_do_this_in_production(DatabaseRole role, string statement)
    {
        await using var connection = await installation.Database.As(role).Production("nc").OpenConnectionAsync();

        var refused = await Assert.ThrowsAsync<PostgresException>(() => connection.ExecuteAsync(statement));

        Assert.Equal(NotAllowed, refused.SqlState);
    }

    [Theory]
    [InlineData(DatabaseRole.Web, "INSERT INTO udl_stats (tenant) VALUES ('nc')")]
    [InlineData(DatabaseRole.Migrator, "INSERT INTO udl_stats (tenant) VALUES ('nc')")]
    [InlineData(DatabaseRole.Migrator, "DELETE FROM udl_stats")]
    [InlineData(DatabaseRole.Loader, "DELETE FROM udl_stats")]
    [InlineData(DatabaseRole.Extract, "SELECT * FROM udl_stats")]
    public async Task A_role_may_not_do_this_in_the_statistics(DatabaseRole role, string statement)
    {
        await using var connection = await installation.Database.As(role).Stats.OpenConnectionAsync();

        var refused = await Assert.ThrowsAsync<PostgresException>(() => connection.ExecuteAsync(statement));

        Assert.Equal(NotAllowed, refused.SqlState);
    }

    [Theory]
    [InlineData(DatabaseRole.Web)]
    [InlineData(DatabaseRole.Extract)]
    public async Task Who_only_reads_reports_cannot_connect_to_staging(DatabaseRole role) =>
        await IsTurnedAwayAsync(installation.Database.As(role).Staging("nc"));

    [Theory]
    [InlineData(DatabaseRole.Web)]
    [InlineData(DatabaseRole.Extract)]
    [InlineData(DatabaseRole.Migrator)]
    public async Task Only_the_loader_connects_to_its_database(DatabaseRole role) =>
        await IsTurnedAwayAsync(installation.Database.As(role).Udl);

    [Theory]
    [InlineData(DatabaseRole.Web)]
    [InlineData(DatabaseRole.Extract)]
    [InlineData(DatabaseRole.Loader)]
    [InlineData(DatabaseRole.Migrator)]
    public async Task A_program_role_reads_the_facts_of_production(DatabaseRole role)
    {
        await using var connection = await installation.Database.As(role).Production("nc").OpenConnectionAsync();

        Assert.Equal(0, await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM fact_asmt_outcome_vw"));
    }

    [Fact]
    public async Task The_migrator_refreshes_the_statistics_of_star_tables_and_of_no_other()
    {
        await using var connection = await installation.Database.As(DatabaseRole.Migrator).Production("nc").OpenConnectionAsync();

        await connection.ExecuteAsync("SELECT analyze_star_table('dim_student')");

        await Assert.ThrowsAsync<PostgresException>(() => connection.ExecuteAsync("SELECT analyze_star_table('schema_script')"));
    }

    [Fact]
    public async Task A_batch_schema_that_the_loader_made_is_read_and_dropped_by_the_migrator()
    {
        await using (var loader = await installation.Database.As(DatabaseRole.Loader).Staging("nc").OpenConnectionAsync())
            await loader.ExecuteAsync("""
                SET ROLE smarter_staging;
                CREATE SCHEMA "b";
                CREATE TABLE "b".dim_asmt (LIKE star.dim_asmt);
                RESET ROLE;
                """);
        await using var migrator = await installation.Database.As(DatabaseRole.Migrator).Staging("nc").OpenConnectionAsync();

        Assert.Equal(0, await migrator.ExecuteScalarAsync<long>("""SELECT count(*) FROM "b".dim_asmt"""));
        await migrator.ExecuteAsync("""DROP SCHEMA "b" CASCADE""");
    }

    private static async Task IsTurnedAwayAsync(NpgsqlDataSource database)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(async () => await database.OpenConnectionAsync());

        Assert.Equal(NotAllowed, refused.SqlState);
    }
}
