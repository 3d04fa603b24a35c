using System.Data;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Npgsql;

namespace Smarter.Database;

/// <summary>
/// Brings a database to the newest schema: the numbered scripts of its folders below <c>Schema/</c>, forward only,
/// each in a transaction of its own, each remembered with its SHA-256 in the table <c>schema_script</c>.
/// </summary>
/// <remarks>Connect as the owner: a role that may create schemas, roles and grants.</remarks>
public static class SchemaScripts
{
    private const string Prepare = """
        CREATE TABLE IF NOT EXISTS schema_script (
            name       text PRIMARY KEY,
            sha256     char(64) NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT now())
        """;

    private const string Lock = "SELECT pg_advisory_lock(hashtext('smarter.schema_script'))";
    private const string Unlock = "SELECT pg_advisory_unlock(hashtext('smarter.schema_script'))";

    private const string Applied = "SELECT name, sha256 FROM schema_script";
    private const string Remember = "INSERT INTO schema_script (name, sha256) VALUES (@name, @sha256)";

    /// <summary>Applies what is missing to every database of <paramref name="databases"/>,
    /// then makes the tenants' record sequences in <c>udl2</c>. Safe to repeat and to run twice at once.</summary>
    /// <returns>The scripts that ran now, as <c>schema: folder/name</c>; empty when all was up to date.</returns>
    /// <exception cref="SchemaScriptChangedException">A script that ran before has another text today;
    /// nothing more runs.</exception>
    public static async Task<IReadOnlyList<string>> ApplyAllAsync(Databases databases, CancellationToken cancellation)
    {
        var applied = new List<string>();
        applied.AddRange(await ApplyAsync(databases.Stats, Databases.StatsSchema, ["stats"], cancellation));
        applied.AddRange(await ApplyAsync(databases.Udl, Databases.UdlSchema, ["udl2"], cancellation));
        foreach (var tenant in databases.Tenants)
        {
            var production = databases.Production(tenant.Name);
            applied.AddRange(await ApplyAsync(
                databases.Staging(tenant.Name), Databases.StarTemplateSchema, ["star", "staging"], cancellation));
            applied.AddRange(await ApplyAsync(
                production, Databases.ProductionSchema, ["star", "production"], cancellation));
            await CreateRecordSequenceAsync(databases.Udl, production, tenant.Name, cancellation);
        }
        return applied;
    }

    /// <summary>Applies the missing scripts of <paramref name="folders"/>, in that order, to one schema.</summary>
    /// <returns>The scripts that ran now.</returns>
    /// <exception cref="SchemaScriptChangedException">A script that ran before has another text today.</exception>
    public static async Task<IReadOnlyList<string>> ApplyAsync(
        NpgsqlDataSource database, string schema, IReadOnlyList<string> folders, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(Unlimited(Lock, cancellation));
        try
        {
            return await ApplyLockedAsync(connection, schema, folders, cancellation);
        }
        finally
        {
            // A pooled connection keeps its locks while it is idle.
            if (connection.State == ConnectionState.Open)
                await connection.ExecuteAsync(Unlock);
        }
    }

    private static async Task<IReadOnlyList<string>> ApplyLockedAsync(
        NpgsqlConnection connection, string schema, IReadOnlyList<string> folders, CancellationToken cancellation)
    {
        await connection.ExecuteAsync($"""CREATE SCHEMA IF NOT EXISTS "{schema}"; SET search_path = "{schema}";""");
        await connection.ExecuteAsync(Prepare);
        var known = (await connection.QueryAsync<(string Name, string Sha256)>(Applied))
            .ToDictionary(script => script.Name, script => script.Sha256);

        var applied = new List<string>();
        foreach (var (name, text) in folders.SelectMany(Scripts))
        {
            var sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
            if (known.TryGetValue(name, out var before))
            {
                if (before != sha256)
                    throw new SchemaScriptChangedException(name, schema);
                continue;
            }
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await connection.ExecuteAsync(Unlimited(text, cancellation, transaction));
            await connection.ExecuteAsync(Remember, new { name, sha256 }, transaction);
            await transaction.CommitAsync(cancellation);
            applied.Add($"{schema}: {name}");
        }
        return applied;
    }

    /// <remarks>An index over years of facts, or another runner's, takes as long as it takes.</remarks>
    private static CommandDefinition Unlimited(
        string sql, CancellationToken cancellation, NpgsqlTransaction? transaction = null) =>
        new(sql, transaction: transaction, commandTimeout: 0, cancellationToken: cancellation);

    private static IEnumerable<(string Name, string Text)> Scripts(string folder)
    {
        var assembly = Assembly.GetExecutingAssembly();
        return assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith($"Schema/{folder}/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return (name["Schema/".Length..], reader.ReadToEnd().ReplaceLineEndings("\n"));
            });
    }

    /// <remarks>The sequence starts where production's own stands,
    /// so that ids are new there too (loader.md §5.1).</remarks>
    private static async Task CreateRecordSequenceAsync(
        NpgsqlDataSource udl, NpgsqlDataSource production, string tenant, CancellationToken cancellation)
    {
        await using var productionConnection = await production.OpenConnectionAsync(cancellation);
        var start = await productionConnection.ExecuteScalarAsync<long>("SELECT nextval('global_rec_seq')");
        await using var connection = await udl.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync($"""
            CREATE SEQUENCE IF NOT EXISTS "{Databases.UdlSchema}"."global_rec_seq_{tenant}" START WITH {start};
            GRANT USAGE, SELECT, UPDATE ON SEQUENCE "{Databases.UdlSchema}"."global_rec_seq_{tenant}" TO smarter_loader;
            """);
    }
}

/// <summary>A schema script that has run was edited afterwards: write a new script instead.</summary>
public sealed class SchemaScriptChangedException(string script, string schema)
    : Exception(
        $"The schema script {script} was changed after it ran in schema {schema}. Restore it and add a new one.");
