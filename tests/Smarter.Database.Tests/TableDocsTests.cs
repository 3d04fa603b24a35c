using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Dapper;
using Npgsql;

namespace Smarter.Database.Tests;

/// <summary>The pages of docs/tables say what the databases hold: every table, every column, its type and
/// nullability.</summary>
public sealed partial class TableDocsTests(TestInstallation installation) : IClassFixture<TestInstallation>
{
    // Types by the names that the schema scripts use.
    private const string ColumnsOfSchema = """
        SELECT c.relname::text AS table_name, a.attname::text AS column_name,
               replace(replace(replace(replace(format_type(a.atttypid, a.atttypmod),
                   'character varying', 'varchar'), 'character(', 'char('),
                   ' without time zone', ''), 'timestamp with time zone', 'timestamptz') AS type,
               NOT a.attnotnull AS is_nullable
          FROM pg_class c
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
         ORDER BY c.relname, a.attnum
        """;

    private sealed record Column(string TableName, string ColumnName, string Type, bool IsNullable);

    [Fact]
    public async Task Every_table_has_a_page_and_every_page_a_table()
    {
        var tables = (await ColumnsAsync()).Select(column => column.TableName).Distinct();

        var pages = Directory.GetFiles(PagesFolder(), "*.md")
            .Select(Path.GetFileNameWithoutExtension)
            .Where(page => page != "README");

        Assert.Equal(tables.Order(StringComparer.Ordinal), pages.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Each_page_lists_exactly_the_columns_of_its_table()
    {
        foreach (var table in (await ColumnsAsync()).GroupBy(column => column.TableName))
        {
            var page = await File.ReadAllTextAsync(Path.Combine(PagesFolder(), $"{table.Key}.md"));

            var listed = ColumnLine().Matches(page)
                .Select(line => line.Groups)
                .Select(cell => new Column(
                    table.Key, cell["name"].Value, cell["type"].Value, IsNullable: cell["null"].Value == "yes"));

            Assert.Equal(table, listed);
        }
    }

    [Fact]
    public async Task Each_column_has_a_meaning()
    {
        foreach (var path in Directory.GetFiles(PagesFolder(), "*.md"))
        {
            var page = await File.ReadAllTextAsync(path);

            Assert.All(ColumnLine().Matches(page), line => Assert.NotEmpty(line.Groups["meaning"].Value.Trim()));
        }
    }

    [Fact]
    public async Task The_star_tables_are_the_same_in_staging_and_production()
    {
        var template = await ColumnsOfAsync(installation.Database.Owner.Staging("nc"));
        var production = await ColumnsOfAsync(installation.Database.Owner.Production("nc"));

        var names = template.Select(column => column.TableName).ToHashSet();
        Assert.Equal(template, production.Where(column => names.Contains(column.TableName)));
    }

    /// <returns>The columns of every table once, tables of one database after the other.</returns>
    private async Task<IReadOnlyList<Column>> ColumnsAsync()
    {
        var owner = installation.Database.Owner;
        var columns = new List<Column>();
        foreach (var database in new[] { owner.Udl, owner.Stats, owner.Production("nc") })
            columns.AddRange(await ColumnsOfAsync(database));
        return columns.Distinct().ToList();
    }

    private static async Task<IReadOnlyList<Column>> ColumnsOfAsync(NpgsqlDataSource database)
    {
        await using var connection = await database.OpenConnectionAsync();
        return (await connection.QueryAsync<Column>(ColumnsOfSchema)).AsList();
    }

    private static string PagesFolder([CallerFilePath] string thisFile = "") =>
        Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "docs", "tables");

    [GeneratedRegex(
        @"^\| `(?<name>\w+)` \| (?<type>[^|]+?) \| (?<null>yes|no) \|(?<meaning>[^|]*)\|\r?$", RegexOptions.Multiline)]
    private static partial Regex ColumnLine();
}
