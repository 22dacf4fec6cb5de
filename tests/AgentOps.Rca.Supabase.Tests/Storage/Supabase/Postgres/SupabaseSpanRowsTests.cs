using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.Postgres;

/// <summary>Rows say what the records say, whatever stands in them.</summary>
public sealed class SupabaseSpanRowsTests(PostgresBackend backend) : IClassFixture<PostgresBackend>
{
    private const string IncidentId = "0190a8c2-5d1e-7c43-9b1f-2f6a4de0c112";

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_are_the_records_page_by_page()
    {
        Assert.SkipUnless(
            backend.Unavailable is null || Environment.GetEnvironmentVariable("AGENTOPS_REQUIRE_ALL") == "1", $"{backend.Name}: {backend.Unavailable}");
        await using (await backend.CreateAsync())
        {
        }

        await using var stores = backend.Open();
        Span[] spans =
        [
            .. Enumerable.Range(0, 1_001).Select(number => Samples.Span(Text($"s{number:0000}"), incidentId: IncidentId) with
            {
                StartTs = 1_750_000_000_000 + (number / 3),
                ParentId = number % 5 == 0 ? null : Text($"s{number / 2:0000}"),
                ArgsDigest = number % 2 == 0 ? null : new string('a', 64),
                ResultDigest = number % 3 == 0 ? new string('b', 64) : null,
                Attributes = JsonElement.Parse(Text($$"""{"n": {{number}}, "text": "ж🙂\u0001 \"quoted\" {{new string('x', number * 7)}}"}""")),
            }),
            Samples.Span("digits", incidentId: IncidentId) with { Attributes = JsonElement.Parse($$"""{"n": 1{{new string('0', 305)}}, "m": 1e300}""") },
            Samples.Span("empty", incidentId: IncidentId) with { Attributes = JsonElement.Parse("{}") },
        ];
        await stores.Spans.AddAsync(spans, TestToken);
        await stores.Spans.AddAsync([Samples.Span("rca-span", incidentId: IncidentId) with { Tool = "rca.analyze" }, Samples.Span("other")], TestToken);

        foreach (var most in (int[])[1_500, 100, 334])
        {
            List<string> shown = [], bare = [];
            await ReadAsync((after, show) => ((ISpanRows)stores.Spans).ReadPageAsync(IncidentId, after, most, show, TestToken), shown);
            await ReadAsync((after, show) => ((ISpanRows)stores.Spans).ReadBarePageAsync(IncidentId, after, most, show, TestToken), bare);
            var listed = await stores.Spans.ListAsync(new SpanQuery { IncidentId = IncidentId }, TestToken).ToListAsync(TestToken);
            Assert.Equal(spans.Length + 1, listed.Count);
            Assert.Equal(listed.Select(span => Describe(span, isBare: false)), shown);
            Assert.Equal(listed.Select(span => Describe(span, isBare: true)), bare);
        }
    }

    private static async Task ReadAsync(Func<SpanCursor?, ShowSpan, ValueTask<SpanCursor?>> readPage, List<string> shown)
    {
        SpanCursor? after = null;
        do
        {
            after = await readPage(after, Show);
        }
        while (after is not null);

        void Show(in SpanRow row) => shown.Add(string.Join(
            '|', Utf8(row.SpanId), row.HasParent ? Utf8(row.ParentId) : null, Utf8(row.Tool), row.StartTs, row.EndTs, row.HasArgs ? Utf8(row.ArgsDigest) : null,
            row.HasResult ? Utf8(row.ResultDigest) : null, row.Attributes.Length == 0 ? "" : JsonElement.Parse(row.Attributes).GetRawText()));
    }

    private static string Describe(Span span, bool isBare) => string.Join(
        '|', span.SpanId, span.ParentId, span.Tool, span.StartTs, span.EndTs, span.ArgsDigest, span.ResultDigest, isBare ? "" : span.Attributes.GetRawText());

    private static string Utf8(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
