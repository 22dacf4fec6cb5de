using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.Testing.Tenants;

/// <summary>
/// One of two tenants of a host: what it has stored, and how it asks. Everything that it writes carries its mark, and so does the name of its key; the ids, by which the other may ask for it, do
/// not, so that an answer which repeats what was asked for is no leak.
/// </summary>
public sealed partial class TenantSide(HttpClient client, string mark, string key, string api = "")
{
    /// <summary>An incident that both tenants have, under one id.</summary>
    public static readonly Guid Shared = Guid.Parse("0190a8c2-5d1e-7c43-9b1f-2f6a4de0c777");

    private static readonly string[] Listings = ["/incidents", "/traces/spans", "/audit", "/rca/patterns", $"/incidents/{Shared}/steps"];

    private readonly List<string> _incidents = [];

    /// <summary>The client, with the key.</summary>
    public HttpClient Client => client;

    /// <summary>A word that is in all of its records and in nothing else.</summary>
    public string Mark => mark;

    /// <summary>The key.</summary>
    public string Key => key;

    /// <summary>Incidents that it has stored.</summary>
    public IReadOnlyList<string> Incidents => _incidents;

    /// <summary>Spans that belong to an incident.</summary>
    public List<string> Spans { get; } = [];

    /// <summary>The same, by incident.</summary>
    public Dictionary<string, string[]> Runs { get; } = new(StringComparer.Ordinal);

    /// <summary>Spans that belong to none yet.</summary>
    public List<string> Loose { get; } = [];

    /// <summary>What it has stored as content.</summary>
    public List<string> Digests { get; } = [];

    /// <summary>Its reports, by incident.</summary>
    public Dictionary<string, string> Reports { get; } = new(StringComparer.Ordinal);

    /// <summary>Places in its listings, by path.</summary>
    public Dictionary<string, string> Cursors { get; } = new(StringComparer.Ordinal);

    /// <summary>A bundle of it, whole.</summary>
    public byte[] Bundle { get; private set; } = [];

    /// <summary>The cookie of a session of the page, and the token of its writes.</summary>
    public (string Cookie, string Antiforgery) Session { get; private set; }

    /// <summary>Ids that it has used itself, so that to find something under them is no leak.</summary>
    public HashSet<string> Taken { get; } = new(StringComparer.Ordinal);

