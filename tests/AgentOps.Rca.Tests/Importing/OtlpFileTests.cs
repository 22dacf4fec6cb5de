using System.IO.Compression;
using System.Text;
using AgentOps.Rca.Importing;
using AgentOps.Rca.OpenTelemetry;
using AgentOps.Rca.Tests.OpenTelemetry;

namespace AgentOps.Rca.Tests.Importing;

public sealed class OtlpFileTests : IAsyncDisposable
{
    private const string Trace = "0102030405060708090a0b0c0d0e0f10";

    public static readonly string[] Seeds = [$"{Request(Span(1))}\n{Request(Span(2))}\n{Logs()}\n", $$"""{"resourceSpans":[{{Resource(Span(1))}},{{Resource(Span(2))}}]}"""];

    private readonly ImportBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Each_line_is_a_request_and_gives_the_spans_that_the_door_gives()
    {
        var file = $"{Request(Span(1))}\n{Request(Span(2))}\r\n{Logs()}\n";

        var import = await _bench.ImportAsync(file);

        Assert.Equal(new ImportedFile(null, ImportFormats.OtlpJson, 3, 3), Assert.Single(import.Files));
        Assert.Equal((3, 0, 0, 0), (import.SpansAdded, import.SpansKnown, import.SpansRefused, import.LeftOutCount));
        Assert.Equal([Trace], import.Runs);
        var spans = await _bench.SpansAsync(import.IncidentId);
        var door = new ImportBench();
        await using var doorDisposal = door;
        foreach (var line in file.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var take = line.Contains("resourceLogs", StringComparison.Ordinal) ? (Func<ReadOnlyMemory<byte>, OtlpEncoding, string?, CancellationToken, ValueTask<OtlpOutcome>>)door.Get<OtlpIntake>().TakeLogsAsync : door.Get<OtlpIntake>().TakeTracesAsync;
            await take(Encoding.UTF8.GetBytes(line), OtlpEncoding.Json, import.IncidentId?.ToString("D"), default);
        }

        Assert.All((await door.SpansAsync(import.IncidentId)).Zip(spans), pair => Assert.True(pair.First.IsSameAs(pair.Second)));
        Assert.Equal(3, spans.Count);
    }

    [Fact]
    public async Task A_span_knows_its_line_and_its_place_in_it()
    {
        var import = await _bench.ImportAsync($"{Request(Span(1))}\n{Request(Span(2), Span(3))}\n");

        Assert.Equal(["line 1 /resourceSpans/0/scopeSpans/0/spans/0", "line 2 /resourceSpans/0/scopeSpans/0/spans/0", "line 2 /resourceSpans/0/scopeSpans/0/spans/1"], _bench.Places.Select(span => span.Place.ToString()));
        Assert.Equal(Encoding.UTF8.GetByteCount(Request(Span(1))) + 1, _bench.Places[1].Place.Offset);
        Assert.Equal(3, import.SpansAdded);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_document_is_read_resource_by_resource(bool indented)
    {
        var file = $$"""{"resourceSpans":[{{Resource(Span(1))}},{{Resource(Span(2))}}]}""";

        var import = await _bench.ImportAsync(indented ? file.Replace(",\"", ",\n  \"", StringComparison.Ordinal) : file);

        Assert.Equal(2, import.SpansAdded);
        Assert.Equal(["/resourceSpans/0/scopeSpans/0/spans/0", "/resourceSpans/1/scopeSpans/0/spans/0"], _bench.Places.Select(span => span.Place.Pointer));
    }

    [Fact]
    public async Task A_request_in_protobuf_is_read_and_told_from_one_of_logs()
    {
        var import = await _bench.ImportAsync(OtlpMessage.Request(OtlpMessage.Span()));

        Assert.Equal(ImportFormats.OtlpProtobuf, import.Files[0].Format);
        Assert.Equal("tool.call/book", Assert.Single(await _bench.SpansAsync(import.IncidentId)).Tool);
    }

    [Fact]
    public async Task A_file_that_is_taken_twice_is_there_once_and_so_is_what_came_by_the_door_before()
    {
        await _bench.Get<OtlpIntake>().TakeTracesAsync(Encoding.UTF8.GetBytes(Request(Span(1))), OtlpEncoding.Json);
        var file = $"{Request(Span(1))}\n{Request(Span(2))}\n";

        var first = await _bench.ImportAsync(file);
        var second = await _bench.ImportAsync(Gzip(file));

        Assert.Equal((1, 1, true), (first.SpansAdded, first.SpansKnown, first.IncidentCreated));
        Assert.Equal((0, 2, false, 0), (second.SpansAdded, second.SpansKnown, second.IncidentCreated, second.LeftOutCount));
        Assert.Equal(first.IncidentId, second.IncidentId);
        Assert.Equal(2, (await _bench.SpansAsync(first.IncidentId)).Count);
    }

    [Fact]
    public async Task A_line_that_cannot_be_read_costs_that_line_only_and_is_named()
    {
        var import = await _bench.ImportAsync($"{Request(Span(1))}\n{{\"resourceSpans\":[{{\n{{\"resourceMetrics\":[]}}\n[1]\n{Request(Span(2).Replace("1767225600123456789", "7", StringComparison.Ordinal))}\n{Request(Span(2))}\n{Request(Span(3))[..40]}");

        Assert.Equal(2, import.SpansAdded);
        Assert.Equal(
            [("line 2", 2), ("line 3", 1), ("line 4", 1), ("line 5 /resourceSpans/0/scopeSpans/0/spans/0", 1)],
            import.LeftOut.Select(kind => (kind.First.ToString(), (int)kind.Count)));
        Assert.Equal(5, import.LeftOutCount);
    }

    [Fact]
    public async Task What_another_span_or_another_incident_has_is_refused_and_said()
    {
        var first = await _bench.ImportAsync(Request(Span(1)));
        var other = await _bench.ImportAsync(Request(Span(9).Replace(Trace, new string('7', 32), StringComparison.Ordinal)));

        var moved = await _bench.ImportAsync(Request(Span(1)), new ImportRequest { IncidentId = other.IncidentId });
        var changed = await _bench.ImportAsync(Request(Span(1).Replace("step 1", "step one", StringComparison.Ordinal)));

        Assert.Equal((0, 0, 1), (moved.SpansAdded, moved.SpansKnown, moved.SpansRefused));
        Assert.Contains("belongs to another incident", Assert.Single(moved.LeftOut).What, StringComparison.Ordinal);
        Assert.Equal(1, changed.SpansRefused);
        Assert.Contains("Another span is stored", Assert.Single(changed.LeftOut).What, StringComparison.Ordinal);
        Assert.Single(await _bench.SpansAsync(first.IncidentId));
    }

    private static string Request(params string[] spans) => $$"""{"resourceSpans":[{{Resource(spans)}}]}""";

    private static string Resource(params string[] spans) =>
        $$$"""{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"agent"}}]},"scopeSpans":[{"scope":{"name":"lib"},"spans":[{{{string.Join(',', spans)}}}]}]}""";

    private static string Span(int number) =>
        $$"""{"traceId":"{{Trace}}","spanId":"ab0000000000000{{number}}","name":"step {{number}}","startTimeUnixNano":"1767225600123456789","endTimeUnixNano":"1767225601123456789"}""";

    private static string Logs() =>
        $$$"""{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"{{{Trace}}}","spanId":"ab00000000000001","timeUnixNano":"1767225600200000000","body":{"stringValue":"hello"}}]}]}]}""";

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }
}
