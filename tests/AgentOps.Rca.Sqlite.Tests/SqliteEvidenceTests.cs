using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Sqlite.Tests;

/// <summary>An analysis reads the spans of a SQLite file as rows, and must see in them what it sees in records.</summary>
public sealed class SqliteEvidenceTests
{
    private static readonly Guid IncidentId = new("0190a8c2-5d1e-7c43-9b1f-2f6a4de0c112");

    private static readonly string[] Attributes =
    [
        "{}",
        """{ "b" : 1.50, "a" : [1, {"z":null,"y":"\u00e9\n"}] }""",
        """{"error.type":"rate_limited","service.name":"orders","gen_ai.usage.input_tokens":12,"timeout_ms":5e2}""",
        """{"status":{"code":"STATUS_CODE_ERROR"},"message":"\ud83d\ude00 gone","resource":{"service.name":"agent"}}""",
        """{"events":[{"name":"exception","attributes":{"exception.type":"E","exception.message":"no \"x\""},"time":1767225600123},{"message":"Orders#42 took 3 ms"}]}""",
        """{"big":1e19,"neg":-0.0,"long":9007199254740991,"exp":1E+2}""",
    ];

    [Fact]
    public async Task Evidence_out_of_the_file_is_what_it_is_out_of_memory()
    {
        var spans = Spans();
        using var file = new TemporaryFile();
        await using var sqlite = new ServiceCollection().AddAgentOpsRca(options => options.DataDirectory = Path.GetDirectoryName(file.Path)!).UseSqlite(file.Path).Services.BuildServiceProvider();
        await using var memory = new ServiceCollection().AddAgentOpsRca().UseInMemory().Services.BuildServiceProvider();

        var read = await LoadAsync(sqlite, spans);
        var expected = await LoadAsync(memory, spans);

        Assert.Equal(expected.Index.Entries.ToDictionary(entry => entry.SpanId, entry => entry.Digest), read.Index.Entries.ToDictionary(entry => entry.SpanId, entry => entry.Digest));
        Assert.All(spans.Where(span => ToolNames.IsEvidence(span.Tool)), span => Assert.Equal(SpanJson.Digest(span), read.Index.DigestAt(read.Index.IndexOf(span.SpanId))));
        Assert.Equal(expected.Index.MissingArtifacts.Order(), read.Index.MissingArtifacts.Order());
        Assert.Equal(expected.Spans.Nodes.Select(Told), read.Spans.Nodes.Select(Told));
        Assert.Equal(expected.Spans.Anomalies, read.Spans.Anomalies);
    }

    [Fact]
    public async Task A_recorded_analysis_finds_its_spans_again_and_names_those_that_came_after()
    {
        var spans = Spans();
        using var file = new TemporaryFile();
        await using var sqlite = new ServiceCollection().AddAgentOpsRca(options => options.DataDirectory = Path.GetDirectoryName(file.Path)!).UseSqlite(file.Path).Services.BuildServiceProvider();
        var seen = await LoadAsync(sqlite, spans);
        var late = spans[0] with { SpanId = "late", ParentId = null };
        await sqlite.GetRequiredService<ISpanStore>().AddAsync([late]);

        var again = await LoaderOf(sqlite).LoadRecordedEvidenceAsync(IncidentId, seen.Index);

        Assert.Equal(["late"], again.Added);
        Assert.Empty(again.Changed);
        Assert.Empty(again.Missing);
        Assert.Equal(seen.Spans.Nodes.Select(Told), again.Spans.Nodes.Select(Told));
    }

    // More than two batches, with every text that stores find hard as id, parent and tool, and digests in all forms.
    private static List<Span> Spans()
    {
        var hostile = Samples.HostileText.Select(row => row.Data).Where(text => text.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        return [.. Enumerable.Range(0, 9_001).Select(i => new Span
        {
            SpanId = i < hostile.Count ? "h" + hostile[i] : $"id-{i * 7919 % 10_007:d5}",
            ParentId = i == 0 ? null : i <= hostile.Count ? "h" + hostile[i - 1] : i % 5 == 0 ? null : i % 5 == 1 ? "gone" : $"id-{(i - 1) * 7919 % 10_007:d5}",
            Tool = i < hostile.Count ? "tool.call/" + hostile[i] : (i % 4) switch { 0 => "agent.run/a", 1 => "tool.call/t", 2 => i % 40 == 2 ? "rca.other" : "GET /", _ => "llm.call/m" },
            StartTs = i % 3 == 0 ? 1_767_225_600_000 + i : 1_767_225_600_000_000_000 + i,
            EndTs = i % 3 == 0 ? 1_767_225_600_900 + (i % 7) : 1_767_225_600_000_000_000 + (i * 3 % 11_000),
            ArgsDigest = (i % 4) switch { 0 => null, 1 => ArtifactDigest.Of(BitConverter.GetBytes(i)).ToString(), 2 => "sha256:" + ArtifactDigest.Of(BitConverter.GetBytes(i % 50)).ToString().ToUpperInvariant(), _ => "" },
            ResultDigest = i % 2 == 0 ? null : ArtifactDigest.Of(BitConverter.GetBytes(i % 90)).ToString(),
            Attributes = JsonElement.Parse(Attributes[i % Attributes.Length]),
            IncidentId = IncidentId.ToString("D"),
        })];
    }

    private static async Task<CaseEvidence> LoadAsync(ServiceProvider provider, List<Span> spans)
    {
        await provider.GetRequiredService<IIncidentStore>().AddAsync(new Incident
        {
            Id = IncidentId,
            ProblemType = "wrong",
            CreatedTs = DateTimeOffset.UnixEpoch,
        });
        foreach (var batch in spans.Chunk(5_000))
        {
            Assert.Empty((await provider.GetRequiredService<ISpanStore>().AddAsync(batch)).Conflicts);
        }

        return await LoaderOf(provider).LoadEvidenceAsync(IncidentId);
    }

    private static CaseLoader LoaderOf(ServiceProvider provider) => new(provider.GetRequiredService<ISpanStore>(), provider.GetRequiredService<ArtifactVault>());

    private static string Told(SpanNode node) => string.Join(
        '|', node.SpanId, node.ParentId, node.Parent?.SpanId, node.Tool, node.Service, node.StartNs, node.EndNs, node.ArgsDigest, node.ResultDigest, node.Failure,
        node.Limits?.TokensUsed, node.Limits?.Time, string.Join(',', node.Events.Select(pattern => pattern.Text)), string.Join(',', node.Children.Select(child => child.SpanId)));
}
