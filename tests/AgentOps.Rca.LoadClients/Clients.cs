using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace AgentOps.Rca.LoadClients;

/// <summary>Everything that costs, asked for at once and again; in its full form with the numbers of the requirement, else with a fifth of the clients and smaller things.</summary>
internal sealed class Clients(HttpClient client, bool isFull) : IDisposable
{
    private readonly ConcurrentDictionary<string, int> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<Guid> _opened = [];
    private readonly ConcurrentQueue<string> _faults = [];
    private readonly byte[] _large = [.. Enumerable.Repeat((byte)'d', (isFull ? 15 : 3) * 1024 * 1024)];
    private readonly byte[] _bomb = Bomb(isFull ? 1_000 : 60);
    private readonly CancellationTokenSource _left = new();
    private string _incident = "";
    private string _digest = "";

    /// <summary>Stores the spans that are analysed and the content that is read.</summary>
    public async Task PrepareAsync()
    {
        using var opened = await client.PostAsync(Path("/incidents"), Json("""{"problem_type":"late"}"""));
        _incident = JsonElement.Parse(await opened.Content.ReadAsStringAsync()).GetProperty("id").GetString()!;
        using var taken = await client.PostAsync(Path("/traces/spans"), new StringContent(Spans(), Encoding.UTF8, "application/x-ndjson"));
        Require(taken, HttpStatusCode.OK);
        using var analysed = await client.PostAsync(Path("/rca/analyze"), Json($$"""{"incident_id":"{{_incident}}","engine":"trace"}"""));
        Require(analysed, HttpStatusCode.OK);
        using var content = new StreamContent(new Zeros((isFull ? 700 : 64) * 1024L * 1024L)) { Headers = { ContentType = new("application/octet-stream") } };
        using var stored = await client.PostAsync(Path("/artifacts"), content);
        Require(stored, HttpStatusCode.Created);
        _digest = JsonElement.Parse(await stored.Content.ReadAsStringAsync()).GetProperty("digest").GetString()!;
    }

    /// <summary>Asks for all of it until the time is over; who has no answer a few seconds later leaves.</summary>
    public async Task RunAsync(TimeSpan time)
    {
        using var end = new CancellationTokenSource(time);
        _left.CancelAfter(time + TimeSpan.FromSeconds(5));
        var share = isFull ? 1 : 5;
        await Task.WhenAll(
        [
            .. Many(50 / share, () => SendAsync("analysis", Json($$"""{"incident_id":"{{_incident}}","engine":"trace","requested_by":"{{Guid.NewGuid():N}}"}"""), "/rca/analyze"), end.Token),
            .. Many(20 / share, () => SendAsync("body", Parts("[\"", "\"]"), "/rca/compare"), end.Token),
            .. Many(16 / share, () => SendAsync("bomb", Packed(), "/v1/traces"), end.Token),
            .. Many(30 / share, RangeAsync, end.Token),
            .. Many(60 / share, IncidentAsync, end.Token),
            .. Many(20 / share, () => SendAsync("replay", Json($$"""{"incident_id":"{{_incident}}"}"""), "/replay/strict"), end.Token),
            .. Many(2, ListAsync, end.Token),
        ]);
    }

    public void Dispose() => _left.Dispose();

    /// <summary>How often which answer came, what must not be, and which incidents were acknowledged.</summary>
    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("answers", string.Join(", ", _answers.Select(static pair => $"{pair.Key} {pair.Value}").Order(StringComparer.Ordinal)));
            json.WriteStartArray("faults");
            foreach (var fault in _faults)
            {
                json.WriteStringValue(fault);
            }

