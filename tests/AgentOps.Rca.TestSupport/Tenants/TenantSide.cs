using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace AgentOps.Rca.Testing.Tenants;

/// <summary>One of two tenants of a host: what it has stored, and how it asks. Everything that it writes carries its mark, and nothing that it sends names the other's.</summary>
public sealed class TenantSide(HttpClient client, string mark)
{
    /// <summary>An incident that both tenants have, under one id.</summary>
    public static readonly Guid Shared = Guid.Parse("0190a8c2-5d1e-7c43-9b1f-2f6a4de0c777");

    /// <summary>The client, with the key.</summary>
    public HttpClient Client => client;

    /// <summary>A word that is in all of its records and in nothing else.</summary>
    public string Mark => mark;

    public List<string> Incidents { get; } = [];

    public List<string> Spans { get; } = [];

    public List<string> Digests { get; } = [];

    public List<string> Cursors { get; } = [];

    public byte[] Bundle { get; private set; } = [];

    /// <summary>The cookie of a session of the page, and the token of its writes.</summary>
    public (string Cookie, string Antiforgery) Session { get; private set; }

    /// <summary>Stores incidents with spans and contents, analyses and decides some, and notes every name by which they can be asked for.</summary>
    public async Task FillAsync(string key, CancellationToken cancellationToken)
    {
        for (var n = 0; n < 6; n++)
        {
            var id = n == 0 ? Shared : Guid.CreateVersion7();
            Incidents.Add(id.ToString("D"));
            await SendAsync("/incidents", $$"""{"id":"{{id}}","order_id":"{{mark}}-order-{{n}}","details":{"about":"{{mark}}"},"problem_type":"late"}""", cancellationToken);
            var digest = await SendAsync("/artifacts", $$"""{"content":"{{Base64($"what {mark} read, number {n}")}}","mime":"text/plain"}""", cancellationToken);
            Digests.Add(digest.GetProperty("digest").GetString()!);
            var spans = Enumerable.Range(0, 4).Select(place => $"{mark[..1]}{n}-span-{place}").ToArray();
            Spans.AddRange(spans);
            await SendAsync(
                "/traces/spans",
                $"[{string.Join(',', spans.Select((span, place) => Span(span, place == 0 ? null : spans[0], id.ToString("D"), Digests[^1], place, place == 3)))}]",
                cancellationToken);
        }

        foreach (var id in Incidents.Take(3))
        {
            await SendAsync("/rca/analyze", $$"""{"incident_id":"{{id}}","engine":"trace"}""", cancellationToken);
        }

        await SendAsync($"/incidents/{Incidents[1]}/approve", $$"""{"note":"{{mark}} has read it."}""", cancellationToken);
        foreach (var path in (string[])["/incidents?limit=2", "/traces/spans?limit=3", "/audit?limit=1", $"/incidents/{Incidents[0]}/search?q=span&limit=1"])
        {
            using var listing = await client.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
            if (listing.Headers.TryGetValues("Link", out var links)
                && System.Text.RegularExpressions.Regex.Match(string.Join(',', links), "cursor=([^&>]+)") is { Success: true } cursor)
            {
                Cursors.Add(Uri.UnescapeDataString(cursor.Groups[1].Value));
            }
        }

        using var bundle = await client.PostAsync(
            new Uri("/bundles", UriKind.Relative), Json($$"""{"incident_id":"{{Incidents[1]}}","include_unmasked":true}"""), cancellationToken);
        Assert.True(bundle.IsSuccessStatusCode, await bundle.Content.ReadAsStringAsync(cancellationToken));
        Bundle = await bundle.Content.ReadAsByteArrayAsync(cancellationToken);
        using var signedIn = await client.PostAsync(new Uri("/rca/session", UriKind.Relative), Json($$"""{"key":"{{key}}"}"""), cancellationToken);
        var session = JsonElement.Parse(await signedIn.Content.ReadAsStringAsync(cancellationToken));
        Session = (signedIn.Headers.GetValues("Set-Cookie").Single().Split(';')[0], session.GetProperty("antiforgery").GetString()!);
    }

    public static string Span(string id, string? parent, string? incident, string digest, int place, bool fails) =>
        $$"""{"span_id":"{{id}}","parent_id":{{(parent is null ? "null" : $"\"{parent}\"")}},"tool":"tool.{{place}}","start_ts":{{1_000_000 + (place * 1000)}},"end_ts":{{1_000_900 + (place * 1000)}},"args_digest":"{{digest}}","result_digest":null,"attributes":{{(fails ? """{"error.type":"timeout"}""" : "{}")}},"incident_id":{{(incident is null ? "null" : $"\"{incident}\"")}}}""";

    public static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    public static StringContent Json(string body) => new(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    private async Task<JsonElement> SendAsync(string path, string body, CancellationToken cancellationToken)
    {
        using var answer = await client.PostAsync(new Uri(path, UriKind.Relative), Json(body), cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {text}");
        return text.Length > 0 ? JsonElement.Parse(text) : default;
    }
}
