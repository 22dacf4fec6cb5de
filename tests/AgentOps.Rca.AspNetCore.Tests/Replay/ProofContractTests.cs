using System.IO.Compression;
using System.Text.Json;
using AgentOps.Rca.Testing;

namespace AgentOps.Rca.AspNetCore.Tests.Replay;

public sealed class InMemoryProofContractTests(InMemoryStoreBackend backend) : ProofContractTests<InMemoryStoreBackend>(backend);

/// <summary>KPIs, strict replay and bundles: what is made of the evidence.</summary>
public abstract class ProofContractTests<TBackend>(TBackend backend) : ContractTests<TBackend>(backend)
    where TBackend : StoreBackend
{
    [Fact]
    public async Task Figures_that_are_not_known_are_null_and_the_others_come_with_their_parts()
    {
        var id = await CreateEvidenceAsync();

        var before = await GetJsonAsync($"/incidents/{id}/kpis");
        await AnalyzeAsync(id);
        var after = await GetJsonAsync($"/incidents/{id}/kpis");

        Assert.Equal(2, before.GetProperty("evidence_time").GetDouble());
        Assert.Equal(JsonValueKind.Null, before.GetProperty("time_to_rca").ValueKind);
        Assert.Equal(JsonValueKind.Null, before.GetProperty("tokens_cost").ValueKind);
        Assert.Equal("a", before.GetProperty("evidence").GetProperty("from_span_id").GetString());
        Assert.Equal(JsonValueKind.Number, after.GetProperty("time_to_rca").ValueKind);
        Assert.Equal(0, after.GetProperty("tokens_cost").GetDouble());
    }

    [Fact]
    public async Task A_replay_gives_the_recorded_results_in_causal_order_and_reproduces_the_report()
    {
        var id = await CreateEvidenceAsync();
        var report = await AnalyzeAsync(id);

        using var response = await PostJsonAsync("/replay/strict", $$"""{"incident_id":"{{id}}"}""");

        var replay = await ReadAsync(response, 200);
        Assert.Equal(id, replay.GetProperty("incident").GetProperty("id").GetGuid());
        Assert.Equal("reproduced", replay.GetProperty("verdict").GetString());
        Assert.Empty(replay.GetProperty("deviations").EnumerateArray());
        Assert.Equal(64, replay.GetProperty("replay_digest").GetString()!.Length);
        Assert.Equal(report.GetRawText(), replay.GetProperty("rca").GetRawText());
        var output = replay.GetProperty("outputs")[0];
        Assert.Equal("b", output.GetProperty("span").GetString());
        Assert.Equal("late"u8.ToArray(), output.GetProperty("preview").GetBytesFromBase64());
    }

    [Fact]
    public async Task A_replay_with_a_recording_missing_is_incomplete()
    {
        var id = await CreateIncidentAsync();
        using var spans = await PostJsonAsync(
            "/traces/spans", $$"""[{"span_id":"x","tool":"t","start_ts":1,"end_ts":2,"incident_id":"{{id}}","result_digest":"{{new string('0', 64)}}"}]""");
        using var response = await PostJsonAsync("/replay/strict", $$"""{"incident_id":"{{id}}"}""");

        var replay = await ReadAsync(response, 200);
        Assert.Equal("incomplete", replay.GetProperty("verdict").GetString());
        Assert.Equal("missing_artifact", replay.GetProperty("deviations")[0].GetProperty("kind").GetString());
        Assert.Equal(JsonValueKind.Null, replay.GetProperty("rca").ValueKind);
    }

    [Fact]
    public async Task A_bundle_comes_as_a_zip_or_in_base64_and_holds_the_same_evidence()
    {
        var id = await CreateEvidenceAsync();
        await AnalyzeAsync(id);
        using var zipped = await PostJsonAsync("/bundles", $$"""{"incident_id":"{{id}}"}""");
        using var wrapped = await PostJsonAsync("/bundles", $$"""{"incident_id":"{{id}}"}""", ("Accept", "application/json"));

        var zip = await zipped.Content.ReadAsByteArrayAsync();
        Assert.Equal("application/zip", zipped.Content.Headers.ContentType?.MediaType);
        Assert.Equal(zip.Length, zipped.Content.Headers.ContentLength);
        Assert.Equal($"incident-{id}.zip", zipped.Content.Headers.ContentDisposition?.FileName?.Trim('"'));
        var unwrapped = (await ReadAsync(wrapped, 200)).GetProperty("bundle").GetBytesFromBase64();
        Assert.Equal(NamesIn(zip), NamesIn(unwrapped));
        Assert.Contains("spans.jsonl", NamesIn(zip));
        Assert.Contains("attestation.json", NamesIn(zip));
    }

    [Fact]
    public async Task The_public_key_is_the_one_that_bundles_carry()
    {
        var pem = await Client.GetStringAsync("/bundles/public-key");
        var id = await CreateEvidenceAsync();
        using var response = await PostJsonAsync("/bundles", $$"""{"incident_id":"{{id}}"}""");
        await using var zip = new ZipArchive(await response.Content.ReadAsStreamAsync());
        using var entry = new StreamReader(await zip.GetEntry("public-key.pem")!.OpenAsync());

        Assert.StartsWith("-----BEGIN PUBLIC KEY-----", pem, StringComparison.Ordinal);
        Assert.Equal(pem, await entry.ReadToEndAsync());
    }

    private async Task<Guid> CreateEvidenceAsync()
    {
        var id = await CreateIncidentAsync();
        using var stored = await PostAsync("/artifacts", "late"u8.ToArray(), "text/plain");
        var digest = JsonElement.Parse(await stored.Content.ReadAsStringAsync()).GetProperty("digest").GetString();
        using var spans = await PostJsonAsync(
            "/traces/spans",
            $$"""[{"span_id":"a","tool":"agent.run/x","start_ts":1767225600,"end_ts":1767225602,"incident_id":"{{id}}"},{"span_id":"b","parent_id":"a","tool":"tool.call/y","start_ts":1767225600,"end_ts":1767225601,"incident_id":"{{id}}","result_digest":"{{digest}}"}]""");
        await ReadAsync(spans, 200);
        return id;
    }

    private static List<string> NamesIn(byte[] zip)
    {
        using var archive = new ZipArchive(new MemoryStream(zip));
        return [.. archive.Entries.Select(entry => entry.FullName)];
    }
}
