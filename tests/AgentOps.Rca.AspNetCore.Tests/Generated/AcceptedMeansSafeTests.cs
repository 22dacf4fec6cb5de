using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Bundles.Signing;
using AgentOps.Rca.Testing;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.AspNetCore.Tests.Generated;

/// <summary>
/// Everything that the intake accepts, by every way in, and then through analysis, figures, replay, export, check, import elsewhere and
/// replay there, on two backends. What was taken must make no later step fail, and must say the same everywhere. Half a minute; half an
/// hour with AGENTOPS_FULL=1. A failure prints the seed that makes it again.
/// </summary>
public sealed class AcceptedMeansSafeTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly SharedSigningKey _key = new();
    private RcaHost _memory = null!;
    private RcaHost _sqlite = null!;
    private RcaHost _afterMemory = null!;
    private RcaHost _afterSqlite = null!;

    public async ValueTask InitializeAsync()
    {
        _memory = await StartAsync(null);
        _sqlite = await StartAsync(Path.Combine(_folder.Path, "here.db"));
        _afterMemory = await StartAsync(Path.Combine(_folder.Path, "elsewhere.db"));
        _afterSqlite = await StartAsync(null);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _memory.DisposeAsync();
        await _sqlite.DisposeAsync();
        await _afterMemory.DisposeAsync();
        await _afterSqlite.DisposeAsync();
        _key.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_is_taken_makes_no_later_step_fail_and_says_the_same_everywhere()
    {
        var number = 0;
        var taken = 0L;
        var seconds = Trial.Size(30, 1_800);
        await GeneratedCase.Any.SampleAsync(
            async one =>
            {
                var each = Interlocked.Increment(ref number);
                var here = await RunAsync(_memory, one, each);
                var there = await RunAsync(_sqlite, one, each);
                Interlocked.Add(ref taken, here.Taken);
                Assert.Equal(here, there);
            },
            time: seconds,
            threads: 1,
            print: one => one.ToString());
        Trial.Report("Accepted means safe", $"{number} cases, {taken} spans taken by five ways in");
        Assert.True(taken > number);
    }

    private sealed record Said(long Taken, string Statuses, string Report, string Kpis);

    private async Task<Said> RunAsync(RcaHost host, GeneratedCase one, int number)
    {
        var id = new Guid(number, 1, 1, [1, 1, 1, 1, 1, 1, 1, 1]).ToString("D");
        var statuses = new StringBuilder();
        var opening = $$"""{"id":"{{id}}","order_id":"o","problem_type":"p","created_ts":"2026-01-31T09:30:00.123456Z","details":{{one.Details.Json}}}""";
        if (await SendAsync(host, "/incidents", opening, statuses) is null)
        {
            Assert.NotNull(await SendAsync(host, "/incidents", opening.Replace(one.Details.Json, "{}", StringComparison.Ordinal), statuses));
        }

        // Each span by itself first, since what is wrong in one ends the reading of a body; then those that were taken, as lines.
        List<string> good = [];
        foreach (var (place, span) in one.Spans.Index())
        {
            var json = span.Json(place, number, id);
            if (await SendAsync(host, "/traces/spans", $"[{json}]", statuses) is not null)
            {
                good.Add(json);
            }
        }

        var lines = good.Count == 0 ? null : await SendAsync(host, "/traces/spans", string.Join('\n', good), statuses, "application/x-ndjson");
        Assert.Equal(good.Count, lines?.GetProperty("duplicates").GetInt32() ?? 0);
        var otlp = await SendOtlpAsync(host, one.Spans, id, number, statuses);
        var added = await new EmbeddedWays(host.Services).AddAsync(one, id, number);

        var report = await MustAsync(host, "/rca/analyze", $$"""{"incident_id":"{{id}}","engine":"trace"}""");
        Assert.DoesNotContain("could not be found again", report.GetProperty("gaps").GetRawText(), StringComparison.Ordinal);
        foreach (var path in new[] { "/incidents?limit=500", $"/incidents/{id}", $"/incidents/{id}/full", $"/incidents/{id}/reports", $"/traces/spans?incident_id={id}&limit=1000" })
        {
            await GetAsync(host, path);
        }

        var kpis = await GetAsync(host, $"/incidents/{id}/kpis");
        var replay = await MustAsync(host, "/replay/strict", $$"""{"incident_id":"{{id}}"}""");
        Assert.Equal("reproduced", replay.GetProperty("verdict").GetString());
        var moved = await MoveAsync(host, id);
        Assert.Equal(replay.GetProperty("replay_digest").GetString(), moved.GetProperty("replay_digest").GetString());
        return new Said(
            good.Count + otlp + added,
            statuses.ToString(),
            $"{report.GetProperty("verdict").GetString()} {report.GetProperty("root_cause").GetRawText()}",
            $"{kpis.GetProperty("evidence_time").GetRawText()} {kpis.GetProperty("agent_usage").GetRawText()}");
    }

    // The same spans by JSON and by protobuf are one and the same: what is new by the first is known by the second.
    private static async Task<long> SendOtlpAsync(RcaHost host, GeneratedSpan[] spans, string id, int number, StringBuilder statuses)
    {
        var before = await CountAsync(host, id);
        var byJson = await SendAsync(host, "/v1/traces", Encoding.UTF8.GetString(GeneratedOtlp.Json(spans, id, number)), statuses);
        var between = await CountAsync(host, id);
        using var content = new ByteArrayContent(GeneratedOtlp.Protobuf(spans, id, number));
        content.Headers.ContentType = new("application/x-protobuf");
        using var byProtobuf = await host.Client.PostAsync("/v1/traces", content);
        Assert.True(byProtobuf.IsSuccessStatusCode, $"{byProtobuf.StatusCode}");
        Assert.NotNull(byJson);
        Assert.Equal(between, await CountAsync(host, id));
        var rejected = byJson.Value.TryGetProperty("partialSuccess", out var partial) ? long.Parse(partial.GetProperty("rejectedSpans").GetString()!, CultureInfo.InvariantCulture) : 0;
        Assert.Equal(spans.Length, between - before + rejected);
        var said = await byProtobuf.Content.ReadAsByteArrayAsync();
        Assert.Equal(rejected > 0, said.Length > 0);
        return between - before;
    }

    private static async Task<long> CountAsync(RcaHost host, string id) => (await GetAsync(host, $"/incidents/{id}")).GetProperty("span_count").GetInt64();

    private async Task<JsonElement> MoveAsync(RcaHost host, string id)
    {
        using var request = new StringContent($$"""{"incident_id":"{{id}}"}""", Encoding.UTF8, "application/json");
        using var exported = await host.Client.PostAsync("/bundles", request);
        Assert.True(exported.IsSuccessStatusCode, await exported.Content.ReadAsStringAsync());
        var zip = await exported.Content.ReadAsByteArrayAsync();
        var checks = (await PostZipAsync(host, "/bundles/verify", zip)).GetProperty("checks");
        foreach (var check in new[] { "intact", "signed", "replay", "grounded" })
        {
            Assert.True(checks.GetProperty(check).GetProperty("ok").GetBoolean(), $"{check}: {checks.GetProperty(check).GetRawText()}");
        }

        var elsewhere = host == _memory ? _afterMemory : _afterSqlite;
        await PostZipAsync(elsewhere, "/bundles/import", zip);
        var replay = await MustAsync(elsewhere, "/replay/strict", $$"""{"incident_id":"{{id}}"}""");
        Assert.Equal("reproduced", replay.GetProperty("verdict").GetString());
        return replay;
    }

    private static async Task<JsonElement> PostZipAsync(RcaHost host, string path, byte[] zip)
    {
        using var content = new ByteArrayContent(zip);
        content.Headers.ContentType = new("application/zip");
        using var response = await host.Client.PostAsync(path, content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path} {(int)response.StatusCode}: {text}");
        return JsonElement.Parse(text);
    }

    /// <summary>Sends what may be refused, though never with 500; the answer, or null when it was refused.</summary>
    private static async Task<JsonElement?> SendAsync(RcaHost host, string path, string body, StringBuilder statuses, string type = "application/json")
    {
        using var content = new StringContent(body, Encoding.UTF8, type);
        using var response = await host.Client.PostAsync(path, content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode < 500, $"{path} {(int)response.StatusCode}: {text}\n{body}");
        statuses.Append(CultureInfo.InvariantCulture, $"{(int)response.StatusCode} ");
        return response.IsSuccessStatusCode ? JsonElement.Parse(text) : null;
    }

    private static async Task<JsonElement> MustAsync(RcaHost host, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await host.Client.PostAsync(path, content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path} {(int)response.StatusCode}: {text}");
        return JsonElement.Parse(text, new JsonDocumentOptions { MaxDepth = 100 });
    }

    private static async Task<JsonElement> GetAsync(RcaHost host, string path)
    {
        using var response = await host.Client.GetAsync(path);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path} {(int)response.StatusCode}: {text}");
        return JsonElement.Parse(text, new JsonDocumentOptions { MaxDepth = 100 });
    }

    private ValueTask<RcaHost> StartAsync(string? sqlite) => RcaHost.StartAsync(
        services: services =>
        {
            services.AddSingleton<ISigningKeyProvider>(_key);
            services.Configure<AgentOpsRcaOptions>(options => options.ArtifactDirectory = sqlite is null ? null : Path.Combine(_folder.Path, Path.GetFileNameWithoutExtension(sqlite)));
        },
        storage: rca => sqlite is null ? rca.UseInMemory() : rca.UseSqlite(sqlite));

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("agentops-rca-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
