using System.Text;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.OpenTelemetry;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;

namespace AgentOps.Rca.Tests.OpenTelemetry;

/// <summary>OTLP as senders write it: what is clear is taken, what is odd costs one record at most and is told.</summary>
public sealed class OtlpLenienceTests
{
    private const string Trace = "0102030405060708090a0b0c0d0e0f10";
    private const string Times = """ "startTimeUnixNano":"1767225600123456789","endTimeUnixNano":"1767225601123456789" """;
    private const string Start = $$"""{"traceId":"{{Trace}}","spanId":"ab00000000000001",{{Times}} """;
    private const string Other = $$"""{"traceId":"{{Trace}}","spanId":"ab00000000000002",{{Times}}}""";

    private readonly InMemorySpanStore _spans = new();

    [Theory]
    [InlineData("""{"stringValue":"cut \ud83d"}""", "\"cut \uFFFD\"")]
    [InlineData("""{"stringValue":"a\n\"\u0041\\ \udc00 b\u0000"}""", "\"a\\n\\\"A\\\\ \uFFFD b\uFFFD\"")]
    [InlineData("""{"stringValue":7}""", "7")]
    [InlineData("""{"intValue":18446744073709552000}""", "\"18446744073709552000\"")]
    [InlineData("""{"intValue":"-9999999999999999999999"}""", "\"-9999999999999999999999\"")]
    [InlineData("""{"intValue":1.0}""", "1")]
    [InlineData("""{"intValue":"2e3"}""", "2000")]
    [InlineData("""{"intValue":1.5}""", "1.5")]
    [InlineData("""{"intValue":"abc"}""", "\"abc\"")]
    [InlineData("""{"int_value":"7"}""", "7")]
    [InlineData("""{"boolValue":"true"}""", "true")]
    [InlineData("""{"boolValue":1}""", "1")]
    [InlineData("""{"doubleValue":"x"}""", "\"x\"")]
    [InlineData("""{"doubleValue":1e999}""", "\"1e999\"")]
    [InlineData("""{"doubleValue":"Infinity"}""", "\"Infinity\"")]
    [InlineData("""{"bytesValue":"not base64!"}""", "\"not base64!\"")]
    [InlineData("""{"arrayValue":[1]}""", "\"[1]\"")]
    [InlineData("""{"arrayValue":{"values":[{"intValue":"1"},2,"x",null]}}""", "[1,2,\"x\",null]")]
    [InlineData("""{"kvlistValue":{"values":[{"key":"k","value":{"string_value":"v"}}]}}""", "{\"k\":\"v\"}")]
    [InlineData("""{"newKindOfValue":{"a":1}}""", "\"{\\\"newKindOfValue\\\":{\\\"a\\\":1}}\"")]
    [InlineData("\"plain\"", "\"plain\"")]
    [InlineData("{}", "null")]
    public async Task An_odd_value_is_kept_as_it_was_sent_and_costs_nothing(string value, string kept)
    {
        var outcome = await TakeAsync($$$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{{{Start}}},"attributes":[{"key":"odd","value":{{{value}}}}]},{{{Other}}}]}]}]}""");

        Assert.Equal(new OtlpOutcome(2, 0, 0, null, null), outcome);
        var stored = (await FirstAsync()).Attributes.GetProperty("odd");
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(kept), stored), stored.GetRawText());
    }

    [Theory]
    [InlineData("""{"traceId":"xyz","spanId":"ab00000000000009",<Times>}""", "'xyz' is not 32 hexadecimal digits")]
    [InlineData("""{"traceId":"<Trace>","spanId":"ab0000000000000900",<Times>}""", "is not 16 hexadecimal digits")]
    [InlineData("""{"spanId":"ab00000000000009",<Times>}""", "There is no trace id.")]
    [InlineData("""{"traceId":"<Trace>","spanId":"0000000000000000",<Times>}""", "There is no span id.")]
    [InlineData("""{"traceId":"<Trace>","spanId":"ab00000000000009","startTimeUnixNano":"today","endTimeUnixNano":"1767225601123456789"}""", "startTimeUnixNano")]
    [InlineData("""{"traceId":"<Trace>","spanId":"ab00000000000009",<Times>,"attributes":7}""", "attributes")]
    [InlineData("""{"traceId":"<Trace>","spanId":"ab00000000000009",<Times>,"events":[7]}""", "An object is expected")]
    [InlineData("""{"traceId":{},"spanId":"ab00000000000009",<Times>}""", "traceId")]
    [InlineData("7", "An object is expected")]
    [InlineData("null", "An object is expected")]
    public async Task A_span_that_cannot_be_kept_is_told_by_its_place_and_the_others_are_taken(string wrong, string why)
    {
        wrong = wrong.Replace("<Times>", Times, StringComparison.Ordinal).Replace("<Trace>", Trace, StringComparison.Ordinal);
        var outcome = await TakeAsync($$$"""{"resourceSpans":[{},{"scopeSpans":[{},{"spans":[{{{Other}}},{{{wrong}}},{{{Start}}}}]}]}]}""");

        Assert.Equal((2, 1, null), (outcome.Added, outcome.Rejected, outcome.Malformed));
        Assert.StartsWith("/resourceSpans/1/scopeSpans/1/spans/1: ", outcome.Message, StringComparison.Ordinal);
        Assert.Contains(why, outcome.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"resource":7,"scopeSpans":[{"spans":[<Start>}]}]}""", "/resourceSpans/0/scopeSpans/0/spans/0: ")]
    [InlineData("""{"scopeSpans":7}""", "/resourceSpans/0: ")]
    [InlineData("""{"scopeSpans":[7]}""", "/resourceSpans/0/scopeSpans/0: ")]
    [InlineData("""{"scopeSpans":[{"scope":[],"spans":[<Start>}]}]}""", "/resourceSpans/0/scopeSpans/0/spans/0: ")]
    public async Task What_is_wrong_around_records_costs_those_records_only(string wrong, string place)
    {
        var outcome = await TakeAsync($$"""{"resourceSpans":[{{wrong.Replace("<Start>", Start, StringComparison.Ordinal)}},{"scopeSpans":[{"spans":[{{Other}}]}]}]}""");

        Assert.Equal((1, 1, null), (outcome.Added, outcome.Rejected, outcome.Malformed));
        Assert.StartsWith(place, outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ids_in_base64_are_read_as_the_ids_they_are()
    {
        var id = Convert.ToBase64String(Convert.FromHexString(Trace));
        var outcome = await TakeAsync($$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"{{id}}","spanId":"qwAAAAAAAAE=","parentSpanId":"m9yXxzhb6FY=",{{Times}}}]}]}]}""");

        Assert.Equal(new OtlpOutcome(1, 0, 0, null, null), outcome);
        var span = await FirstAsync();
        Assert.Equal(($"{Trace}:ab00000000000001", $"{Trace}:9bdc97c7385be856"), (span.SpanId, span.ParentId));
    }

    [Theory]
    [InlineData("\"parentSpanId\":\"nonsense\"", "parentSpanId", "nonsense")]
    [InlineData("\"kind\":\"SPAN_KIND_OTHER\"", "kind", "SPAN_KIND_OTHER")]
    [InlineData("\"kind\":99", "kind", "99")]
    [InlineData("\"status\":{\"code\":\"FAILED\"}", "code", "FAILED")]
    [InlineData("\"links\":[{\"traceId\":\"x\",\"spanId\":\"ab00000000000001\"}]", "links.traceId", "x")]
    public async Task A_member_that_cannot_be_read_is_kept_as_it_was_sent_and_told(string member, string name, string sent)
    {
        var outcome = await TakeAsync($$$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{{{Start}}},{{{member}}}}]}]}]}""");

        Assert.Equal((1, 0), (outcome.Added, outcome.Rejected));
        Assert.StartsWith("/resourceSpans/0/scopeSpans/0/spans/0 is kept without it: ", outcome.Message, StringComparison.Ordinal);
        Assert.Equal(sent, (await FirstAsync()).Attributes.GetProperty("otel.unread").GetProperty(name).GetString());
    }

    [Theory]
    [InlineData("""{"resource_spans":[{"scope_spans":[{"spans":[{"trace_id":"<Trace>","span_id":"ab00000000000001","parent_span_id":"ab00000000000002","start_time_unix_nano":"1767225600123456789","end_time_unix_nano":"1767225601123456789"}]}]}]}""")]
    [InlineData("""{"batches":[{"scopeSpans":[{"spans":[<Child>]}]}]}""")]
    [InlineData("""{"trace":{"resourceSpans":[{"scopeSpans":[{"spans":[<Child>]}]}]}}""")]
    [InlineData("""{"resourceSpans":[{"instrumentationLibrarySpans":[{"instrumentationLibrary":{"name":"l"},"spans":[<Child>]}]}]}""")]
    [InlineData("""{"\ud800":1,"resourceSpans":[{"\udc00":1,"scopeSpans":[{"spans":[<Child>]}]}]}""")]
    [InlineData("\uFEFF{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[<Child>]}]}]}")]
    public async Task The_names_of_other_writers_are_read(string body)
    {
        var outcome = await TakeAsync(body.Replace("<Child>", $$"""{{Start}},"parentSpanId":"ab00000000000002"}""", StringComparison.Ordinal).Replace("<Trace>", Trace, StringComparison.Ordinal));

        Assert.Equal(new OtlpOutcome(1, 0, 0, null, null), outcome);
        Assert.Equal($"{Trace}:ab00000000000002", (await FirstAsync()).ParentId);
    }

    [Theory]
    [InlineData("""{"resourceLogs":[]}""", "/v1/logs")]
    [InlineData("""{"data":[1]}""", "'data'")]
    public async Task A_body_out_of_which_nothing_is_read_is_no_success(string body, string hint)
    {
        var outcome = await TakeAsync(body);

        Assert.Contains(hint, outcome.Malformed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"SEVERITY_NUMBER_ERROR\"", "ERROR")]
    [InlineData("\"SEVERITY_NUMBER_WARN3\"", "WARN")]
    [InlineData("\"fatal\"", "FATAL")]
    [InlineData("\"17\"", "ERROR")]
    [InlineData("17", "ERROR")]
    public async Task A_severity_is_read_by_its_name_and_by_its_number(string severity, string read)
    {
        var body = $$$"""{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":1.767e18,"traceId":"{{{Trace}}}","severityNumber":{{{severity}}},"body":{"stringValue":"x"}}]}]}]}""";
        var outcome = await Intake().TakeLogsAsync(Encoding.UTF8.GetBytes(body), OtlpEncoding.Json, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(new OtlpOutcome(1, 0, 0, null, null), outcome);
        Assert.Equal(read, (await FirstAsync()).Attributes.GetProperty("events")[0].GetProperty("severity").GetString());
    }

    [Fact]
    public async Task The_scope_and_the_trace_state_are_kept_and_what_was_left_out_is_counted()
    {
        await TakeAsync($$$"""
            {"resourceSpans":[{"resource":{"droppedAttributesCount":1},"schemaUrl":"https://r","scopeSpans":[{"schemaUrl":"https://s","scope":{"name":"t","droppedAttributesCount":2,"attributes":[{"key":"ring","value":{"stringValue":"canary"}}]},
            "spans":[{{{Start}}},"traceState":"vendor=1","attributes":[{"key":"events","value":{"intValue":1}},{"key":"attribute.events","value":{"intValue":2}}],
            "links":[{"traceId":"{{{Trace}}}","spanId":"ab00000000000002","traceState":"v=2","droppedAttributesCount":4}],"events":[{"timeUnixNano":"1767225600500000000","name":"e","droppedAttributesCount":8}]}]}]}]}
            """);

        Testing.Samples.AssertSameJson(
            JsonElement.Parse("""
                {"otel.trace_state":"vendor=1","attribute.attribute.events":1,"attribute.events":2,"events":[{"name":"e","time":"2026-01-01T00:00:00.500000000Z"}],
                "links":[{"span_id":"0102030405060708090a0b0c0d0e0f10:ab00000000000002","trace_state":"v=2"}],"otel.scope.name":"t","otel.scope.attributes":{"ring":"canary"},
                "otel.scope.schema_url":"https://s","otel.resource.schema_url":"https://r","otel.dropped_count":15}
                """),
            (await FirstAsync()).Attributes);
    }

    [Theory]
    [InlineData("gen_ai.tool.call.arguments")]
    [InlineData("metadata")]
    [InlineData("langfuse.trace.tags")]
    [InlineData("modelMetadata")]
    public async Task Text_that_is_JSON_with_half_of_a_surrogate_pair_costs_nothing(string name)
    {
        foreach (var text in new[] { """[\"\\ud83d\"]""", """{\"lc_agent_name\":\"\\ud83d\"}""", """{\"\\ud83d\":1}""" })
        {
            var outcome = await TakeAsync($$$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{{{Start}}},"attributes":[{"key":"gen_ai.system","value":{"stringValue":"x"}},{"key":"{{{name}}}","value":{"stringValue":"{{{text}}}"}}]}]}]}]}""");

            Assert.Null(outcome.Malformed);
            Assert.DoesNotContain("kept without", outcome.Message ?? "", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Names_that_differ_beyond_their_bound_stay_different()
    {
        var name = new string('n', 300);
        await TakeAsync($$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{{Start}},"name":"{{name}}a"},{{Other[..^1]}},"name":"{{name}}b"}]}]}]}""");

        var tools = await _spans.ListAsync(new SpanQuery()).Select(span => span.Tool).Distinct().ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, tools.Count);
        Assert.All(tools, tool => Assert.InRange(tool.Length, 200, 256));
    }

    private OtlpIntake Intake() =>
        new(new SpanIntake(_spans), new ArtifactVault(new InMemoryArtifactStore(), new InMemoryArtifactContentStore(), TimeProvider.System));

    private ValueTask<OtlpOutcome> TakeAsync(string body) =>
        Intake().TakeTracesAsync(Encoding.UTF8.GetBytes(body), OtlpEncoding.Json, cancellationToken: TestContext.Current.CancellationToken);

    private ValueTask<Span> FirstAsync() => _spans.ListAsync(new SpanQuery()).FirstAsync(TestContext.Current.CancellationToken);
}
