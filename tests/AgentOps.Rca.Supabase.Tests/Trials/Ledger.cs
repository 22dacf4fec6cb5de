using System.Collections.Concurrent;
using System.Globalization;
using AgentOps.Rca.Artifacts;
using Npgsql;
using NpgsqlTypes;

namespace AgentOps.Rca.Supabase.Tests.Trials;

/// <summary>What a host has acknowledged, to be compared with what the database holds in the end.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentQueue<string> _spans = new();
    private readonly ConcurrentQueue<ArtifactDigest> _artifacts = new();
    private readonly ConcurrentQueue<(string OrderId, Guid Id)> _incidents = new();
    private readonly ConcurrentQueue<string> _surprises = new();
    private long _accepted;

    /// <summary>How many writes were acknowledged.</summary>
    public int Count => _spans.Count + _artifacts.Count + _incidents.Count;

    public void AddArtifact(ArtifactDigest digest) => _artifacts.Enqueue(digest);

    public void AddIncident(string orderId, Guid id) => _incidents.Enqueue((orderId, id));

    public void AddSpans(IEnumerable<string> ids, long accepted)
    {
        foreach (var id in ids)
        {
            _spans.Enqueue(id);
        }

        Interlocked.Add(ref _accepted, accepted);
    }

    /// <summary>An answer that is neither a success nor a store that is down.</summary>
    public void AddSurprise(string answer) => _surprises.Enqueue(answer);

    public IReadOnlyCollection<ArtifactDigest> Artifacts => _artifacts;

    /// <summary>Asserts that nothing acknowledged is lost, that nothing is there twice, and that no row lacks its content.</summary>
    public async Task AssertKeptAsync(NpgsqlConnection connection, bool contentsInDatabase = true)
    {
        Assert.Empty(_surprises);
        await ExecuteAsync(connection, "create temp table acknowledged (kind text, name text, id text)");
        await using (var copy = await connection.BeginBinaryImportAsync("copy acknowledged from stdin (format binary)"))
        {
            var rows = _spans.Select(id => ("span", id, (string?)null))
                .Concat(_artifacts.Select(digest => ("artifact", digest.ToString(), (string?)null)))
                .Concat(_incidents.Select(incident => ("incident", incident.OrderId, (string?)incident.Id.ToString())));
            foreach (var (kind, name, id) in rows)
            {
                await copy.StartRowAsync();
                await copy.WriteAsync(kind, NpgsqlDbType.Text);
                await copy.WriteAsync(name, NpgsqlDbType.Text);
                await copy.WriteAsync(id, NpgsqlDbType.Text);
            }

            await copy.CompleteAsync();
        }

        await AssertNoneAsync(connection, "lost spans", "select name from acknowledged where kind = 'span' and not exists (select from spans where span_id = name)");
        await AssertNoneAsync(connection, "lost artifacts", "select name from acknowledged where kind = 'artifact' and not exists (select from artifacts where digest = name)");
        await AssertNoneAsync(connection, "lost incidents", "select name from acknowledged where kind = 'incident' and not exists (select from incidents where id = acknowledged.id::uuid and order_id = name)");
        await AssertNoneAsync(connection, "doubled incidents", "select order_id from incidents group by order_id having count(*) > 1");
        if (contentsInDatabase)
        {
            await AssertNoneAsync(connection, "rows without content", "select digest from artifacts where not exists (select from artifact_contents c where c.digest = artifacts.digest)");
            await AssertNoneAsync(connection, "contents that are not their digest's", """
                select first.digest from artifact_contents first where first.digest is not null and first.digest <>
                    (select encode(sha256(string_agg(part.data, '' order by part.chunk)), 'hex') from artifact_contents part where part.content_id = first.content_id)
                """);
        }

        // A span that is accepted twice was stored twice or forgotten in between.
        Assert.InRange(Interlocked.Read(ref _accepted), 0, _spans.Count);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Count:N0} acknowledged writes ({_spans.Count:N0} spans, {_artifacts.Count:N0} artifacts, {_incidents.Count:N0} incidents), 0 lost, 0 doubled");

    private static async Task AssertNoneAsync(NpgsqlConnection connection, string what, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 300 };
        await using var reader = await command.ExecuteReaderAsync();
        List<string> names = [];
        while (await reader.ReadAsync())
        {
            names.Add(reader.GetString(0));
        }

        Assert.True(names.Count == 0, $"{names.Count} {what}: {string.Join(", ", names.Take(5))}");
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
