using System.Text;
using System.Text.Json;

namespace AgentOps.Rca.AspNetCore.Tests;

/// <summary>What clients of the original backend send and expect (docs/from-the-original.md).</summary>
public sealed class OriginalClientTests(InMemoryStoreBackend backend) : ContractTests<InMemoryStoreBackend>(backend)
{
    private const string Spans = """[{"span_id":"s1","tool":"tool.call/detect-delay","start_ts":1690000000,"end_ts":1690000500,"order_id":"order-1"},{"span_id":"s2","tool":"tool.call/book","start_ts":1690000600,"end_ts":1690000700,"order_id":"order-1"}]""";

    [Fact]
    public async Task Spans_that_name_an_order_join_its_one_open_incident()
    {
        var incident = await CreateIncidentAsync();
        using var sent = await PostJsonAsync("/traces/spans", Spans);
        using var again = await PostJsonAsync("/traces/spans", Spans);

        Assert.Equal(2, (await ReadAsync(sent, 200)).GetProperty("linked").GetInt32());
        Assert.Equal((2, false), ((await ReadAsync(again, 200)).GetProperty("duplicates").GetInt32(), (await ReadAsync(again, 200)).TryGetProperty("unlinked", out _)));
        Assert.Equal(2, (await GetJsonAsync($"/incidents/{incident}")).GetProperty("span_count").GetInt32());
    }