            json.WriteEndArray();
            json.WriteStartArray("opened");
            foreach (var id in _opened)
            {
                json.WriteStringValue(id);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private IEnumerable<Task> Many(int count, Func<Task> once, CancellationToken end) => Enumerable.Range(0, count).Select(async _ =>
    {
        do
        {
            try
            {
                await once();
            }
            catch (OperationCanceledException) when (_left.IsCancellationRequested)
            {
                _answers.AddOrUpdate("left without an answer", 1, static (_, count) => count + 1);
            }
            catch (HttpRequestException broken)
            {
                _faults.Enqueue($"no answer: {broken.Message} {broken.InnerException?.Message} {broken.InnerException?.InnerException?.Message}");
                await Task.Delay(500, CancellationToken.None);
            }
        }
        while (!end.IsCancellationRequested);
    });

    private async Task SendAsync(string kind, HttpContent content, string path)
    {
        using var answer = await client.PostAsync(Path(path), content, _left.Token);
        await CountAsync(kind, answer);
    }

    private async Task IncidentAsync()
    {
        var id = Guid.NewGuid();
        using var answer = await client.PostAsync(Path("/incidents"), Parts($"{{\"id\":\"{id:D}\",\"problem_type\":\"late\",\"details\":{{\"d\":\"", "\"}}"), _left.Token);
        if (answer.StatusCode == HttpStatusCode.Created)
        {
            _opened.Add(id);
        }

        await CountAsync("incident", answer);

        // The disk is no part of the trial.
        if (_opened.Count > 200)
        {
            await Task.Delay(1_000);
        }
    }

    private async Task ListAsync()
    {
        using var answer = await client.GetAsync(Path("/incidents?limit=500"), HttpCompletionOption.ResponseHeadersRead, _left.Token);
        await CountAsync("listing", answer);
        await (await answer.Content.ReadAsStreamAsync()).CopyToAsync(Stream.Null, _left.Token);
    }

    private async Task RangeAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Path($"/artifacts/{_digest}/content")) { Headers = { Range = new RangeHeaderValue(0, 0) } };
        using var answer = await client.SendAsync(request, _left.Token);
        await CountAsync("range", answer);
    }

    // Who is told to wait does so, as clients do.
    private async Task CountAsync(string kind, HttpResponseMessage answer)
    {
        var status = (int)answer.StatusCode;
        _answers.AddOrUpdate($"{kind} {status}", 1, static (_, count) => count + 1);
        if (status is 429 or 503)
        {
            if (answer.Headers.RetryAfter is null)
            {
                _faults.Enqueue($"{kind}: {status} without Retry-After");
            }

            await Task.Delay(500);
        }
        else if (status >= 500)
        {
            _faults.Enqueue($"{kind}: {status} {await answer.Content.ReadAsStringAsync()}");
        }
    }

    private string Spans()
    {
        var text = new StringBuilder();
        for (var n = 0; n < (isFull ? 300_000 : 10_000); n++)
        {
            var error = n % 1_000 == 999 ? """{"status":"error","error.type":"rate_limited"}""" : "{}";
            text.Append(CultureInfo.InvariantCulture, $$"""{"span_id":"s{{n}}","parent_id":{{(n == 0 ? "null" : $"\"s{n / 50}\"")}},"tool":"tool.call/t{{n % 20}}","start_ts":{{1_700_000_000_000 + n}},"end_ts":{{1_700_000_000_500 + n}},"incident_id":"{{_incident}}","attributes":{{error}}}""").Append('\n');
        }

        return text.ToString();
    }

    private PartsContent Parts(string before, string after) => new(Encoding.UTF8.GetBytes(before), _large, Encoding.UTF8.GetBytes(after));

    private ByteArrayContent Packed() => new(_bomb) { Headers = { { "Content-Type", "application/x-protobuf" }, { "Content-Encoding", "gzip" } } };

    private static byte[] Bomb(int mebibytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var zeros = new byte[1024 * 1024];
            for (var n = 0; n < mebibytes; n++)
            {
                gzip.Write(zeros);
            }
        }

        return packed.ToArray();
    }

    private static void Require(HttpResponseMessage answer, HttpStatusCode status)
    {
        if (answer.StatusCode != status)
        {
            throw new InvalidOperationException($"{answer.RequestMessage!.RequestUri} was answered with {answer.StatusCode}.");
        }
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static Uri Path(string path) => new(path, UriKind.Relative);
}
