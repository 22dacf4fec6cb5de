using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Sqlite;
using Microsoft.Data.Sqlite;

namespace AgentOps.Rca.Benchmarks;

/// <summary>Spans over HTTP into SQLite against prepared inserts of the same rows into the same tables.</summary>
internal static class SpanIngestBenchmark
{
    private const int BatchSize = 1_000;
    private const int Batches = 200;
    private const int Rounds = 3;

    public static async Task RunAsync(BenchmarkReport report)
    {
        var rows = Enumerable.Range(0, BatchSize * Batches).Select(number => SpanRows.Make(number, "6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a09")).ToArray();
        var bodies = rows.Chunk(BatchSize).Select(SpanRows.ToJsonArray).ToArray();
        var ratios = new List<double>();
        var http = new List<double>();
        var raw = new List<double>();
        for (var round = 0; round <= Rounds; round++)
        {
            var overHttp = await OverHttpAsync(bodies);
            var prepared = await PreparedAsync(rows);
            if (round > 0)
            {
                // The first round warms the code up and does not count.
                http.Add(overHttp);
                raw.Add(prepared);
                ratios.Add(overHttp / prepared);
            }
        }

        report.Add($"Spans over HTTP into SQLite, {Batches} batches of {BatchSize}", Rate(Median(http)));
        report.Add("The same rows by prepared inserts through Microsoft.Data.Sqlite, same tables, one transaction a batch", Rate(Median(raw)));
        report.Add("Ratio, median of the rounds", Median(ratios).ToString("F2", CultureInfo.InvariantCulture), "at least 0.5");
    }

    private static async Task<double> OverHttpAsync(byte[][] bodies)
    {
        await using var host = await BenchmarkHost.StartAsync();
        var watch = Stopwatch.StartNew();
        foreach (var body in bodies)
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await host.Client.PostAsync(new Uri("/traces/spans", UriKind.Relative), content);
            response.EnsureSuccessStatusCode();
        }

        return bodies.Length * BatchSize / watch.Elapsed.TotalSeconds;
    }

    private static async Task<double> PreparedAsync(Span[] rows)
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
            await ExecuteAsync(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
            await using var insert = connection.CreateCommand();
            insert.CommandText = """
                INSERT INTO spans (span_id, parent_id, tool, start_ts, end_ts, args_digest, result_digest, attributes, incident_id)
                VALUES ($a, $b, $c, $d, $e, $f, $g, $h, $i)
                """;
            var parameters = "abcdefghi".Select(name => insert.Parameters.AddWithValue($"${name}", DBNull.Value)).ToArray();
            await insert.PrepareAsync();
            var watch = Stopwatch.StartNew();
            for (var first = 0; first < rows.Length; first += BatchSize)
            {
                await using var transaction = (SqliteTransaction)await connection.BeginTransactionAsync();
                insert.Transaction = transaction;
                for (var i = first; i < first + BatchSize; i++)
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

            return rows.Length / watch.Elapsed.TotalSeconds;
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

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Rate(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:N0} spans/s");
}
