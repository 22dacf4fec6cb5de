using System.Diagnostics;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Sqlite;
using Microsoft.Data.Sqlite;

namespace AgentOps.Rca.Benchmarks;

/// <summary>What SQLite itself takes for spans: prepared inserts through Microsoft.Data.Sqlite into the same tables, as durable.</summary>
internal static class PreparedInserts
{
    // Columns as the library's tables have them, and nothing by which a span could be found.
    private const string PlainTable = """
        DROP TABLE spans;
        CREATE TABLE spans (
          span_id TEXT NOT NULL, parent_id TEXT, tool TEXT NOT NULL, start_ts INTEGER NOT NULL, end_ts INTEGER NOT NULL,
          args_digest TEXT, result_digest TEXT, attributes TEXT NOT NULL, incident_id TEXT
        ) STRICT;
        """;

    /// <summary>Inserts the rows in order, one transaction a batch, and gives rows a second.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="batchSize">How many go into a transaction.</param>
    /// <param name="withKeys">False leaves out the primary key and every index, which no store can do without.</param>
    public static async Task<double> RunAsync(IReadOnlyList<Span> rows, int batchSize, bool withKeys = true)
    {
        var directory = Directory.CreateTempSubdirectory("agentops-rca-bench-");
        try
        {
            var path = Path.Combine(directory.FullName, "raw.db");
            await using (var stores = new SqliteStores(path))
            {
                // The library makes the tables, so that both sides fill the same indexes.
                await stores.FindFaultAsync();
            }

            var attributes = rows.Select(row => row.Attributes.GetRawText()).ToArray();
            await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
            await connection.OpenAsync();
            await ExecuteAsync(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;" + (withKeys ? "" : PlainTable));
            await using var insert = connection.CreateCommand();
            insert.CommandText = """
                INSERT INTO spans (span_id, parent_id, tool, start_ts, end_ts, args_digest, result_digest, attributes, incident_id)
                VALUES ($a, $b, $c, $d, $e, $f, $g, $h, $i)
                """;
            var parameters = "abcdefghi".Select(name => insert.Parameters.AddWithValue($"${name}", DBNull.Value)).ToArray();
            await insert.PrepareAsync();
            var watch = Stopwatch.StartNew();
            for (var first = 0; first < rows.Count; first += batchSize)
            {
                await using var transaction = (SqliteTransaction)await connection.BeginTransactionAsync();
                insert.Transaction = transaction;
                for (var i = first; i < first + batchSize; i++)
                {
                    var row = rows[i];
                    object?[] values =
                        [row.SpanId, row.ParentId, row.Tool, row.StartTs, row.EndTs, row.ArgsDigest, row.ResultDigest, attributes[i], row.IncidentId];
                    for (var column = 0; column < values.Length; column++)
                    {
                        parameters[column].Value = values[column] ?? DBNull.Value;
                    }

                    insert.ExecuteNonQuery();
                }

                await transaction.CommitAsync();
            }

            return rows.Count / watch.Elapsed.TotalSeconds;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
