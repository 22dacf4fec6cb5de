using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Sqlite.Tests;

public sealed class SqlitePlanTests
{
    [Fact]
    public async Task No_listing_of_spans_scans_the_table_or_sorts()
    {
        var queries =
            from incident in new[] { null, "i" }
            from withoutIncident in new[] { false, true }
            where incident is null || !withoutIncident
            from tool in new[] { null, "t" }
            from fromTs in new long?[] { null, 5 }
            from toTs in new long?[] { null, 9 }
            from after in new SpanCursor?[] { null, new(3, "a"), new(7, "a") }
            select (new SpanQuery { IncidentId = incident, WithoutIncident = withoutIncident, Tool = tool, FromTs = fromTs, ToTs = toTs }, after);
        foreach (var (query, after) in queries)
        {
            var plan = await ExplainAsync("SELECT * FROM spans", SqliteSpanStore.Where(query, after, 10));
            var index = query.IncidentId is not null ? "spans_by_incident"
                : query.Tool is not null ? "spans_by_tool"
                : query.WithoutIncident ? "spans_by_incident" : "spans_by_time";
            Assert.Contains($"USING INDEX {index}", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("TEMP B-TREE", plan, StringComparison.Ordinal);
            Assert.Equal(after is not null || query.FromTs is not null || query.ToTs is not null, plan.Contains("start_ts", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task No_listing_of_incidents_scans_the_table_or_sorts()
    {
        var queries =
            from order in new[] { null, "o" }
            from type in new[] { null, "p" }
            from status in new[] { null, "s" }
            from text in new[] { null, "x" }
            from after in new IncidentCursor?[] { null, new(DateTimeOffset.UnixEpoch, Guid.Empty) }
            select (new IncidentQuery { OrderId = order, ProblemType = type, Status = status, Text = text }, after);
        foreach (var (query, after) in queries)
        {
            var plan = await ExplainAsync("SELECT * FROM incidents", SqliteIncidentStore.Where(query, after, 10));
            var index = query.OrderId is not null ? "incidents_by_order"
                : query.ProblemType is not null ? "incidents_by_problem_type"
                : query.Status is not null ? "incidents_by_status" : "incidents_by_time";
            Assert.Contains($"USING INDEX {index}", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("TEMP B-TREE", plan, StringComparison.Ordinal);
            Assert.Equal(after is not null, plan.Contains("created_ts", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(SqliteSpanStore.SelectTrace, "sqlite_autoindex_spans_1 (span_id>? AND span_id<?)")]
    [InlineData(SqliteSpanStore.SelectBareRows, "spans_by_incident (incident_id=? AND (start_ts,span_id)>(?,?))")]
    [InlineData(SqliteArtifactStore.SelectArrivals, "artifact_arrivals USING INTEGER PRIMARY KEY (rowid>?)")]
    [InlineData(SqliteArtifactStore.SelectRows, "artifacts USING PRIMARY KEY (digest>?)")]
    [InlineData(SqliteSpanStore.SelectRows, "spans_by_incident (incident_id=? AND (start_ts,span_id)>(?,?))")]
    [InlineData(SqliteSpanStore.DeleteOldest, "spans_by_incident (incident_id=? AND start_ts>? AND start_ts<?)")]
    public async Task Traces_and_the_oldest_spans_are_found_by_an_index(string sql, string index)
    {
        using var file = new TemporaryFile();
        await using var stores = new SqliteStores(file.Path);
        var plan = await ExplainAsync(stores, sql);
        Assert.Contains(index, plan, StringComparison.Ordinal);
        Assert.DoesNotContain("SCAN", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("TEMP B-TREE", plan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_made_of_many_incidents_is_found_by_the_index_of_analyses()
    {
        using var file = new TemporaryFile();
        await using var stores = new SqliteStores(file.Path);

        var plan = await ExplainAsync(stores, SqliteSpanStore.SelectFindings);

        Assert.Contains("analyses_by_incident (incident_id=?", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("SCAN spans", plan, StringComparison.Ordinal);
    }

    private static ValueTask<string> ExplainAsync(SqliteStores stores, string sql) => stores.Database.ReadAsync(
        session =>
        {
            using var reader = session.Prepare("EXPLAIN QUERY PLAN " + sql, 4).Bind(1).Bind(2).Bind(3).Bind(4).Read();
            List<string> steps = [];
            while (reader.Read())
            {
                steps.Add(reader.GetString(3));
            }

            return string.Join('\n', steps);
        },
        CancellationToken.None);

    private static async Task<string> ExplainAsync(string select, SqliteWhere where)
    {
        using var file = new TemporaryFile();
        await using var stores = new SqliteStores(file.Path);
        return await stores.Database.ReadAsync(
            session =>
            {
                using var reader = where.Prepare(session, "EXPLAIN QUERY PLAN " + select).Read();
                List<string> steps = [];
                while (reader.Read())
                {
                    steps.Add(reader.GetString(3));
                }

                return string.Join('\n', steps);
            },
            CancellationToken.None);
    }
}
