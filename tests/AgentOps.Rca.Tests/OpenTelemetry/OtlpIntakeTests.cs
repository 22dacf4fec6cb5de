using System.Text;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.OpenTelemetry;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;

namespace AgentOps.Rca.Tests.OpenTelemetry;

public sealed class OtlpIntakeTests
{
    private const string Trace = "0102030405060708090a0b0c0d0e0f10";
    private const string TraceStart = $$"""{"traceId":"{{Trace}}","spanId":"ab00000000000001","startTimeUnixNano":"1767225600123456789","endTimeUnixNano":"1767225601123456789" """;

    private readonly InMemorySpanStore _spans = new();
    private readonly ArtifactVault _vault = new(new InMemoryArtifactStore(), new InMemoryArtifactContentStore(), TimeProvider.System);

    [Fact]
    public async Task A_span_of_protobuf_keeps_everything_that_OTLP_says()
    {
        var span = await TakeOneAsync(OtlpMessage.Request(OtlpMessage.Span()), OtlpEncoding.Protobuf);

        Assert.Equal((Trace + ":ab00000000000001", Trace + ":cd00000000000001", "tool.call/book"), (span.SpanId, span.ParentId, span.Tool));
        Assert.Equal((1_767_225_600_123_456_789, 1_767_225_601_123_456_789), (span.StartTs, span.EndTs));
        Assert.Equal("""{"order":1}""", await ReadAsync(span.ArgsDigest));
        Testing.Samples.AssertSameJson(
            JsonElement.Parse("""
                {"otel.name":"execute_tool book","otel.kind":"client","otel.status_code":"ERROR","otel.status_description":"no","otel.trace_state":"vendor=1",
                "gen_ai.operation.name":"execute_tool","gen_ai.tool.name":"book","n":42,"negative":-7,"large":"9223372036854775807","yes":true,
                "half":0.5,"nan":"NaN","list":["a",1],"map":{"k":"v"},"bytes":"AQID",
                "events":[{"name":"exception","time":"2026-01-01T00:00:00.500000000Z","attributes":{"exception.message":"no"}}],
                "links":[{"span_id":"09090909090909090909090909090909:0808080808080808"}],
                "otel.scope.name":"lib","otel.scope.version":"1.0","resource":{"service.name":"orders"},"otel.dropped_count":2}
                """),
            span.Attributes);
        Assert.Equal("no", SpanFailure.Read(span.Attributes)?.Message);
    }

    [Fact]
    public async Task The_JSON_form_means_the_same_as_the_protobuf_form()
    {
        var span = await TakeOneAsync(OtlpMessage.Request(OtlpMessage.Span()), OtlpEncoding.Protobuf);
        const string Json = """
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"orders"}}]},"scopeSpans":[{"scope":{"name":"lib","version":"1.0"},"spans":[{
            "traceId":"0102030405060708090A0B0C0D0E0F10","spanId":"ab00000000000001","traceState":"vendor=1","parentSpanId":"cd00000000000001","name":"execute_tool book","kind":3,
            "startTimeUnixNano":"1767225600123456789","endTimeUnixNano":1767225601123456789,"droppedAttributesCount":2,"unknown":{"x":[1]},
            "attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"execute_tool"}},{"key":"gen_ai.tool.name","value":{"stringValue":"book"}},
            {"key":"gen_ai.tool.call.arguments","value":{"stringValue":"{\"order\":1}"}},{"key":"n","value":{"intValue":"42"}},{"key":"negative","value":{"intValue":-7}},
            {"key":"large","value":{"intValue":"9223372036854775807"}},{"key":"yes","value":{"boolValue":true}},{"key":"half","value":{"doubleValue":0.5}},{"key":"nan","value":{"doubleValue":"NaN"}},
            {"key":"list","value":{"arrayValue":{"values":[{"stringValue":"a"},{"intValue":"1"}]}}},{"key":"map","value":{"kvlistValue":{"values":[{"key":"k","value":{"stringValue":"v"}}]}}},
            {"key":"bytes","value":{"bytesValue":"AQID"}}],
            "events":[{"timeUnixNano":"1767225600500000000","name":"exception","attributes":[{"key":"exception.message","value":{"stringValue":"no"}}]}],
            "links":[{"traceId":"09090909090909090909090909090909","spanId":"0808080808080808"}],"status":{"code":2,"message":"no"}}]}]}]}
            """;

        var outcome = await Intake().TakeTracesAsync(Encoding.UTF8.GetBytes(Json), OtlpEncoding.Json);

        Assert.Equal(new OtlpOutcome(0, 1, 0, null, null), outcome);
        Assert.NotNull(span);
    }

