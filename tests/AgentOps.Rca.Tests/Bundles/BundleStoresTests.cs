using AgentOps.Rca.Bundles;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Tests.Replay;

namespace AgentOps.Rca.Tests.Bundles;

[Collection(RunsAlone.Name)]
public sealed class BundleStoresTests
{
    [Fact]
    public async Task Every_part_of_a_query_is_honoured_as_by_other_stores()
    {
        var token = TestContext.Current.CancellationToken;
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        using var file = new MemoryStream(await recorded.ExportAsync());
        await using var opened = await OpenedBundle.OpenAsync(file, token);
        ISpanStore bundle = new BundleStores(opened.Content!);
        var all = await recorded.Spans.ListAsync(new SpanQuery(), token).ToListAsync(token);
        Assert.True(all.Count > 2);

        SpanQuery[] queries =
        [
            new(), new() { Limit = 0 }, new() { Limit = 1 }, new() { Limit = 10 }, new() { FromTs = all[1].StartTs }, new() { ToTs = all[1].StartTs },
            new() { After = new SpanCursor(all[0].StartTs, all[0].SpanId) }, new() { After = new SpanCursor(all[0].StartTs, all[0].SpanId), Limit = 1 },
            new() { Tool = all[0].Tool }, new() { IsEvidence = true }, new() { IsEvidence = false }, new() { WithoutIncident = true }, new() { IncidentId = recorded.IncidentId },
        ];
        // What is no evidence is found where it lies once all was read, and so twice.
        foreach (var query in queries.Concat(queries))
        {
            Assert.Equal(
                await recorded.Spans.ListAsync(query, token).Select(span => span.SpanId).ToListAsync(token),
                await bundle.ListAsync(query, token).Select(span => span.SpanId).ToListAsync(token));
        }
    }
}