    /// <summary>Stores incidents with spans and contents, analyses and decides some, and notes every name by which they can be asked for.</summary>
    public async Task FillAsync(CancellationToken cancellationToken)
    {
        for (var n = 0; n < 6; n++)
        {
            var id = n == 0 ? Shared : Guid.CreateVersion7();
            AddIncident(id.ToString("D"));
            await SendAsync("/incidents", $$$"""{"id":"{{{id}}}","order_id":"{{{mark}}}-order-{{{n}}}","details":{"about":"{{{mark}}}"},"problem_type":"late"}""", cancellationToken);
            var content = await SendAsync("/artifacts", $$"""{"content":"{{Base64($"what {mark} read, number {n}: the carrier was not reached")}}","mime":"text/plain"}""", cancellationToken);
            Digests.Add(content.GetProperty("digest").GetString()!);
            var failure = await SendAsync("/artifacts", $$"""{"content":"{{Base64($$"""{"error":"timeout","message":"{{mark}} timed out, number {{n}}"}""")}}","mime":"application/json"}""", cancellationToken);
            var spans = Enumerable.Range(0, 4).Select(place => $"{mark[..1]}{n}-span-{place}").ToArray();
            Spans.AddRange(spans);
            Runs[id.ToString("D")] = spans;
            Loose.Add($"{mark[..1]}{n}-loose");
            await SendAsync(
                "/traces/spans",
                $"[{string.Join(',', spans.Select((span, place) => Span(span, place == 0 ? null : spans[0], id.ToString("D"), Digests[^1], place, place == 3 ? failure.GetProperty("digest").GetString() : null, n)))},{Span(Loose[^1], null, null, Digests[^1], 2)}]",
                cancellationToken);
        }

        // Large enough for a file of its own.
        using var large = await client.PostAsync(
            new Uri($"{api}/artifacts", UriKind.Relative), new StringContent(string.Concat(Enumerable.Repeat($"{mark} read more. ", 10_000)), Encoding.UTF8, "text/plain"), cancellationToken);
        Digests.Add(JsonElement.Parse(await large.Content.ReadAsStringAsync(cancellationToken)).GetProperty("digest").GetString()!);
        foreach (var id in Incidents.Take(3))
        {
            var report = await SendAsync("/rca/analyze", $$"""{"incident_id":"{{id}}","engine":"trace"}""", cancellationToken);
            Reports[id] = report.GetProperty("report_digest").GetString()!;
        }

        await SendAsync($"/incidents/{Incidents[1]}/approve", $$"""{"note":"{{mark}} has read it."}""", cancellationToken);
        foreach (var path in Listings)
        {
            using var listing = await client.GetAsync(new Uri($"{api}{path}?limit=1{(path == "/rca/patterns" ? "&min_count=1" : "")}", UriKind.Relative), cancellationToken);
            if (listing.Headers.TryGetValues("Link", out var links) && Cursor().Match(string.Join(',', links)) is { Success: true } cursor)
            {
                Cursors[path.Replace(Shared.ToString("D"), "{id}", StringComparison.Ordinal)] = Uri.UnescapeDataString(cursor.Groups[1].Value);
            }
        }

        Assert.True(Cursors.Count >= 3, string.Join(", ", Cursors.Keys));
        using var bundle = await client.PostAsync(
            new Uri($"{api}/bundles", UriKind.Relative), Json($$"""{"incident_id":"{{Incidents[1]}}","include_unmasked":true}"""), cancellationToken);
        Assert.True(bundle.IsSuccessStatusCode, await bundle.Content.ReadAsStringAsync(cancellationToken));
        Bundle = await bundle.Content.ReadAsByteArrayAsync(cancellationToken);
        await SignInAsync(cancellationToken);
    }

    /// <summary>Begins a session of the page.</summary>
    public async Task SignInAsync(CancellationToken cancellationToken)
    {
        using var signedIn = await client.PostAsync(new Uri($"{api}/rca/session", UriKind.Relative), Json($$"""{"key":"{{key}}"}"""), cancellationToken);
        var session = JsonElement.Parse(await signedIn.Content.ReadAsStringAsync(cancellationToken));
        Session = (signedIn.Headers.GetValues("Set-Cookie").Single().Split(';')[0], session.GetProperty("antiforgery").GetString()!);
    }

    /// <summary>Notes an incident that it has, among the few hundred that are asked for.</summary>
    public void AddIncident(string id)
    {
        Taken.Add(id);
        if (_incidents.Count < 60)
        {
            _incidents.Add(id);
        }
    }

    /// <summary>A span that carries the mark in its tool and its attributes; one with a result has failed.</summary>
    public string Span(string id, string? parent, string? incident, string digest, int place, string? result = null, int number = 0) =>
        $$"""{"span_id":"{{id}}","parent_id":{{(parent is null ? "null" : $"\"{parent}\"")}},"tool":"tool.call/{{(place == 2 ? "shared" : $"{mark}-{place}")}}","start_ts":{{1_700_000_000_000 + (place * 1000)}},"end_ts":{{1_700_000_000_900 + (place * 1000)}},"args_digest":"{{digest}}","result_digest":{{(result is null ? "null" : $"\"{result}\"")}},"attributes":{"said":"{{mark}}"{{(result is null ? "" : $",\"error.type\":\"timeout\",\"error.message\":\"{mark} timed out, number {number}\"")}}},"incident_id":{{(incident is null ? "null" : $"\"{incident}\"")}}}""";

    /// <summary>Text in base64.</summary>
    public static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    /// <summary>A body of JSON.</summary>
    public static StringContent Json(string body) => new(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    private async Task<JsonElement> SendAsync(string path, string body, CancellationToken cancellationToken)
    {
        using var answer = await client.PostAsync(new Uri(api + path, UriKind.Relative), Json(body), cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {text}");
        return text.Length > 0 ? JsonElement.Parse(text) : default;
    }

    [GeneratedRegex("cursor=([^&>]+)")]
    private static partial Regex Cursor();
}