    [Theory]
    [InlineData("\"gen_ai.operation.name\":\"execute_tool\",\"gen_ai.tool.name\":\"t\"", "x", "tool.call/t")]
    [InlineData("\"gen_ai.operation.name\":\"execute_tool\"", "execute_tool search", "tool.call/search")]
    [InlineData("\"openinference.span.kind\":\"TOOL\",\"tool.name\":\"t\"", "x", "tool.call/t")]
    [InlineData("\"gen_ai.tool.name\":\"t\"", "x", "tool.call/t")]
    [InlineData("\"gen_ai.operation.name\":\"chat\",\"gen_ai.request.model\":\"m\",\"gen_ai.response.model\":\"m-2026\"", "chat m", "llm.call/m")]
    [InlineData("\"gen_ai.operation.name\":\"text_completion\",\"gen_ai.response.model\":\"m-2026\"", "x", "llm.call/m-2026")]
    [InlineData("\"gen_ai.operation.name\":\"embeddings\",\"gen_ai.request.model\":\"e\"", "x", "llm.call/e")]
    [InlineData("\"gen_ai.system\":\"openai\",\"gen_ai.request.model\":\"m\"", "x", "llm.call/m")]
    [InlineData("\"openinference.span.kind\":\"LLM\",\"llm.model_name\":\"m\"", "x", "llm.call/m")]
    [InlineData("\"gen_ai.operation.name\":\"chat\"", "chat m", "llm.call/m")]
    [InlineData("\"gen_ai.operation.name\":\"invoke_agent\",\"gen_ai.agent.name\":\"a\"", "x", "agent.run/a")]
    [InlineData("\"gen_ai.operation.name\":\"invoke_agent\"", "invoke_agent a", "agent.run/a")]
    [InlineData("\"openinference.span.kind\":\"AGENT\"", "a", "agent.run/a")]
    [InlineData("\"gen_ai.operation.name\":\"create_agent\"", "x", "orders/x")]
    [InlineData("\"openinference.span.kind\":\"CHAIN\"", "x", "orders/x")]
    [InlineData("\"http.request.method\":\"GET\"", "GET /orders", "orders/GET /orders")]
    [InlineData("\"gen_ai.operation.name\":\"chat\",\"gen_ai.request.model\":\"rca\"", "x", "otel/llm.call/rca")]
    public async Task Spans_are_named_by_the_semantic_conventions(string attributes, string name, string tool)
    {
        Assert.Equal(tool, (await TakeOneAsync(Json(attributes, name), OtlpEncoding.Json)).Tool);
    }

    [Fact]
    public async Task A_service_of_a_reserved_name_cannot_pass_for_this_library()
    {
        var body = Encoding.UTF8.GetString(Json("", "x")).Replace("\"orders\"", "\"rca.analyze\"", StringComparison.Ordinal);

        var span = await TakeOneAsync(Encoding.UTF8.GetBytes(body), OtlpEncoding.Json);

        Assert.Equal("otel/rca.analyze/x", span.Tool);
    }

