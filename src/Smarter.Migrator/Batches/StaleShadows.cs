using Dapper;
using Npgsql;
using Smarter.Database;

namespace Smarter.Migrator.Batches;

/// <summary>
/// Turns shadows that were overtaken into rows to insert. The loader compared the batch with production when it built
/// it; a batch that arrived before and migrated since may have superseded the row that a shadow stands for, and the
/// facts would point to a version that is not what their file says (docs/adr/0023).
/// </summary>
/// <remarks>Works on the open connections and transactions of <see cref="BatchCopy"/>. What changes in the batch schema
/// is seen by the copy that follows and is never committed: an attempt that breaks off leaves the schema as the loader
/// built it.</remarks>
/// <param name="schema">The batch's guid, which names its schema.</param>
internal sealed class StaleShadows(NpgsqlConnection staging, NpgsqlConnection production, Guid schema)
{
    private const string AnyShadow = """SELECT EXISTS (SELECT FROM "{1}".{0} WHERE rec_status = 'S')""";

    private const string MakeShadows =
        "DROP TABLE IF EXISTS pg_temp.shadow; CREATE TEMPORARY TABLE shadow (key bigint) ON COMMIT DROP";

    private const string CopyShadowsOut = """
        COPY (SELECT {2} FROM "{1}".{0} WHERE rec_status = 'S') TO STDOUT (FORMAT binary)
        """;

    private const string CopyIn = "COPY shadow FROM STDIN (FORMAT binary)";

    private const string CopyStaleOut = """
        COPY (SELECT key FROM shadow
               WHERE NOT EXISTS (SELECT FROM {0} current WHERE current.{2} = shadow.key AND current.rec_status = 'C'))
          TO STDOUT (FORMAT binary)
        """;

    private const string Analyze = "ANALYZE shadow";

    // A fact's key is the record id of its row of the file. The loader gives dimension rows the record id of one of
    // their own rows, or one that no row has (loader.md §5.1): so the key is free. Were it not, the dimension's primary
    // key in production would refuse the batch.
    private const string ChooseKeys = """
        DROP TABLE IF EXISTS pg_temp.revived;
        CREATE TEMPORARY TABLE revived ON COMMIT DROP AS
        SELECT fact.old_key, max(fact.key) AS new_key
          FROM (SELECT {2} AS old_key, asmt_outcome_vw_rec_id AS key
                  FROM "{1}".fact_asmt_outcome_vw WHERE rec_status = 'C'
                 UNION ALL
                SELECT {2}, asmt_outcome_rec_id FROM "{1}".fact_block_asmt_outcome WHERE rec_status = 'C') fact
          JOIN shadow ON shadow.key = fact.old_key
         GROUP BY fact.old_key;
        ANALYZE revived;
        """;

    private const string Revive = """
        UPDATE "{1}".{0} dim SET {2} = revived.new_key, rec_status = 'C'
          FROM revived WHERE dim.{2} = revived.old_key AND dim.rec_status = 'S';
        UPDATE "{1}".fact_asmt_outcome_vw fact SET {2} = revived.new_key
          FROM revived WHERE fact.{2} = revived.old_key AND fact.rec_status = 'C';
        UPDATE "{1}".fact_block_asmt_outcome fact SET {2} = revived.new_key
          FROM revived WHERE fact.{2} = revived.old_key AND fact.rec_status = 'C';
        """;

    /// <summary>Gives each shadow whose production row is not current any more, and to which facts point, the greatest
    /// key of these facts, and makes it a row to insert. Other shadows stay as they are.</summary>
    /// <returns>How many shadows became rows to insert.</returns>
    public async Task<long> ReviveAsync(StarTable dimension, CancellationToken cancellation)
    {
        string Sql(string sql) => sql.Replace("{0}", dimension.Name, StringComparison.Ordinal)
            .Replace("{1}", schema.ToString("D"), StringComparison.Ordinal)
            .Replace("{2}", dimension.Key, StringComparison.Ordinal);
        CommandDefinition Command(string sql) => new(Sql(sql), cancellationToken: cancellation);

        if (!await staging.ExecuteScalarAsync<bool>(Command(AnyShadow)))
            return 0;

        await production.ExecuteAsync(Command(MakeShadows));
        await CopyPipe.RunAsync(staging, Sql(CopyShadowsOut), production, CopyIn, cancellation);
        await production.ExecuteAsync(Command(Analyze));
        await staging.ExecuteAsync(Command(MakeShadows));
        await CopyPipe.RunAsync(production, Sql(CopyStaleOut), staging, CopyIn, cancellation);
        if (!await staging.ExecuteScalarAsync<bool>(Command("SELECT EXISTS (SELECT FROM shadow)")))
            return 0;

        await staging.ExecuteAsync(Command(Analyze));
        await staging.ExecuteAsync(Command(ChooseKeys));
        await staging.ExecuteAsync(Command(Revive));
        return await staging.ExecuteScalarAsync<long>(Command("SELECT count(*) FROM revived"));
    }
}
