using System.IO.Compression;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.AspNetCore.Tests.Reading;

/// <summary>What the tests of the read models share: runs of an agent made by hand, and runs that frameworks have sent.</summary>
public abstract class ReadingContractTests<TBackend>(TBackend backend) : ContractTests<TBackend>(backend)
    where TBackend : StoreBackend
{
    /// <summary>Stores bytes and gives their digest.</summary>
    protected async Task<string> StoreAsync(string content, string type = "application/json", bool piiMasked = false)
    {
        using var response = await PostJsonAsync(
            "/artifacts", $$"""{"content":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(content))}}","mime":"{{type}}","pii_masked":{{(piiMasked ? "true" : "false")}} }""");
        return JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("digest").GetString()!;
    }

    /// <summary>Stores spans.</summary>
    protected async Task SendSpansAsync(string json)
    {
        using var response = await PostJsonAsync("/traces/spans", json);
        await ReadAsync(response, 200);
    }

    /// <summary>Analyses an incident with the engine that reads the trace.</summary>
    protected async Task<JsonElement> AnalyzeTraceAsync(Guid incident)
    {
        using var response = await PostJsonAsync("/rca/analyze", $$"""{"incident_id":"{{incident}}","engine":"trace"}""");
        return await ReadAsync(response, 200);
    }

    /// <summary>Sends a recorded run and links its traces to a new incident.</summary>
    protected async Task<Guid> SendRecordedAsync(string name, params string[] traces)
    {
        await using var unzipped = new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Reading", "Runs", name + ".jsonl.gz")), CompressionMode.Decompress);
        using var lines = new StreamReader(unzipped);
        while (await lines.ReadLineAsync() is { } line)
        {
            var request = JsonElement.Parse(line);
            (string, string)[] headers = request.TryGetProperty("content_encoding", out var encoding) && encoding.GetString() is { Length: > 0 } coding
                ? [("Content-Encoding", coding)] : [];
            using var response = await PostAsync(
                request.GetProperty("path").GetString()!, Convert.FromBase64String(request.GetProperty("body").GetString()!), request.GetProperty("content_type").GetString(), headers);
            Assert.True(response.IsSuccessStatusCode, $"{name}: {response.StatusCode}");
        }

        var incident = await CreateIncidentAsync(name, "agent_error");
        using var linked = await PostJsonAsync($"/incidents/{incident}/spans", $$"""{"trace_ids":["{{string.Join("\",\"", traces)}}"]}""");
        Assert.True((await ReadAsync(linked, 200)).GetProperty("linked").GetInt32() > 0, name);
        return incident;
    }

    /// <summary>An agent that is refused by its carrier, tries again and gives up, as an incident.</summary>
    protected async Task<Guid> SendRefusedOrderAsync(string prefix = "r", string orderId = "A-1")
    {
        var incident = await CreateIncidentAsync(orderId);
        var arguments = await StoreAsync("""{"order":"A-1","weight":2.5}""");
        var result = await StoreAsync("""{"error":{"code":"rate_limited","message":"Account limit of 40 shipments an hour reached."}}""");
        var prompt = await StoreAsync("""{"messages":[{"role":"system","content":"You ship orders."},{"role":"user","content":"Ship A-1 to ana@example.org, please."}],"tools":[{"type":"function","function":{"name":"create_shipment","description":"Books a parcel.","parameters":{"type":"object","properties":{"order":{"type":"string"}}}}}]}""");
        var reply = await StoreAsync("""{"choices":[{"finish_reason":"tool_calls","message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"create_shipment","arguments":"{\"order\":\"A-1\",\"weight\":2.5}"}}]}}]}""");
        var last = await StoreAsync("""{"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":"Sorry, the order could not be shipped."}}]}""");
        await SendSpansAsync($$"""
            [{"span_id":"{{prefix}}-run","tool":"agent.run/orders","start_ts":1767225600000,"end_ts":1767225700000,"incident_id":"{{incident}}","attributes":{"service.name":"order-agent"} },
             {"span_id":"{{prefix}}-llm1","parent_id":"{{prefix}}-run","tool":"llm.call/gpt-5","start_ts":1767225601000,"end_ts":1767225603000,"incident_id":"{{incident}}","args_digest":"{{prompt}}","result_digest":"{{reply}}",
              "attributes":{"service.name":"order-agent","gen_ai.response.model":"gpt-5","gen_ai.usage.input_tokens":120,"gen_ai.usage.output_tokens":18,"agentops.cost_usd":0.002} },
             {"span_id":"{{prefix}}-ship1","parent_id":"{{prefix}}-run","tool":"tool.call/create_shipment","start_ts":1767225604000,"end_ts":1767225605000,"incident_id":"{{incident}}","args_digest":"{{arguments}}","result_digest":"{{result}}",
              "attributes":{"service.name":"order-agent","status":"error","error.type":"rate_limited","http.response.status_code":429,"error.message":"Account limit of 40 shipments an hour reached."} },
             {"span_id":"{{prefix}}-ship2","parent_id":"{{prefix}}-run","tool":"tool.call/create_shipment","start_ts":1767225654000,"end_ts":1767225655000,"incident_id":"{{incident}}","args_digest":"{{arguments}}","result_digest":"{{result}}",
              "attributes":{"service.name":"order-agent","status":"error","error.type":"rate_limited","http.response.status_code":429,"error.message":"Account limit of 40 shipments an hour reached."} },
             {"span_id":"{{prefix}}-llm2","parent_id":"{{prefix}}-run","tool":"llm.call/gpt-5","start_ts":1767225660000,"end_ts":1767225699000,"incident_id":"{{incident}}","result_digest":"{{last}}",
              "attributes":{"service.name":"order-agent","gen_ai.response.model":"gpt-5","gen_ai.usage.input_tokens":150,"gen_ai.usage.output_tokens":9} }]
            """);
        return incident;
    }
}