    [Theory]
    [InlineData("\"gen_ai.tool.call.arguments\":\"{\\\"a\\\":1}\",\"gen_ai.tool.call.result\":\"plain\"", """{"a":1}""", "plain")]
    [InlineData("\"input.value\":\"in\",\"output.value\":\"out\"", "in", "out")]
    [InlineData("\"gen_ai.prompt\":\"in\",\"gen_ai.completion\":\"out\"", "in", "out")]
    [InlineData(
        "\"gen_ai.system_instructions\":\"be kind\",\"gen_ai.input.messages\":\"[{\\\"role\\\":\\\"user\\\"}]\",\"gen_ai.output.messages\":\"[1]\"",
        """{"gen_ai.input.messages":[{"role":"user"}],"gen_ai.system_instructions":"be kind"}""", "[1]")]
    [InlineData(
        "\"llm.input_messages.0.message.role\":\"user\",\"llm.input_messages.0.message.content\":\"hi\",\"llm.output_messages.0.message.content\":\"yo\"",
        """{"llm.input_messages.0.message.content":"hi","llm.input_messages.0.message.role":"user"}""", "yo")]
    public async Task Arguments_and_results_become_artifacts_and_leave_the_attributes(string attributes, string arguments, string result)
    {
        var span = await TakeOneAsync(Json(attributes + ",\"kept\":\"1\"", "x"), OtlpEncoding.Json);

        Assert.Equal((arguments, result), (await ReadAsync(span.ArgsDigest), await ReadAsync(span.ResultDigest)));
        Assert.Equal("1", span.Attributes.GetProperty("kept").GetString());
        Assert.DoesNotContain("messages", span.Attributes.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("input", span.Attributes.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_that_are_events_become_artifacts_and_the_other_events_stay()
    {
        const string Events = """
            ,"events":[{"timeUnixNano":"1767225600500000000","name":"gen_ai.user.message","attributes":[{"key":"content","value":{"stringValue":"hi"}}]},
            {"timeUnixNano":"1767225600600000000","name":"gen_ai.choice","attributes":[{"key":"message","value":{"stringValue":"yo"}}]},
            {"timeUnixNano":"1767225600700000000","name":"other"}]
            """;
        var span = await TakeOneAsync(Json("", "x", Events), OtlpEncoding.Json);

        Assert.Equal("""{"messages":[{"event":"gen_ai.user.message","content":"hi"}]}""", await ReadAsync(span.ArgsDigest));
        Assert.Equal("""{"messages":[{"event":"gen_ai.choice","message":"yo"}]}""", await ReadAsync(span.ResultDigest));
        Assert.Equal("other", Assert.Single(span.Attributes.GetProperty("events").EnumerateArray()).GetProperty("name").GetString());
    }

    [Fact]
    public async Task Tokens_of_OpenInference_are_counted_by_the_names_of_OpenTelemetry()
    {
        const string Counts = """{"key":"llm.token_count.prompt","value":{"intValue":"7"}},{"key":"llm.token_count.completion","value":{"intValue":"3"}}""";
        var span = await TakeOneAsync(Json("\"openinference.span.kind\":\"LLM\",\"llm.model_name\":\"m\"", "x", "", Counts), OtlpEncoding.Json);

        Assert.Equal(7, span.Attributes.GetProperty("gen_ai.usage.input_tokens").GetInt32());
        Assert.Equal(3, span.Attributes.GetProperty("gen_ai.usage.output_tokens").GetInt32());
        Assert.Equal("m", span.Attributes.GetProperty("gen_ai.request.model").GetString());
    }

    [Theory]
    [InlineData("\"agentops.incident.id\":\"0190A8C2-5D1E-7C43-9B1F-2F6A4DE0C111\"", null, "0190a8c2-5d1e-7c43-9b1f-2f6a4de0c111")]
    [InlineData("\"agentops.incident.id\":\"mine\"", "baggage", "mine")]
    [InlineData("", "baggage", "baggage")]
    [InlineData("", null, null)]
    public async Task The_incident_comes_from_the_span_or_the_baggage(string attributes, string? baggage, string? incident)
    {
        Assert.Equal(incident, (await TakeOneAsync(Json(attributes, "x"), OtlpEncoding.Json, baggage)).IncidentId);
    }

    [Theory]
    [InlineData("""{"spanId":"ab00000000000001","startTimeUnixNano":"1767225600123456789","endTimeUnixNano":"1767225601123456789"}""")]
    [InlineData($$"""{"traceId":"{{Trace}}","spanId":"0000000000000000","startTimeUnixNano":"1767225600123456789","endTimeUnixNano":"1767225601123456789"}""")]
    [InlineData($$"""{"traceId":"{{Trace}}","spanId":"ab00000000000001","startTimeUnixNano":"0","endTimeUnixNano":"1767225601123456789"}""")]
    [InlineData($$"""{"traceId":"{{Trace}}","spanId":"ab00000000000001","startTimeUnixNano":"1767225600123456789"}""")]
    [InlineData($$"""{"traceId":"{{Trace}}","spanId":"ab00000000000001","startTimeUnixNano":"18446744073709551615","endTimeUnixNano":"1"}""")]
    public async Task A_span_that_cannot_be_kept_is_refused_and_the_others_are_taken(string wrong)
    {
        var body = $$$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{{{wrong}}},{{{TraceStart}}}}]}]}]}""";

        var outcome = await Intake().TakeTracesAsync(Encoding.UTF8.GetBytes(body), OtlpEncoding.Json);

        Assert.Equal((1, 0, 1, null), (outcome.Added, outcome.Duplicates, outcome.Rejected, outcome.Malformed));
        Assert.NotNull(outcome.Message);
    }

    [Fact]
    public async Task A_log_joins_its_span_whether_it_comes_before_or_after_and_comes_once()
    {
        var log = OtlpMessage.Request(OtlpMessage.Log());
        Assert.Equal(1, (await Intake().TakeLogsAsync(log, OtlpEncoding.Protobuf)).Added);
        await Intake().TakeTracesAsync(OtlpMessage.Request(OtlpMessage.Span()), OtlpEncoding.Protobuf);
        Assert.Equal(new OtlpOutcome(0, 1, 0, null, null), await Intake().TakeLogsAsync(log, OtlpEncoding.Protobuf));

        var stored = await _spans.ListAsync(new SpanQuery { Tool = ToolNames.Log }).SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Trace + ":ab00000000000001", stored.ParentId);
        Assert.StartsWith(stored.ParentId + ":", stored.SpanId, StringComparison.Ordinal);
        var happened = stored.Attributes.GetProperty("events")[0];
        Assert.Equal(("booking", "ERROR", "booking failed"), (Text(happened, "name"), Text(happened, "severity"), Text(happened, "message")));
        var node = SpanForest.Build(await _spans.ListAsync(new SpanQuery()).ToListAsync(TestContext.Current.CancellationToken)).Find(stored.ParentId!);
        Assert.Equal(stored.SpanId, Assert.Single(node!.Logs).SpanId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_log_gets_into_the_incident_of_its_span_whichever_comes_first(bool logFirst)
    {
        var log = OtlpMessage.Request(OtlpMessage.Log());
        var span = OtlpMessage.Request(OtlpMessage.Span());
        var intake = new OtlpIntake(new SpanIntake(_spans, links: new SpanLogLinks(_spans, _spans)), _vault);
        if (logFirst)
        {
            await intake.TakeLogsAsync(log, OtlpEncoding.Protobuf);
            await intake.TakeTracesAsync(span, OtlpEncoding.Protobuf, "late");
        }
        else
        {
            await intake.TakeTracesAsync(span, OtlpEncoding.Protobuf, "late");
            await intake.TakeLogsAsync(log, OtlpEncoding.Protobuf);
        }

        Assert.Equal(2, await _spans.ListAsync(new SpanQuery { IncidentId = "late" }).CountAsync(TestContext.Current.CancellationToken));
        Assert.Equal(new OtlpOutcome(0, 1, 0, null, null), await intake.TakeLogsAsync(log, OtlpEncoding.Protobuf));
        Assert.Equal(new OtlpOutcome(0, 1, 0, null, null), await intake.TakeTracesAsync(span, OtlpEncoding.Protobuf, "late"));
    }

    [Fact]
    public async Task A_log_of_a_span_that_belongs_to_no_incident_stays_without_one()
    {
        var intake = new OtlpIntake(new SpanIntake(_spans, links: new SpanLogLinks(_spans, _spans)), _vault);
        await intake.TakeTracesAsync(OtlpMessage.Request(OtlpMessage.Span()), OtlpEncoding.Protobuf);
        await intake.TakeLogsAsync(OtlpMessage.Request(OtlpMessage.Log()), OtlpEncoding.Protobuf);

        Assert.Equal(2, await _spans.ListAsync(new SpanQuery { WithoutIncident = true }).CountAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_log_without_a_trace_is_refused()
    {
        var body = """{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1767225600123456789","body":{"stringValue":"x"}}]}]}]}"""u8.ToArray();

        Assert.Equal(1, (await Intake().TakeLogsAsync(body, OtlpEncoding.Json)).Rejected);
    }

    [Fact]
    public async Task Attributes_beyond_the_bound_are_counted_and_a_name_that_is_there_twice_counts_once()
    {
        var span = OtlpMessage.Span().Attribute(9, "n", "again");
        for (var i = 0; i < 2_000; i++)
        {
            span.Attribute(9, $"more-{i}", "x");
        }

        var stored = await TakeOneAsync(OtlpMessage.Request(span), OtlpEncoding.Protobuf);

        Assert.Equal(42, stored.Attributes.GetProperty("n").GetInt32());
        Assert.InRange(stored.Attributes.GetProperty("otel.dropped_count").GetInt32(), 900, 1_100);
    }

    [Theory]
    [InlineData(1_024, null)]
    [InlineData(1_025, 3)]
    [InlineData(1_500, 3 * 476)]
    public async Task A_record_keeps_1024_attributes_events_and_links_each_and_counts_the_others(int each, int? dropped)
    {
        var numbers = Enumerable.Range(0, each);
        var attributes = string.Join(',', numbers.Select(number => $$$"""{"key":"a{{{number}}}","value":{"intValue":1}}"""));
        var events = string.Join(',', numbers.Select(number => $$"""{"timeUnixNano":"1767225600500000000","name":"e{{number}}"}"""));
        var links = string.Join(',', numbers.Select(number => $$"""{"traceId":"{{Trace}}","spanId":"{{number + 1:x16}}"}"""));
        var json = Encoding.UTF8.GetBytes(
            $$$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{{{TraceStart}}},"attributes":[{{{attributes}}}],"events":[{{{events}}}],"links":[{{{links}}}]}]}]}]}""");

        var stored = (await TakeOneAsync(json, OtlpEncoding.Json)).Attributes;

        Assert.Equal(1_024, stored.EnumerateObject().Count(member => member.Value.ValueKind == JsonValueKind.Number && member.Name.StartsWith('a')));
        Assert.Equal((1_024, 1_024), (stored.GetProperty("events").GetArrayLength(), stored.GetProperty("links").GetArrayLength()));
        Assert.Equal(dropped, stored.TryGetProperty("otel.dropped_count", out var count) ? count.GetInt32() : null);
    }

    [Fact]
    public async Task A_value_that_nests_too_deep_costs_its_own_span_in_both_forms()
    {
        var value = new OtlpMessage().Text(1, "x");
        var json = """{"stringValue":"x"}""";
        for (var i = 0; i < 40; i++)
        {
            value = new OtlpMessage().Message(5, new OtlpMessage().Message(1, value));
            json = $$$"""{"arrayValue":{"values":[{{{json}}}]}}""";
        }

        var protobuf = await Intake().TakeTracesAsync(OtlpMessage.Request(OtlpMessage.Span().Attribute(9, "deep", value)), OtlpEncoding.Protobuf);
        var body = $$$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{{{TraceStart}}},"attributes":[{"key":"deep","value":{{{json}}}}]}]}]}]}""";
        var text = await Intake().TakeTracesAsync(Encoding.UTF8.GetBytes(body), OtlpEncoding.Json);

        Assert.Equal(protobuf, text);
        Assert.Equal((0, 1, null), (text.Added, text.Rejected, text.Malformed));
        Assert.StartsWith("/resourceSpans/0/scopeSpans/0/spans/0: A value nests deeper", text.Message, StringComparison.Ordinal);
    }

    private static string? Text(JsonElement item, string name) => item.GetProperty(name).GetString();

    private OtlpIntake Intake() => new(new SpanIntake(_spans), _vault);

    private async Task<Span> TakeOneAsync(byte[] body, OtlpEncoding encoding, string? incidentId = null)
    {
        var outcome = await Intake().TakeTracesAsync(body, encoding, incidentId, TestContext.Current.CancellationToken);
        Assert.Equal(new OtlpOutcome(1, 0, 0, null, null), outcome);
        return await _spans.ListAsync(new SpanQuery()).SingleAsync(TestContext.Current.CancellationToken);
    }

    private async Task<string?> ReadAsync(string? digest)
    {
        Assert.NotNull(digest);
        var read = await _vault.ReadAllVerifiedAsync(ArtifactDigest.Parse(digest), 1 << 20, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(read.Content.Span);
    }

    private static byte[] Json(string attributes, string name, string more = "", string extra = "")
    {
        var list = JsonElement.Parse($"{{{attributes}}}").EnumerateObject()
            .Select(item => $$$"""{"key":"{{{item.Name}}}","value":{"stringValue":{{{item.Value.GetRawText()}}}}}""").Append(extra).Where(item => item.Length > 0);
        return Encoding.UTF8.GetBytes(
            $$$"""{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"orders"}}]},"scopeSpans":[{"spans":[{{{TraceStart}}},"name":"{{{name}}}","attributes":[{{{string.Join(',', list)}}}]{{{more}}}}]}]}]}""");
    }
}
