using System.Net;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.AspNetCore.Tests.Security;
using AgentOps.Rca.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentOps.Rca.AspNetCore.Tests.Auditing;

public sealed class AuditTests
{
    private static readonly CallerKey Boss = CallerKey.Create("boss", [CallerScopes.Admin], null, out BossSecret);
    private static readonly CallerKey Ann = CallerKey.Create("ann", [CallerScopes.Read, CallerScopes.Decide], null, out AnnSecret);
    private static readonly string BossSecret;
    private static readonly string AnnSecret;

    [Fact]
    public async Task Everything_that_somebody_does_is_recorded_with_who_what_and_how_it_ended()
    {
        using var log = new ListedLog();
        await using var host = await StartAsync(log);
        using var boss = Client(host, BossSecret);
        using var ann = Client(host, AnnSecret);
        using var wrong = Client(host, "no-key-of-this-host");
        var artifact = (await PostAsync(boss, "/artifacts", """{"content":"c2VjcmV0","mime":"text/plain"}""", 201)).GetProperty("digest").GetString();
        var id = (await PostAsync(boss, "/incidents", """{"problem_type":"late"}""", 201)).GetProperty("id").GetString();
        await PostAsync(boss, "/rca/analyze", $$"""{"incident_id":"{{id}}"}""", 200);
        await PostAsync(ann, $"/incidents/{id}/approve", """{"approved_by":"boss"}""", 403);
        await PostAsync(ann, $"/incidents/{id}/approve", "{}", 200);
        await PostAsync(boss, "/bundles", $$"""{"incident_id":"{{id}}"}""", 200);
        Assert.Equal("secret", await ann.GetStringAsync(new Uri($"/artifacts/{artifact}/content", UriKind.Relative)));
        Assert.Equal(HttpStatusCode.Unauthorized, (await wrong.GetAsync(new Uri("/incidents", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await wrong.GetAsync(new Uri("/incidents", UriKind.Relative))).StatusCode);

        Assert.Equal(HttpStatusCode.Forbidden, (await ann.GetAsync(new Uri("/audit", UriKind.Relative))).StatusCode);
        var records = await ReadAsync(boss, "/audit");
        Assert.Equal(
            ["analysis boss done", "decision ann done", "decision ann refused", "denied ann refused", "export boss done", "key_refused  refused", "read ann done", "start  done"],
            records.Select(Words).Order(StringComparer.Ordinal));
        Assert.All(records, record => Assert.True(record.GetProperty("intact").GetBoolean()));
        Assert.All(records.Where(record => !Words(record).StartsWith("start", StringComparison.Ordinal)), record => Assert.Equal("127.0.0.1", record.GetProperty("source").GetString()));
        var start = records.Single(record => record.GetProperty("action").GetString() == "audit.start").GetProperty("detail").GetString();
        Assert.Contains("keys: boss, ann", start, StringComparison.Ordinal);
        Assert.Contains(log.Lines, line => line.StartsWith("audit.export of incident/", StringComparison.Ordinal) && line.Contains("boss (authenticated by AgentOpsRcaKey)", StringComparison.Ordinal));

        Assert.Equal(["decision ann refused", "decision ann done"], (await ReadAsync(boss, "/audit?action=audit.decision")).Select(Words));
        Assert.Equal(4, (await ReadAsync(boss, "/audit?actor=ann")).Count);
        Assert.Equal(4, (await ReadAsync(boss, $"/audit?incident_id={id}")).Count);
        Assert.Empty(await ReadAsync(boss, "/audit?since=2200-01-01"));
        Assert.Equal(records.Select(record => record.GetRawText()), (await PagesAsync(boss, "/audit?limit=2")).Select(record => record.GetRawText()));
        Assert.Equal(HttpStatusCode.BadRequest, (await boss.GetAsync(new Uri("/audit?action=x", UriKind.Relative))).StatusCode);
        Assert.DoesNotContain("audit", await boss.GetStringAsync(new Uri("/traces/spans", UriKind.Relative)), StringComparison.Ordinal);
        Assert.DoesNotContain("audit", await boss.GetStringAsync(new Uri("/traces/spans?incident_id=audit", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("session")]
    [InlineData("policy")]
    public async Task A_wrong_key_is_recorded_wherever_it_is_sent(string place)
    {
        await using var host = await RcaHost.StartAsync(
            services: services =>
            {
                services.Configure<AgentOpsRcaOptions>(options => options.Keys = $"{Boss}\n{Ann}");
                services.AddAuthentication().AddAgentOpsRcaKey();
            },
            group: group => _ = place == "policy" ? group.Read.RequireAuthorization() : group.Read);
        using var boss = Client(host, BossSecret, isDescribed: false);
        using var wrong = Client(host, "no-key-of-this-host", isDescribed: false);
        if (place == "session")
        {
            await PostAsync(wrong, "/rca/session", """{"key":"changeme"}""", 401);
        }
        else
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await wrong.GetAsync(new Uri("/incidents", UriKind.Relative))).StatusCode);
        }

        Assert.Equal(["key_refused  refused"], (await ReadAsync(boss, "/audit?action=audit.key_refused")).Select(Words));
    }

    [Fact]
    public async Task Who_signs_in_and_who_is_not_let_in_is_recorded_once_a_minute_for_each_endpoint()
    {
        await using var host = await StartAsync();
        using var boss = Client(host, BossSecret);
        using var ann = Client(host, AnnSecret, isDescribed: false);
        using var anybody = host.NewClient();
        await PostAsync(anybody, "/rca/session", $$"""{"key":"{{AnnSecret}}"}""", 200);
        for (var n = 0; n < 3; n++)
        {
            await PostAsync(ann, "/rca/analyze", "{}", 403);
            await PostAsync(ann, $"/incidents/{Guid.NewGuid():D}/spans", "{}", 403);
        }

        using var elsewhere = new HttpRequestMessage(HttpMethod.Post, new Uri("/incidents", UriKind.Relative)) { Headers = { { "Origin", "https://evil.example" } } };
        Assert.Equal(HttpStatusCode.Forbidden, (await boss.SendAsync(elsewhere)).StatusCode);

        Assert.Equal(["sign_in ann done"], (await ReadAsync(boss, "/audit?action=audit.sign_in")).Select(Words));
        Assert.Equal(
            [
                " POST /incidents: A page of another origin has sent this",
                "ann POST /incidents/{id}/spans: This needs the scope ingest",
                "ann POST /rca/analyze: This needs the scope analyze",
            ],
            (await ReadAsync(boss, "/audit?action=audit.denied"))
                .Select(record => $"{Words(record).Split(' ')[1]} {record.GetProperty("detail").GetString()!.Split(',')[0]}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_audit_goes_into_a_bundle_for_those_who_may_read_it()
    {
        var exporter = CallerKey.Create("exporter", [CallerScopes.Bundle, CallerScopes.Read], null, out var exporterSecret);
        await using var host = await RcaHost.StartAsync(services: services => services.Configure<AgentOpsRcaOptions>(options => options.Keys = $"{Boss}\n{exporter}"));
        using var boss = Client(host, BossSecret);
        using var other = Client(host, exporterSecret, isDescribed: false);
        boss.DefaultRequestHeaders.Add("Accept", "application/json");
        var id = (await PostAsync(boss, "/incidents", """{"problem_type":"late"}""", 201)).GetProperty("id").GetString();
        await PostAsync(boss, "/rca/analyze", $$"""{"incident_id":"{{id}}"}""", 200);

        await PostAsync(other, "/bundles", $$"""{"incident_id":"{{id}}","include_audit":true}""", 403);
        var exported = await PostAsync(boss, "/bundles", $$"""{"incident_id":"{{id}}","include_audit":true}""", 200);

        using var bundle = new ByteArrayContent(exported.GetProperty("bundle").GetBytesFromBase64());
        bundle.Headers.ContentType = new("application/zip");
        using var verified = await boss.PostAsync(new Uri("/bundles/verify", UriKind.Relative), bundle);
        var checks = JsonElement.Parse(await verified.Content.ReadAsStringAsync()).GetProperty("checks");
        Assert.StartsWith("1 entry of the exporting host's audit", checks.GetProperty("audit").GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_taken_in_from_a_file_is_recorded_and_what_is_not_taken_too()
    {
        await using var host = await StartAsync();
        using var boss = Client(host, BossSecret);
        boss.DefaultRequestHeaders.Add("Accept", "application/json");
        var id = (await PostAsync(boss, "/incidents", """{"problem_type":"late"}""", 201)).GetProperty("id").GetString();
        var exported = await PostAsync(boss, "/bundles", $$"""{"incident_id":"{{id}}"}""", 200);
        foreach (var (path, bytes) in (IEnumerable<(string, byte[])>)
            [("/bundles/import", exported.GetProperty("bundle").GetBytesFromBase64()), ("/bundles/import", "no bundle"u8.ToArray()), ("/imports", "no trace"u8.ToArray())])
        {
            using var content = new ByteArrayContent(bytes);
            content.Headers.ContentType = new("application/zip");
            using var response = await boss.PostAsync(new Uri(path, UriKind.Relative), content);
        }

        var records = await ReadAsync(boss, "/audit?action=audit.import");
        Assert.Equal(["import boss done", "import boss refused", "import boss refused"], records.Select(Words));
        Assert.Equal(id, records[0].GetProperty("incident_id").GetString());
        Assert.Equal("a trace file that was not taken", records[2].GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Nobody_sends_records_of_the_audit_from_outside()
    {
        await using var host = await StartAsync();
        using var boss = Client(host, BossSecret);
        await PostAsync(boss, "/traces/spans", """[{"span_id":"a","tool":"audit.decision","start_ts":1,"end_ts":2,"incident_id":"audit"}]""", 422);
        await PostAsync(boss, "/traces/spans", """[{"span_id":"audit-0f2a4c6e8b1d3f5a7c9e0b2d4f6a8c1e","tool":"t","start_ts":1,"end_ts":2}]""", 422);
        await PostAsync(boss, "/traces/spans", """[{"span_id":"b","tool":"audit.decision","start_ts":1,"end_ts":2}]""", 200);

        Assert.Equal("otel/audit.decision", JsonElement.Parse(await boss.GetStringAsync(new Uri("/traces/spans", UriKind.Relative)))[0].GetProperty("tool").GetString());
        Assert.DoesNotContain(await ReadAsync(boss, "/audit"), record => record.GetProperty("action").GetString() == "audit.decision");
    }

    private static string Words(JsonElement record) =>
        $"{record.GetProperty("action").GetString()!["audit.".Length..]} {(record.GetProperty("actor").ValueKind == JsonValueKind.Null ? "" : record.GetProperty("actor").GetProperty("name").GetString())} {record.GetProperty("outcome").GetString()}";

    private static ValueTask<RcaHost> StartAsync(ListedLog? log = null) => RcaHost.StartAsync(services: services =>
    {
        services.Configure<AgentOpsRcaOptions>(options => options.Keys = $"{Boss}\n{Ann}");
        _ = log is null ? services : services.AddSingleton<ILoggerProvider>(log);
    });

    // The description of the API may need a right itself.
    private static HttpClient Client(RcaHost host, string secret, bool isDescribed = true)
    {
        var client = isDescribed ? host.NewDescribedClient() : host.NewClient();
        client.DefaultRequestHeaders.Add("X-Api-Key", secret);
        return client;
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, string json, int status)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), content);
        var text = response.Content.Headers.ContentType?.MediaType == "application/zip" ? "" : await response.Content.ReadAsStringAsync();
        Assert.Equal((status, text), ((int)response.StatusCode, text));
        return text.Length == 0 ? default : JsonElement.Parse(text);
    }

    private static async Task<List<JsonElement>> ReadAsync(HttpClient client, string path) =>
        [.. JsonElement.Parse(await client.GetStringAsync(new Uri(path, UriKind.Relative))).EnumerateArray()];

    private static async Task<List<JsonElement>> PagesAsync(HttpClient client, string? path)
    {
        List<JsonElement> all = [];
        while (path is not null)
        {
            using var response = await client.GetAsync(new Uri(path, UriKind.RelativeOrAbsolute));
            all.AddRange(JsonElement.Parse(await response.Content.ReadAsStringAsync()).EnumerateArray());
            path = response.Headers.TryGetValues("Link", out var links) ? links.Single().Split('<', '>')[1] : null;
        }

        return all;
    }
}