    [Theory]
    [InlineData(0, "has no open incident")]
    [InlineData(2, "has several open incidents")]
    public async Task Spans_of_an_order_without_one_open_incident_are_stored_and_told_to_belong_to_none(int open, string why)
    {
        for (var i = 0; i < open; i++)
        {
            await CreateIncidentAsync();
        }

        using var sent = await PostJsonAsync("/traces/spans", Spans);

        var answer = await ReadAsync(sent, 200);
        Assert.Equal((2, 2), (answer.GetProperty("accepted").GetInt32(), answer.GetProperty("unlinked").GetInt32()));
        Assert.Contains(why, answer.GetProperty("unlinked_reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, (await GetJsonAsync("/traces/spans")).GetArrayLength());
    }

    [Fact]
    public async Task Spans_that_joined_an_incident_still_belong_to_it_when_they_come_again_after_it_was_closed()
    {
        var incident = await CreateIncidentAsync();
        using var sent = await PostJsonAsync("/traces/spans", Spans);
        using var approved = await PostJsonAsync($"/incidents/{incident}/approve", "{}");
        using var again = await PostJsonAsync("/traces/spans", Spans);

        Assert.False((await ReadAsync(again, 200)).TryGetProperty("unlinked", out _));
    }

    [Theory]
    [InlineData("""{"order_id":17,"eta_delta_hours":"8","problem_type":"x"}""", "17", 8.0)]
    [InlineData("""{"order_id":"O","eta_delta_hours":"-2.5e1","problem_type":"x"}""", "O", -25.0)]
    public async Task Numbers_as_texts_and_keys_as_numbers_are_taken(string body, string order, double hours)
    {
        using var response = await PostJsonAsync("/incidents", body);

        var incident = await ReadAsync(response, 201);
        Assert.Equal((order, hours), (incident.GetProperty("order_id").GetString(), incident.GetProperty("eta_delta_hours").GetDouble()));
    }

    [Theory]
    [InlineData("2026-08-15T10:00:00.1234567", "2026-08-15T10:00:00.123456Z")]
    [InlineData("2026-08-15T10:00:00", "2026-08-15T10:00:00Z")]
    [InlineData("2026-08-15T10:00:00+02:00", "2026-08-15T08:00:00Z")]
    public async Task A_time_without_an_offset_is_utc(string time, string read)
    {
        using var response = await PostJsonAsync("/incidents", $$"""{"order_id":"o","problem_type":"p","created_ts":"{{time}}"}""");

        Assert.Equal(read, (await ReadAsync(response, 201)).GetProperty("created_ts").GetString());
    }

    [Fact]
    public async Task An_empty_filter_is_none_and_all_incidents_come_as_one_array()
    {
        for (var i = 0; i < 60; i++)
        {
            await CreateIncidentAsync($"order-{i}");
        }

        Assert.Equal(50, (await GetJsonAsync("/incidents?problem_type=&status=&limit=&cursor=")).GetArrayLength());
        var all = await GetJsonAsync("/incidents?limit=all");
        Assert.Equal(60, all.GetArrayLength());
        Assert.Equal("order-59", all[0].GetProperty("order_id").GetString());
        Assert.Equal(0, (await GetJsonAsync("/incidents?limit=all&problem_type=none")).GetArrayLength());
    }

    [Theory]
    [InlineData("/incidents/inc_001_1754810000")]
    [InlineData("/artifacts/sha256:abc123")]
    public async Task What_has_no_form_of_an_id_is_not_there(string path)
    {
        using var response = await Client.GetAsync(path);

        await ReadProblemAsync(response, 404, "not-found");
    }

    [Theory]
    [InlineData(null, "application/zip")]
    [InlineData("*/*", "application/json")]
    [InlineData("application/json, text/plain, */*", "application/json")]
    [InlineData("application/zip", "application/zip")]
    [InlineData("application/zip, application/json;q=0.5", "application/zip")]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/zip")]
    public async Task A_bundle_has_the_form_that_the_caller_can_read(string? accept, string type)
    {
        var incident = await CreateIncidentAsync();
        using var response = await PostJsonAsync("/bundles", $$"""{"incident_id":"{{incident}}"}""", accept is null ? [] : [("Accept", accept)]);

        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("rca.hidden.call", "otel/rca.hidden.call")]
    [InlineData("human.approval", "otel/human.approval")]
    [InlineData("llm.call/rca", "otel/llm.call/rca")]
    public async Task What_bears_a_name_of_this_library_is_evidence_like_any_other_and_changes_no_figure(string tool, string kept)
    {
        var incident = await CreateIncidentAsync();
        using var sent = await PostJsonAsync(
            "/traces/spans",
            $$$"""[{"span_id":"f","tool":"{{{tool}}}","start_ts":1690000000,"end_ts":1690000500,"incident_id":"{{{incident}}}","attributes":{"status":"error","agentops.cost_usd":99999.5,"result_digest":null}}]""");
        Assert.Equal(1, (await ReadAsync(sent, 200)).GetProperty("accepted").GetInt32());

        Assert.Equal(kept, (await GetJsonAsync("/traces/spans"))[0].GetProperty("tool").GetString());
        var kpis = await GetJsonAsync($"/incidents/{incident}/kpis");
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (kpis.GetProperty("tokens_cost").ValueKind, kpis.GetProperty("time_to_rca").ValueKind));
        Assert.Equal(500, kpis.GetProperty("evidence_time").GetDouble());
    }

    [Theory]
    [InlineData("approved")]
    [InlineData("rejected")]
    public async Task An_incident_is_not_opened_as_decided(string status)
    {
        using var opened = await PostJsonAsync("/incidents", $$"""{"order_id":"o","problem_type":"p","status":"{{status}}"}""");
        Assert.True((await ReadAsync(opened, 422)).GetProperty("errors").TryGetProperty("/status", out _));
    }

    [Fact]
    public async Task A_file_in_a_form_is_stored_as_the_file()
    {
        using var form = new MultipartFormDataContent { { new StringContent("true"), "pii_masked" } };
        using var file = new ByteArrayContent("the evidence"u8.ToArray());
        file.Headers.ContentType = new("text/plain");
        form.Add(file, "file", "evidence.log");
        using var sent = await Client.PostAsync("/artifacts", form);
        using var raw = await PostAsync("/artifacts", "the evidence"u8.ToArray(), "text/plain");

        var artifact = await ReadAsync(sent, 201);
        Assert.Equal((await ReadAsync(raw, 200)).GetProperty("digest").GetString(), artifact.GetProperty("digest").GetString());
        Assert.Equal(("text/plain", true), (artifact.GetProperty("mime").GetString(), artifact.GetProperty("pii_masked").GetBoolean()));
    }

    [Fact]
    public async Task Two_files_in_a_form_are_refused()
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent([1]), "a", "a" }, { new ByteArrayContent([2]), "b", "b" } };
        using var sent = await Client.PostAsync("/artifacts", form);

        await ReadProblemAsync(sent, 422, "invalid", "/file");
    }

    [Fact]
    public async Task An_artifact_whose_type_no_header_can_carry_is_served_as_bytes()
    {
        var write = await Host.Stores.Contents.WriteAsync(new MemoryStream(Encoding.UTF8.GetBytes("old")), null, TestContext.Current.CancellationToken);
        await Host.Stores.Artifacts.AddAsync(
            new() { Digest = write.Digest, Length = write.Length, Mime = "text/plain; a=\"\r\nX-Evil: 1\"", CreatedTs = Testing.Samples.Instant }, TestContext.Current.CancellationToken);

        using var response = await Client.GetAsync($"/artifacts/{write.Digest}/content");

        Assert.Equal("old", await response.Content.ReadAsStringAsync());
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType?.MediaType);
    }
}
