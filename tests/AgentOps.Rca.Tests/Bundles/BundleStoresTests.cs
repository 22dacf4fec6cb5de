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

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(100)]
    public async Task Rows_come_in_pages_as_from_other_stores(int most)
    {
        var token = TestContext.Current.CancellationToken;
        var recorded = await RecordedIncident.CreateAnalyzedAsync();
        using var file = new MemoryStream(await recorded.ExportAsync());
        await using var opened = await OpenedBundle.OpenAsync(file, token);
        var bundle = new BundleStores(opened.Content!);
        var all = await recorded.Spans.ListAsync(new SpanQuery { IncidentId = recorded.IncidentId }, token).ToListAsync(token);
        ISpanRows rows = bundle;

        List<Span> shown = [];
        SpanCursor? after = null;
        do
        {
            after = await rows.ReadPageAsync(recorded.IncidentId, after, most, Take, token);
        }
        while (after is not null);
        Assert.Equal(all.Select(SpanJson.Digest), shown.Select(SpanJson.Digest));

        // A page that does not begin where another ended.
        shown.Clear();
        await rows.ReadPageAsync(recorded.IncidentId, new SpanCursor(all[0].StartTs, all[0].SpanId), 100, Take, token);
        Assert.Equal(all.Skip(1).Select(span => span.SpanId), shown.Select(span => span.SpanId));

        shown.Clear();
        Assert.Null(await rows.ReadPageAsync(Guid.Empty.ToString("D"), null, 100, Take, token));
        Assert.Empty(shown);
        await rows.ReadBarePageAsync(recorded.IncidentId, null, 100, (in row) => Assert.True(row.Attributes.IsEmpty), token);
        Assert.Equal(all.Count, await ((ISpanStore)bundle).CountAsync(recorded.IncidentId, token));

        void Take(in SpanRow row) => shown.Add(row.ToRecord(recorded.IncidentId));
    }
}
