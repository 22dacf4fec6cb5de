using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.AspNetCore.Tests.Reading;

public sealed class InMemoryEvidenceContractTests(InMemoryStoreBackend backend) : EvidenceContractTests<InMemoryStoreBackend>(backend);

public abstract class EvidenceContractTests<TBackend>(TBackend backend) : ReadingContractTests<TBackend>(backend)
    where TBackend : StoreBackend
{
    [Fact]
    public async Task Every_citation_of_a_recorded_run_leads_to_its_bytes_and_they_hash_to_what_was_recorded()
    {
        foreach (var (name, traces) in new[]
            { ("maf-unknown-tool", new[] { "6f1dd2e417dedd78bbb5d3674c2ac961" }), ("vercel-schema-violation", ["8c61b3a5463f1f019f52eaaa7127e150"]), ("mcp-is-error-ignored", ["6c8517c7f1bf371472c7a58fc2b04a88"]) })
        {
            var incident = await SendRecordedAsync(name, traces);
            var report = await AnalyzeTraceAsync(incident);
            var evidence = report.GetProperty("evidence").EnumerateArray().ToList();
            Assert.NotEmpty(evidence);
            foreach (var item in evidence)
            {
                var path = $"/incidents/{incident}/evidence/{item.GetProperty("id").GetString()}";
                var view = await GetJsonAsync(path);
                var content = await Client.GetByteArrayAsync(path + "/content");

                Assert.Equal((true, true), (view.GetProperty("checked").GetBoolean(), view.GetProperty("holds").GetBoolean()));
                var source = view.GetProperty("source");
                Assert.True(source.GetProperty("intact").GetBoolean(), view.ToString());
                Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), source.GetProperty("recorded_sha256").GetString());
                Assert.Equal(source.GetProperty("recorded_sha256").GetString(), source.GetProperty("computed_sha256").GetString());
                Assert.Equal(content.Length, source.GetProperty("length").GetInt64());
                AssertParts(view, content);
            }
        }
    }

    [Fact]
    public async Task The_pointed_value_of_a_span_is_shown_between_its_neighbours()
    {
        var incident = await SendRefusedOrderAsync();
        var report = await AnalyzeTraceAsync(incident);
        var item = report.GetProperty("evidence").EnumerateArray().First(one => one.TryGetProperty("pointer", out var pointer) && pointer.GetString() == "/attributes/error.type");

        var path = $"/incidents/{incident}/evidence/{item.GetProperty("id").GetString()}";
        var view = await GetJsonAsync(path + "?context=20");

        var parts = view.GetProperty("context").GetProperty("parts").EnumerateArray().ToList();
        Assert.Equal("\"rate_limited\"", Assert.Single(parts, part => part.GetProperty("pointed").GetBoolean()).GetProperty("text").GetString());
        Assert.EndsWith("\"error.type\":", parts[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal(20, parts[0].GetProperty("length").GetInt32());
        var source = view.GetProperty("source");
        Assert.Equal(("span", "tool.call/create_shipment", "application/json"), (source.GetProperty("kind").GetString(), source.GetProperty("tool").GetString(), source.GetProperty("mime").GetString()));
        Assert.Equal("/attributes/error.type", view.GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task What_looks_like_a_secret_is_masked_and_hashed_all_the_same()
    {
        const string secret = "sk-proj-Zq8Rk2Lw9Tn4Vb7Xc1Ms6Yd3Fh5Jg0Pa";
        var incident = await CreateIncidentAsync();
        var result = await StoreAsync($$"""{"error":{"api_key":"{{secret}}","mail":"ana@example.org","message":"The key was refused by the carrier."} }""");
        await SendSpansAsync($$"""
            [{"span_id":"m-run","tool":"agent.run/orders","start_ts":1767225600000,"end_ts":1767225700000,"incident_id":"{{incident}}"},
             {"span_id":"m-ship","parent_id":"m-run","tool":"tool.call/ship","start_ts":1767225604000,"end_ts":1767225605000,"incident_id":"{{incident}}","result_digest":"{{result}}","attributes":{"status":"ok"} }]
            """);
        var report = await AnalyzeTraceAsync(incident);
        var item = report.GetProperty("evidence").EnumerateArray().First(one => one.TryGetProperty("artifact_digest", out var digest) && digest.GetString() == result);

        var path = $"/incidents/{incident}/evidence/{item.GetProperty("id").GetString()}";
        var view = await GetJsonAsync(path);

        Assert.DoesNotContain(secret, view.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("ana@example.org", view.ToString(), StringComparison.Ordinal);
        var context = view.GetProperty("context");
        Assert.Equal(2, context.GetProperty("masked").GetInt32());
        Assert.Equal(2, context.GetProperty("parts").EnumerateArray().Count(part => part.GetProperty("masked").GetBoolean()));
        Assert.Equal(result, view.GetProperty("source").GetProperty("computed_sha256").GetString());
        AssertParts(view, await Client.GetByteArrayAsync(path + "/content"));
    }

    [Fact]
    public async Task Changed_bytes_are_told_with_the_digest_that_is_there_now()
    {
        Assert.SkipUnless(CanCorruptContent, "This backend's content cannot be changed behind it.");
        var incident = await SendRecordedAsync("vercel-schema-violation", "8c61b3a5463f1f019f52eaaa7127e150");
        var report = await AnalyzeTraceAsync(incident);
        var item = report.GetProperty("evidence").EnumerateArray().First(one => one.TryGetProperty("artifact_digest", out var named) && named.ValueKind == JsonValueKind.String);
        Assert.True(ArtifactDigest.TryParse(item.GetProperty("artifact_digest").GetString(), out var digest));
        await Host.Stores.CorruptAsync(digest);

        var path = $"/incidents/{incident}/evidence/{item.GetProperty("id").GetString()}";
        var view = await GetJsonAsync(path);

        var source = view.GetProperty("source");
        Assert.False(source.GetProperty("intact").GetBoolean());
        Assert.Equal(digest.ToString(), source.GetProperty("recorded_sha256").GetString());
        Assert.NotEqual(digest.ToString(), source.GetProperty("computed_sha256").GetString());
        Assert.Contains("was changed", source.GetProperty("fault").GetString(), StringComparison.Ordinal);
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (view.GetProperty("holds").ValueKind, view.GetProperty("context").ValueKind));
        using var content = await Client.GetAsync(path + "/content");
        await ReadProblemAsync(content, 410, "content-unavailable");
    }

    [Fact]
    public async Task Earlier_reports_can_be_asked_for_and_what_is_not_there_is_named()
    {
        var incident = await SendRefusedOrderAsync();
        var other = await CreateIncidentAsync();
        var report = await AnalyzeTraceAsync(incident);
        await AnalyzeAsync(incident);
        var digest = report.GetProperty("report_digest").GetString();

        Assert.Equal(digest, (await GetJsonAsync($"/incidents/{incident}/evidence/E1?report={digest}")).GetProperty("report_digest").GetString());
        using var noneInLatest = await Client.GetAsync($"/incidents/{incident}/evidence/E1");
        await ReadProblemAsync(noneInLatest, 404, "not-found", "evidence_id");
        using var unknown = await Client.GetAsync($"/incidents/{incident}/evidence/E99?report={digest}");
        Assert.Contains("E1", (await ReadProblemAsync(unknown, 404, "not-found", "evidence_id")).GetProperty("detail").GetString(), StringComparison.Ordinal);
        using var foreign = await Client.GetAsync($"/incidents/{other}/evidence/E1?report={digest}");
        await ReadProblemAsync(foreign, 404, "not-found", "report");
        using var unanalysed = await Client.GetAsync($"/incidents/{other}/evidence/E1");
        await ReadProblemAsync(unanalysed, 404, "not-found", "id");
        using var missing = await Client.GetAsync($"/incidents/{Guid.NewGuid()}/evidence/E1");
        await ReadProblemAsync(missing, 404, "not-found", "id");
        using var wide = await Client.GetAsync($"/incidents/{incident}/evidence/E1?context=4097");
        await ReadProblemAsync(wide, 400, "invalid-parameter", "context");
        using var noDigest = await Client.GetAsync($"/incidents/{incident}/evidence/E1?report=x");
        await ReadProblemAsync(noDigest, 400, "invalid-parameter", "report");
    }

    // Together the parts are the bytes of the context, and the range is what the pointed parts stand for.
    private static void AssertParts(JsonElement view, byte[] content)
    {
        var context = view.GetProperty("context");
        var at = context.GetProperty("offset").GetInt64();
        foreach (var part in context.GetProperty("parts").EnumerateArray())
        {
            Assert.Equal(at, part.GetProperty("offset").GetInt64());
            var length = part.GetProperty("length").GetInt32();
            if (!part.GetProperty("masked").GetBoolean())
            {
                Assert.Equal(Encoding.UTF8.GetString(content, (int)at, length), part.GetProperty("text").GetString());
            }

            at += length;
        }

        Assert.Equal(context.GetProperty("offset").GetInt64() + context.GetProperty("length").GetInt64(), at);
        var pointed = context.GetProperty("parts").EnumerateArray().Where(part => part.GetProperty("pointed").GetBoolean()).ToList();
        Assert.NotEmpty(pointed);
        if (!pointed.Exists(part => part.GetProperty("masked").GetBoolean()) && !context.GetProperty("cut").GetBoolean())
        {
            Assert.Equal(view.GetProperty("range").GetProperty("offset").GetInt64(), pointed[0].GetProperty("offset").GetInt64());
            Assert.Equal(view.GetProperty("range").GetProperty("length").GetInt64(), pointed.Sum(part => part.GetProperty("length").GetInt64()));
        }
    }
}
