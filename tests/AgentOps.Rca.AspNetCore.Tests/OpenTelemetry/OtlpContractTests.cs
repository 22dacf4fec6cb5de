using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.AspNetCore.Tests.OpenTelemetry;

public sealed class InMemoryOtlpContractTests(InMemoryStoreBackend backend) : OtlpContractTests<InMemoryStoreBackend>(backend);

public abstract class OtlpContractTests<TBackend>(TBackend backend) : ContractTests<TBackend>(backend)
    where TBackend : StoreBackend
{
    private const string Trace = "0102030405060708090a0b0c0d0e0f10";
    private const string OneSpan = $$"""{"traceId":"{{Trace}}","spanId":"ab00000000000001","name":"GET /","startTimeUnixNano":"1767225600123456789","endTimeUnixNano":"1767225601123456789"}""";
    private const string Traces = $$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{{OneSpan}}]}]}]}""";
    private const string Logs = $$$"""{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1767225600500000000","body":{"stringValue":"hi"},"traceId":"{{{Trace}}}","spanId":"ab00000000000001"},{"body":{"stringValue":"lost"}}]}]}]}""";

    [Theory]
    [InlineData("")]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task Spans_are_taken_plain_and_packed_and_are_duplicates_when_they_come_again(string encoding)
    {
        for (var i = 0; i < 2; i++)
        {
            using var response = await SendAsync("/v1/traces", Pack(Encoding.UTF8.GetBytes(Traces), encoding), "application/json", encoding);
            Assert.Equal("{}", (await ReadAsync(response, 200)).GetRawText());
        }

        var spans = await GetJsonAsync("/traces/spans");
        Assert.Equal(Trace + ":ab00000000000001", Assert.Single(spans.EnumerateArray()).GetProperty("span_id").GetString());
    }

    [Fact]
    public async Task Logs_without_a_trace_are_a_partial_success()
    {
        using var response = await SendAsync("/v1/logs", Encoding.UTF8.GetBytes(Logs), "application/json", "");

        var answer = (await ReadAsync(response, 200)).GetProperty("partialSuccess");
        Assert.Equal("1", answer.GetProperty("rejectedLogRecords").GetString());
        Assert.NotEmpty(answer.GetProperty("errorMessage").GetString()!);
        var stored = Assert.Single((await GetJsonAsync($"/traces/spans?tool={ToolNames.Log}")).EnumerateArray());
        Assert.Equal(Trace + ":ab00000000000001", stored.GetProperty("parent_id").GetString());
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task A_log_gets_into_the_incident_of_a_span_that_is_posted_before_it_or_after_it(bool logFirst, bool asLines)
    {
        var incidentId = await CreateIncidentAsync();
        var id = Trace + ":ab00000000000001";
        var span = $$"""{"span_id":"{{id}}","tool":"tool.call/x","start_ts":1767225600000,"end_ts":1767225601000,"incident_id":"{{incidentId}}"}""";
        foreach (var isLog in (bool[])[logFirst, !logFirst])
        {
            using var response = isLog ? await SendAsync("/v1/logs", Encoding.UTF8.GetBytes(Logs), "application/json", "")
                : asLines ? await PostAsync("/traces/spans", Encoding.UTF8.GetBytes(span), "application/x-ndjson")
                : await PostJsonAsync("/traces/spans", $"[{span}]");
            await ReadAsync(response, 200);
        }

        var linked = await GetJsonAsync($"/traces/spans?incident_id={incidentId}&tool={ToolNames.Log}");
        Assert.Equal(id, Assert.Single(linked.EnumerateArray()).GetProperty("parent_id").GetString());
    }

    [Theory]
    [InlineData("application/json", "{", "", 400)]
    [InlineData("application/json", "[]", "", 400)]
    [InlineData("application/json", """{"resourceSpans":{}}""", "", 400)]
    [InlineData("application/json", """{"resourceMetrics":[]}""", "", 400)]
    [InlineData("application/x-protobuf", "\u000a\u00ff", "", 400)]
    [InlineData("application/json", "no gzip", "gzip", 400)]
    [InlineData("application/x-protobuf", "\u001f\u008b\u0008\u0000", "gzip", 400)]
    [InlineData("application/json", "no zlib", "deflate", 400)]
    [InlineData("application/json", "no brotli, by no means", "br", 400)]
    [InlineData("application/json", "{}", "zstd", 415)]
    public async Task What_is_no_OTLP_is_refused_for_good_in_the_form_of_the_request(string type, string body, string encoding, int status)
    {
        foreach (var path in (string[])["/v1/traces", "/v1/logs"])
        {
            if (path == "/v1/logs" && body.Contains("resourceSpans", StringComparison.Ordinal))
            {
                continue;
            }

            using var response = await SendAsync(path, Encoding.Latin1.GetBytes(body), type, encoding);
            Assert.Equal(status, (int)response.StatusCode);
            Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
            var answer = await response.Content.ReadAsByteArrayAsync();
            Assert.Equal(type == "application/json" ? (byte)'{' : (byte)8, answer[0]);
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task A_packed_body_is_taken_whole_and_refused_when_it_is_cut_anywhere(string encoding)
    {
        var whole = Pack(Encoding.UTF8.GetBytes(Traces), encoding);
        for (var length = 0; length < whole.Length; length++)
        {
            using var cut = await SendAsync("/v1/traces", whole[..length], "application/json", encoding);
            Assert.True(cut.StatusCode == System.Net.HttpStatusCode.BadRequest, $"{length} of {whole.Length}: {cut.StatusCode}");
        }

        Assert.Empty((await GetJsonAsync("/traces/spans")).EnumerateArray());
        using var taken = await SendAsync("/v1/traces", whole, "application/json", encoding);
        Assert.Equal("{}", (await ReadAsync(taken, 200)).GetRawText());
    }

    [Fact]
    public async Task Several_members_of_gzip_are_one_body()
    {
        var text = Encoding.UTF8.GetBytes(Traces);
        using var taken = await SendAsync("/v1/traces", [.. Pack(text[..40], "gzip"), .. Pack(text[40..], "gzip")], "application/json", "gzip");

        Assert.Equal("{}", (await ReadAsync(taken, 200)).GetRawText());
    }

    [Fact]
    public async Task What_is_kept_otherwise_is_a_warning_in_both_forms()
    {
        var body = Traces.Replace("\"name\"", "\"parentSpanId\":\"abc\",\"name\"", StringComparison.Ordinal);
        using var taken = await SendAsync("/v1/traces", Encoding.UTF8.GetBytes(body), "application/json", "");

        var warning = (await ReadAsync(taken, 200)).GetProperty("partialSuccess");
        Assert.Equal("0", warning.GetProperty("rejectedSpans").GetString());
        Assert.Contains("'abc' is not 16 hexadecimal digits", warning.GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
        var stored = (await GetJsonAsync("/traces/spans"))[0];
        Assert.Equal("abc", stored.GetProperty("attributes").GetProperty("otel.unread").GetProperty("parentSpanId").GetString());
    }

    [Theory]
    [InlineData("""{"resourceMetrics":[]}""", 0)]
    [InlineData("""{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"a","sum":{"dataPoints":[{},{}]}},{"name":"b","gauge":{"dataPoints":[{}]}}]}]}]}""", 3)]
    public async Task Metrics_are_answered_and_counted_as_not_stored(string body, int points)
    {
        using var taken = await SendAsync("/v1/metrics", Encoding.UTF8.GetBytes(body), "application/json", "");
        var answer = await ReadAsync(taken, 200);

        Assert.Equal(points > 0, answer.TryGetProperty("partialSuccess", out var partial));
        Assert.Equal(points == 0 ? null : points.ToString(System.Globalization.CultureInfo.InvariantCulture), points == 0 ? null : partial.GetProperty("rejectedDataPoints").GetString());
        byte[] packed = [10, 8, 18, 6, 18, 4, 42, 2, 10, 0];
        using var protobuf = await SendAsync("/v1/metrics", packed, "application/x-protobuf", "");
        Assert.Equal((byte)1, (await protobuf.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken))[3]);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-ndjson")]
    [InlineData(null)]
    public async Task Another_kind_of_body_is_a_415(string? type)
    {
        using var response = await PostAsync("/v1/traces", Encoding.UTF8.GetBytes(Traces), type);

        await ReadProblemAsync(response, 415, "unsupported-media-type", "Content-Type");
    }

    [Fact]
    public async Task A_body_that_unpacks_to_too_much_is_a_413_without_being_unpacked_whole()
    {
        await using var host = await RcaHost.StartAsync(options: options => options.MaxOtlpBodyBytes = 1024 * 1024);
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var i = 0; i < 512; i++)
            {
                await gzip.WriteAsync(new byte[1024 * 1024], TestContext.Current.CancellationToken);
            }
        }

        using var content = Content(packed.ToArray()[..Math.Min((int)packed.Length, 1_000_000)], "application/x-protobuf", "gzip");
        using var response = await host.Client.PostAsync("/v1/traces", content, TestContext.Current.CancellationToken);

        Assert.Equal(413, (int)response.StatusCode);
    }

    [Fact]
    public async Task The_baggage_of_the_request_names_the_incident_of_spans_that_name_none()
    {
        var incident = await CreateIncidentAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/traces") { Content = Content(Encoding.UTF8.GetBytes(Traces), "application/json", "") };
        request.Headers.Add("baggage", $"user=1,agentops.incident.id={incident.ToString().ToUpperInvariant()};p=1");
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);

        await ReadAsync(response, 200);
        Assert.Single((await GetJsonAsync($"/traces/spans?incident_id={incident:D}")).EnumerateArray());
    }

    [Fact]
    public async Task Baggage_that_no_store_can_keep_is_cleaned()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/traces") { Content = Content(Encoding.UTF8.GetBytes(Traces), "application/json", "") };
        request.Headers.TryAddWithoutValidation("baggage", "agentops.incident.id=a%00b%ED%A0%80");
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);

        await ReadAsync(response, 200);
        Assert.StartsWith("a\uFFFDb", (await GetJsonAsync("/traces/spans"))[0].GetProperty("incident_id").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_down_is_a_503_with_a_time_to_come_back()
    {
        await using var host = await RcaHost.StartAsync(services: services => services.AddSingleton<ISpanStore>(new DownSpanStore()));
        using var content = Content(Encoding.UTF8.GetBytes(Traces), "application/json", "");
        using var response = await host.Client.PostAsync("/v1/traces", content, TestContext.Current.CancellationToken);

        Assert.Equal(14, (await ReadStatusAsync(response, 503)).GetProperty("code").GetInt32());
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task It_can_be_turned_off()
    {
        await using var host = await RcaHost.StartAsync(options: options => options.MapOtlp = false);
        using var content = Content(Encoding.UTF8.GetBytes(Traces), "application/json", "");
        using var response = await host.Client.PostAsync("/v1/traces", content, TestContext.Current.CancellationToken);

        Assert.Equal(404, (int)response.StatusCode);
    }

    [Fact]
    public async Task Spans_are_linked_to_their_incident_later_by_trace_and_by_id()
    {
        var incident = await CreateIncidentAsync();
        var other = await CreateIncidentAsync("order-2");
        await PostJsonAsync("/v1/traces", Traces);
        await PostJsonAsync("/traces/spans", """[{"span_id":"plain","tool":"t","start_ts":1,"end_ts":2},{"span_id":"free","tool":"t","start_ts":1,"end_ts":2}]""");

        using var linked = await PostJsonAsync($"/incidents/{incident}/spans", $$"""{"trace_ids":["{{Trace}}","unknown"],"span_ids":["plain","none"]}""");
        Assert.Equal(
            """{"status":"ok","linked":2,"already_linked":0,"unknown_spans":["none"],"unknown_traces":["unknown"]}""",
            (await ReadAsync(linked, 200)).GetRawText());
        using var again = await PostJsonAsync($"/incidents/{incident}/spans", $$"""{"trace_ids":["{{Trace}}"]}""");
        Assert.Equal(1, (await ReadAsync(again, 200)).GetProperty("already_linked").GetInt32());
        using var taken = await PostJsonAsync($"/incidents/{other}/spans", """{"span_ids":["plain","free"]}""");
        var problem = await ReadProblemAsync(taken, 409, "conflict");
        Assert.Equal(("""["plain"]""", 1), (problem.GetProperty("conflicts").GetRawText(), problem.GetProperty("linked").GetInt32()));
        using var repeated = await PostJsonAsync("/v1/traces", Traces);
        Assert.Equal("{}", (await ReadAsync(repeated, 200)).GetRawText());
        Assert.Equal(2, (await GetJsonAsync($"/incidents/{incident}")).GetProperty("span_count").GetInt32());
    }

    [Theory]
    [InlineData("{}", 422, "/trace_ids")]
    [InlineData("""{"trace_ids":"x"}""", 422, "/trace_ids")]
    [InlineData("""{"span_ids":[1]}""", 422, "/span_ids/0")]
    [InlineData("""{"span_ids":["a",""]}""", 422, "/span_ids/1")]
    [InlineData("[", 400, "")]
    public async Task A_wrong_request_to_link_names_the_place(string body, int status, string place)
    {
        var incident = await CreateIncidentAsync();
        using var response = await PostJsonAsync($"/incidents/{incident}/spans", body);

        await ReadProblemAsync(response, status, status == 400 ? "malformed-body" : "invalid", place);
    }

    [Fact]
    public async Task Spans_are_not_linked_to_an_incident_that_is_not_there()
    {
        using var response = await PostJsonAsync($"/incidents/{Samples.Id(404):D}/spans", """{"span_ids":["a"]}""");

        await ReadProblemAsync(response, 404, "not-found", "id");
    }

    private static async Task<System.Text.Json.JsonElement> ReadStatusAsync(HttpResponseMessage response, int status)
    {
        Assert.Equal(status, (int)response.StatusCode);
        return System.Text.Json.JsonElement.Parse(await response.Content.ReadAsStringAsync());
    }

    private Task<HttpResponseMessage> SendAsync(string path, byte[] body, string type, string encoding) =>
        Client.PostAsync(path, Content(body, type, encoding), TestContext.Current.CancellationToken);

    private static ByteArrayContent Content(byte[] body, string type, string encoding)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (encoding.Length > 0)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        return content;
    }

    private static byte[] Pack(byte[] body, string encoding)
    {
        using var packed = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "gzip" => new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "br" => new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            _ => packed,
        })
        {
            stream.Write(body);
        }

        return packed.ToArray();
    }

    private sealed class DownSpanStore : ISpanStore
    {
        public ValueTask<SpanWriteResult> AddAsync(IReadOnlyList<Span> spans, CancellationToken cancellationToken = default) =>
            throw new StoreUnavailableException("The store is down.");

        public ValueTask<Span?> GetAsync(string spanId, CancellationToken cancellationToken = default) => throw new StoreUnavailableException("down");

        public IAsyncEnumerable<Span> ListAsync(SpanQuery query, CancellationToken cancellationToken = default) => throw new StoreUnavailableException("down");
    }
}
