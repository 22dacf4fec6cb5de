using System.Text.Json;
using AgentOps.Rca.Reading;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Sqlite.Tests;

/// <summary>SQLite shows spans to those who draw them in a way of its own, which must say the same as the records do.</summary>
public sealed class SqliteReadingTests
{
    private static readonly Guid IncidentId = new("0190a8c2-5d1e-7c43-9b1f-2f6a4de0c111");

    [Fact]
    public async Task A_run_is_drawn_out_of_the_file_as_it_is_out_of_memory()
    {
        var hostile = Samples.HostileText.Select(row => row.Data).Where(text => text.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        List<Span> spans =
        [
            Make("run", null, 1_000, 9_000_000, "agent.run/a", """{"service.name":"s\u00e9"}"""),
            Make("milli", "run", 1_767_225_600_000, 1_767_225_600_500, "tool.call/t", """{"status":"error","resource":{"service.name":"r"}}"""),
            Make("nano", "run", 1_767_225_600_000_000_000, 1_767_225_600_400_000_000, "tool.call/t", """{"http.response.status_code":503,"service":"plain"}"""),
            Make("open", "milli", 1_767_225_600_100, 0, "tool.call/open", "{}"),
            Make("rca-0", null, 5_000, 6_000, "rca.other", "{}"),
            Make("orphan", "gone", 1_767_225_600_200, 1_767_225_600_100, "GET /", """{"error":false,"events":[{"name":"exception"}]}"""),
            .. hostile.Select((text, i) => Make("h" + text, i == 0 ? null : "h" + hostile[i - 1], 1_767_225_600_000 + i, 1_767_225_600_300, "tool.call/" + text, "{}")),
        ];
        using var file = new TemporaryFile();
        await using var sqlite = new ServiceCollection().AddAgentOpsRca(options => options.DataDirectory = Path.GetDirectoryName(file.Path)!).UseSqlite(file.Path).Services.BuildServiceProvider();
        await using var memory = new ServiceCollection().AddAgentOpsRca().UseInMemory().Services.BuildServiceProvider();

        var (drawn, listed) = await ReadAsync(sqlite, spans);
        var (expected, steps) = await ReadAsync(memory, spans);

        Assert.Equal(expected, drawn);
        Assert.Equal(steps, listed);
        Assert.Contains("\"failed_count\":3", drawn, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_spans_than_are_read_at_once_are_all_there()
    {
        const int count = 41_000;
        using var file = new TemporaryFile();
        await using var provider = new ServiceCollection().AddAgentOpsRca(options => options.DataDirectory = Path.GetDirectoryName(file.Path)!).UseSqlite(file.Path).Services.BuildServiceProvider();

        // Many begin at one instant, so that a page ends among them.
        var (drawn, _) = await ReadAsync(provider, [.. Enumerable.Range(0, count).Select(i => Make($"s{i:D6}", i == 0 ? null : "s000000", 1_767_225_600_000 + (i / 15_000), 1_767_225_700_000, "t", "{}"))]);

        Assert.Contains($"\"span_count\":{count}", drawn, StringComparison.Ordinal);
    }

    private static async Task<(string Timeline, string Steps)> ReadAsync(IServiceProvider services, IReadOnlyList<Span> spans)
    {
        await services.GetRequiredService<Incidents.IIncidentStore>().AddAsync(Samples.Incident(1) with { Id = IncidentId });
        var store = services.GetRequiredService<ISpanStore>();
        foreach (var batch in spans.Chunk(5_000))
        {
            await store.AddAsync(batch);
        }

        var reader = services.GetRequiredService<IRunReader>();
        var timeline = Assert.IsType<TimelineOutcome.Found>(await reader.ReadTimelineAsync(new TimelineQuery { IncidentId = IncidentId, Rows = 1_000 }));
        var steps = Assert.IsType<RunStepsOutcome.Found>(await reader.ReadStepsAsync(new RunStepsQuery { IncidentId = IncidentId, Limit = 500 }));
        return (JsonSerializer.Serialize(timeline.Timeline, ReadingJson.Timeline), JsonSerializer.Serialize(steps.Page, ReadingJson.Steps));
    }

    private static Span Make(string id, string? parent, long start, long end, string tool, string attributes) => new()
    {
        SpanId = id,
        ParentId = parent,
        Tool = tool,
        StartTs = start,
        EndTs = end,
        IncidentId = IncidentId.ToString("D"),
        Attributes = Samples.Json(attributes),
    };
}
