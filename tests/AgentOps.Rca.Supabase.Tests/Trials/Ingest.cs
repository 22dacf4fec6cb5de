using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Artifacts;

namespace AgentOps.Rca.Supabase.Tests.Trials;

/// <summary>Clients that write without pause, and send whatever was not acknowledged again, as clients do.</summary>
internal sealed class Ingest(HttpClient client, Ledger ledger, string name) : IAsyncDisposable
{
    private const int SpansPerBatch = 25;

    private readonly CancellationTokenSource _stop = new();
    private Task _workers = Task.CompletedTask;
    private int _number;

    /// <summary>Sets the clients to work.</summary>
    public void Start(int workers) => _workers = Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(WorkAsync)));

    /// <summary>Lets each client finish what it has begun, which needs a host that serves.</summary>
    public async Task FinishAsync()
    {
        await _stop.CancelAsync();
        await _workers.WaitAsync(TimeSpan.FromMinutes(2));
    }

    /// <summary>One small write, sent until it is acknowledged.</summary>
    public Task ProbeAsync() => WriteSpansAsync($"{name}-probe-{Interlocked.Increment(ref _number)}", count: 1, digest: null, incidentId: null);

    /// <summary>An artifact, an incident, and spans that name them, each sent until it is acknowledged.</summary>
    public async Task WriteAsync()
    {
        var number = Interlocked.Increment(ref _number);
        var prefix = string.Create(CultureInfo.InvariantCulture, $"{name}-{number}");
        // Now and then one that takes more than one chunk.
        var content = new byte[number % 40 == 7 ? 1_300_000 : 2_000];
        RandomNumberGenerator.Fill(content);
        var digest = ArtifactDigest.Of(content);
        await SendAsync(() => Post("/artifacts", content, "application/octet-stream"));
        ledger.AddArtifact(digest);

        var incident = await SendAsync(() =>
        {
            var request = Post("/incidents", Encoding.UTF8.GetBytes($$"""{"order_id":"{{prefix}}","problem_type":"late_delivery"}"""), "application/json");
            request.Headers.Add("Idempotency-Key", prefix);
            return request;
        });
        var incidentId = incident.GetProperty("id").GetGuid();
        ledger.AddIncident(prefix, incidentId);
        await WriteSpansAsync(prefix, SpansPerBatch, digest.ToString(), incidentId.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
    }

    private async Task WorkAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await WriteAsync();
        }
    }

    private async Task WriteSpansAsync(string prefix, int count, string? digest, string? incidentId)
    {
        var ids = Enumerable.Range(0, count).Select(index => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{index}")).ToArray();
        var body = JsonSerializer.SerializeToUtf8Bytes(ids.Select(id => new Dictionary<string, object?>
        {
            ["span_id"] = id,
            ["tool"] = "tool.call/carrier.book",
            ["start_ts"] = 1_773_333_487_301,
            ["end_ts"] = 1_773_333_487_642,
            ["result_digest"] = digest,
            ["incident_id"] = incidentId,
            ["attributes"] = new Dictionary<string, object> { ["status"] = "ok" },
        }));
        var answer = await SendAsync(() => Post("/traces/spans", body, "application/json"));
        var accepted = answer.GetProperty("accepted").GetInt32();
        Assert.Equal(count, accepted + answer.GetProperty("duplicates").GetInt32());
        ledger.AddSpans(ids, accepted);
    }

    private async Task<JsonElement> SendAsync(Func<HttpRequestMessage> make)
    {
        while (true)
        {
            try
            {
                using var request = make();
                using var reply = await client.SendAsync(request);
                var text = await reply.Content.ReadAsStringAsync();
                if (reply.IsSuccessStatusCode)
                {
                    return JsonElement.Parse(text);
                }

                if (reply.StatusCode != HttpStatusCode.ServiceUnavailable || reply.Headers.RetryAfter is null)
                {
                    ledger.AddSurprise($"{request.RequestUri}: {(int)reply.StatusCode} {text}");
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or TaskCanceledException)
            {
                // The host is gone, and will be back.
            }

            await Task.Delay(50);
        }
    }

    private static HttpRequestMessage Post(string path, byte[] body, string type)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return request;
    }
}
