using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.DataApi;

/// <summary>
/// The longest texts that the API takes, as filters, behind a gateway with nginx's stock buffers: PostgREST repeats them in a header,
/// where each character of theirs takes up to 24.
/// </summary>
public sealed class LongFilterTests(DataApiBackend backend) : IClassFixture<DataApiBackend>
{
    private static readonly string[] Alphabets = ["x", "日本", "😀", "[a*%_\\\",.()", " é"];

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    public static TheoryData<string> Texts => [.. Alphabets];

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Spans_are_found_by_long_ids_tools_and_incidents_and_their_near_twins_are_not(string alphabet)
    {
        await using var stores = await NewAsync();
        var (tool, incident) = (Text(alphabet, 256), Text(alphabet, 256));
        // Ids that differ only behind what fits into a header, and start together: their order is that of their ends.
        var spans = Enumerable.Range(10, 30).Select(number => Samples.Span($"{Text(alphabet, 240)}-{number}", tool: tool, incidentId: incident)).ToArray();
        await stores.Spans.AddAsync([.. spans, Samples.Span("twin-tool", tool: tool + "y", incidentId: incident), Samples.Span("twin-incident", tool: tool, incidentId: incident + "y")], TestToken);

        List<string> found = [];
        await foreach (var span in stores.Spans.ListAsync(new SpanQuery { Tool = tool, IncidentId = incident }, TestToken))
        {
            found.Add(span.SpanId);
        }

        Assert.Equal(spans.Select(span => span.SpanId), found);
        List<string> page = [];
        await foreach (var span in stores.Spans.ListAsync(
            new SpanQuery { Tool = tool, IncidentId = incident, Limit = 7, After = new SpanCursor(1_000, spans[11].SpanId) }, TestToken))
        {
            page.Add(span.SpanId);
        }

        Assert.Equal(spans[12..19].Select(span => span.SpanId), page);
        Assert.NotNull(await stores.Spans.GetAsync(spans[3].SpanId, TestToken));
        var again = await stores.Spans.AddAsync(spans, TestToken);
        Assert.Equal((0, spans.Length), (again.Added, again.Duplicates));
        var links = await ((ISpanLinker)stores.Spans).LinkAsync("i", [spans[0].SpanId, spans[1].SpanId, spans[1].SpanId + "y"], TestToken);
        Assert.Equal((2, 1), (links.Conflicts.Count, links.Unknown.Count));
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Incidents_are_found_by_every_long_filter_at_once_and_their_near_twins_are_not(string alphabet)
    {
        await using var stores = await NewAsync();
        var text = Text(alphabet, 512);
        var incident = Samples.Incident(1, orderId: text, problemType: text, status: text);
        foreach (var stored in (Incident[])[incident, Samples.Incident(2, orderId: text[..^2] + "yy", problemType: text, status: text), Samples.Incident(3, orderId: text, problemType: text[..^2] + "yy", status: text)])
        {
            await stores.Incidents.AddAsync(stored, TestToken);
        }

        List<Guid> found = [];
        await foreach (var row in stores.Incidents.ListAsync(
            new IncidentQuery { OrderId = text, ProblemType = text, Status = text, Text = text[4..] }, TestToken))
        {
            found.Add(row.Id);
        }

        Assert.Equal([incident.Id], found);
        Assert.True(await stores.Incidents.TrySetStatusAsync(incident.Id, text, "approved", TestToken));
    }

    private static string Text(string alphabet, int length)
    {
        var text = string.Concat(Enumerable.Repeat(alphabet, (length / alphabet.Length) + 1));
        return char.IsHighSurrogate(text[length - 1]) ? text[..(length - 1)] + "x" : text[..length];
    }

    private async Task<StoreSet> NewAsync()
    {
        Assert.SkipUnless(backend.Unavailable is null || Environment.GetEnvironmentVariable("AGENTOPS_REQUIRE_ALL") == "1", backend.Unavailable ?? "");
        return await backend.CreateAsync();
    }
}
