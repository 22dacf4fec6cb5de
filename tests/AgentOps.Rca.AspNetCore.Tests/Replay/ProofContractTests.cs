using System.IO.Compression;
using System.Text.Json;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Testing;
using Microsoft.Extensions.DependencyInjection;

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
    public async Task A_replays_previews_are_masked_as_those_of_artifacts_are()
    {
        const string Result = """{"api_key":"sk-live-4f9a8b7c6d5e4f3a2b1c0d9e","mail":"anna.berg@post.example.com","eta":"16:30"}""";
        var id = await CreateIncidentAsync();
        using var uploaded = await PostAsync("/artifacts", System.Text.Encoding.UTF8.GetBytes(Result), "text/plain");
        var digest = (await ReadAsync(uploaded, 201)).GetProperty("digest").GetString();
        using var spans = await PostJsonAsync(
            "/traces/spans", $$"""[{"span_id":"x","tool":"t","start_ts":1,"end_ts":2,"incident_id":"{{id}}","result_digest":"{{digest}}"}]""");
        using var response = await PostJsonAsync("/replay/strict", $$"""{"incident_id":"{{id}}"}""");

        var preview = System.Text.Encoding.UTF8.GetString((await ReadAsync(response, 200)).GetProperty("outputs")[0].GetProperty("preview").GetBytesFromBase64());
        var shown = (await GetJsonAsync($"/artifacts/{digest}")).GetProperty("preview").GetBytesFromBase64();

        Assert.Equal("""{"api_key":"[SECRET_1]","mail":"[EMAIL_1]","eta":"16:30"}""", preview);
        Assert.Equal(preview, System.Text.Encoding.UTF8.GetString(shown));
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
    public async Task A_bundle_is_valid_until_one_bit_of_it_is_flipped()
    {
        var id = await CreateEvidenceAsync();
        await AnalyzeAsync(id);
        using var exported = await PostJsonAsync("/bundles", $$"""{"incident_id":"{{id}}"}""");
        var zip = await exported.Content.ReadAsByteArrayAsync();
        using var intact = await PostAsync("/bundles/verify", zip, "application/zip");
        zip[zip.Length / 2] ^= 1;
        using var flipped = await PostAsync("/bundles/verify", zip, "application/zip");

        var good = await ReadAsync(intact, 200);
        Assert.True(good.GetProperty("valid").GetBoolean(), good.GetRawText());
        Assert.Equal(
            ["intact", "signed", "replay", "grounded", "approved"],
            good.GetProperty("checks").EnumerateObject().Select(check => check.Name));
        Assert.False(good.GetProperty("checks").GetProperty("approved").GetProperty("ok").GetBoolean());
        var bad = await ReadAsync(flipped, 200);
        Assert.False(bad.GetProperty("valid").GetBoolean());
        Assert.False(bad.GetProperty("checks").GetProperty("intact").GetProperty("ok").GetBoolean());
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

    [Fact]
    public async Task A_bundle_is_imported_by_another_host_that_trusts_its_key_and_replayed_there_with_the_same_digest()
    {
        var id = await CreateEvidenceAsync();
        await AnalyzeAsync(id);
        using var exported = await PostJsonAsync("/bundles", $$"""{"incident_id":"{{id}}"}""");
        var zip = await exported.Content.ReadAsByteArrayAsync();
        var keys = Host.Services.GetRequiredService<ISigningKeyProvider>();
        await using var other = await RcaHost.StartAsync(engine: new ScriptedEngine(), services: services => services.AddSingleton(keys), pattern: "/rca");

        using var created = await SendAsync(other, "/rca/bundles/import", zip);
        using var again = await SendAsync(other, "/rca/bundles/import", zip);
        using var here = await PostJsonAsync("/replay/strict", $$"""{"incident_id":"{{id}}"}""");
        using var body = new StringContent($$"""{"incident_id":"{{id}}"}""", System.Text.Encoding.UTF8, "application/json");
        using var there = await other.Client.PostAsync(new Uri("/rca/replay/strict", UriKind.Relative), body);

        var import = await ReadAsync(created, 201);
        Assert.Equal($"/rca/incidents/{id}", created.Headers.Location?.ToString());
        Assert.Equal((true, 3, 0), (import.GetProperty("created").GetBoolean(), import.GetProperty("spans").GetProperty("added").GetInt32(), import.GetProperty("spans").GetProperty("known").GetInt32()));
        Assert.Equal(3, (await ReadAsync(again, 200)).GetProperty("spans").GetProperty("known").GetInt32());
        var digest = (await ReadAsync(here, 200)).GetProperty("replay_digest").GetString();
        Assert.Equal((digest, digest), ((await ReadAsync(there, 200)).GetProperty("replay_digest").GetString(), import.GetProperty("replay_digest").GetString()));
    }

    [Fact]
    public async Task A_bundle_that_was_changed_or_signed_elsewhere_or_conflicts_is_not_imported_and_says_why()
    {
        var id = await CreateEvidenceAsync();
        using var exported = await PostJsonAsync("/bundles", $$"""{"incident_id":"{{id}}"}""");
        var zip = await exported.Content.ReadAsByteArrayAsync();
        await using var stranger = await RcaHost.StartAsync(engine: new ScriptedEngine());
        using var untrusted = await SendAsync(stranger, "/bundles/import", zip);
        using var text = await PostAsync("/bundles/import", "hello"u8.ToArray(), "application/zip");
        using var plain = await PostAsync("/bundles/import", zip, "text/plain");
        zip[zip.AsSpan().IndexOf("tool.call/y"u8)] ^= 1;
        using var changed = await PostAsync("/bundles/import", zip, "application/zip");

        await ReadProblemAsync(untrusted, 403, "forbidden");
        await ReadProblemAsync(text, 422, "invalid");
        await ReadProblemAsync(plain, 415, "unsupported-media-type");
        Assert.Equal("content of spans.jsonl", (await ReadProblemAsync(changed, 422, "invalid")).GetProperty("region").GetString());
    }

    [Fact]
    public async Task Without_unmasked_artifacts_a_bundle_says_in_its_signed_statement_what_it_leaves_out()
    {
        var id = await CreateEvidenceAsync();
        using var response = await PostJsonAsync("/bundles", $$"""{"incident_id":"{{id}}","include_unmasked":false}""");
        using var wrong = await PostJsonAsync("/bundles", $$"""{"incident_id":"{{id}}","include_unmasked":"no"}""");
        await using var zip = new ZipArchive(await response.Content.ReadAsStreamAsync());
        using var statement = new StreamReader(await zip.GetEntry("statement.json")!.OpenAsync());

        Assert.Contains("\"include_unmasked\":false", await statement.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(zip.Entries, entry => entry.FullName.StartsWith("artifacts/", StringComparison.Ordinal));
        await ReadProblemAsync(wrong, 422, "invalid", "/include_unmasked");
    }

    [Fact]
    public async Task The_trusted_keys_are_listed_with_their_ids()
    {
        var keys = await GetJsonAsync("/bundles/public-keys");

        var key = Assert.Single(keys.EnumerateArray());
        Assert.True(key.GetProperty("signs").GetBoolean());
        Assert.Equal(await Client.GetStringAsync("/bundles/public-key"), key.GetProperty("pem").GetString());
        Assert.Equal(64, key.GetProperty("key_id").GetString()!.Length);
    }

    private static async Task<HttpResponseMessage> SendAsync(RcaHost host, string path, byte[] zip)
    {
        using var body = new ByteArrayContent(zip);
        body.Headers.ContentType = new("application/zip");
        return await host.Client.PostAsync(new Uri(path, UriKind.Relative), body);
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
