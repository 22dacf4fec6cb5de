using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.Testing.Tenants;

/// <summary>
/// Two tenants of one host who send each other's ids, cursors and bundles to every endpoint, by key and in a session of the page. Whatever comes back, and
/// whatever is stored, must hold no word of the other.
/// </summary>
public sealed partial class TenantTrial(TenantSide left, TenantSide right, IReadOnlyList<(string Method, string Pattern)> endpoints)
{
    private static readonly string[] Queries =
    [
        "cursor", "limit", "incident_id", "q", "problem_type", "order_id", "status", "tool", "id", "at", "report", "view", "since", "actor", "action", "from", "to",
        "category", "verdict", "subject", "min_count", "text", "skip",
    ];

    /// <summary>How many requests there are: 500 in the suite, 10,000 where all is run.</summary>
    public static int Count => Environment.GetEnvironmentVariable("AGENTOPS_FULL") is "1" ? 10_000 : 500;

    /// <summary>Sends them.</summary>
    /// <returns>How many succeeded, by endpoint.</returns>
    public async Task<IReadOnlyDictionary<string, int>> RunAsync(int seed, int count, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        Dictionary<string, int> succeeded = new(StringComparer.Ordinal);
        for (var n = 0; n < count; n++)
        {
            var endpoint = endpoints[n % endpoints.Count];
            var (own, other) = random.Next(2) == 0 ? (left, right) : (right, left);
            using var request = Make(random, endpoint, own, other, out var sendsForeignWords);
            var said = $"{n} (seed {seed}): {request.Method} {request.RequestUri} as {own.Mark}";
            using var answer = await own.Client.SendAsync(request, cancellationToken);
            Assert.True((int)answer.StatusCode != 500, $"{said} was answered with 500.");
            var text = Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
            Assert.False(
                !sendsForeignWords && (text.Contains(other.Mark, StringComparison.OrdinalIgnoreCase) || answer.Headers.ToString().Contains(other.Mark, StringComparison.OrdinalIgnoreCase)),
                $"{said} was answered with what is {other.Mark}'s: {text}");
            if (answer.IsSuccessStatusCode)
            {
                var name = $"{endpoint.Method} {endpoint.Pattern}";
                succeeded[name] = succeeded.GetValueOrDefault(name) + 1;
            }
        }

        await AssertApartAsync(cancellationToken);
        return succeeded;
    }

    /// <summary>Looks through all that each has.</summary>
    public async Task AssertApartAsync(CancellationToken cancellationToken)
    {
        foreach (var (own, other) in ((TenantSide, TenantSide)[])[(left, right), (right, left)])
        {
            var seen = new StringBuilder();
            foreach (var path in (string[])["/incidents?limit=500", "/traces/spans?limit=1000", "/audit?limit=500", "/rca/patterns", .. own.Incidents.Select(id => $"/incidents/{id}/full")])
            {
                seen.Append(await own.Client.GetStringAsync(new Uri(path, UriKind.Relative), cancellationToken));
            }

            Assert.Contains(own.Mark, seen.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain(other.Mark, seen.ToString(), StringComparison.OrdinalIgnoreCase);
            foreach (var digest in other.Digests)
            {
                using var content = await own.Client.GetAsync(new Uri($"/artifacts/{digest}/content", UriKind.Relative), cancellationToken);
                Assert.Equal(System.Net.HttpStatusCode.NotFound, content.StatusCode);
            }
        }
    }

    private static HttpRequestMessage Make(Random random, (string Method, string Pattern) endpoint, TenantSide own, TenantSide other, out bool sendsForeignWords)
    {
        var path = Parameter().Replace(endpoint.Pattern, match => Uri.EscapeDataString(Value(random, match.Groups[1].Value, own, other)));
        if (endpoint.Method is "GET" or "HEAD" || endpoint.Pattern == "/imports")
        {
            var query = random.GetItems(Queries, random.Next(4)).Distinct()
                .Concat(endpoint.Pattern.EndsWith("/search", StringComparison.Ordinal) ? ["q"] : endpoint.Pattern is "/incidents/{id}/step" or "/incidents/{id}/span" ? ["id"] : [])
                .Distinct().Select(name => $"{name}={Uri.EscapeDataString(Value(random, name, own, other))}").ToArray();
            path += query.Length == 0 ? "" : $"?{string.Join('&', query)}";
        }

        var request = new HttpRequestMessage(new HttpMethod(endpoint.Method), new Uri(path, UriKind.Relative));
        sendsForeignWords = false;
        if (endpoint.Method == "POST")
        {
            // A bundle of the other is read and not kept: verified, but never taken in.
            sendsForeignWords = endpoint.Pattern == "/bundles/verify" && random.Next(2) == 0;
            request.Content = endpoint.Pattern is "/bundles/verify" or "/bundles/import"
                ? new ByteArrayContent(sendsForeignWords ? other.Bundle : own.Bundle) { Headers = { { "Content-Type", "application/zip" } } }
                : TenantSide.Json(Body(random, endpoint.Pattern, own, other));
        }

        if (random.Next(3) == 0 && endpoint.Pattern != "/rca/session")
        {
            // In a session the key is not sent.
            request.Headers.Add(KeyUnlessSession.NoKey, "1");
            request.Headers.Add("Cookie", own.Session.Cookie);
            request.Headers.Add("X-AgentOps-Antiforgery", own.Session.Antiforgery);
        }

        return request;
    }

    private static string Body(Random random, string pattern, TenantSide own, TenantSide other)
    {
        string Id() => Value(random, "incident_id", own, other);
        string Span() => Value(random, "span_id", own, other);
        string Digest() => Value(random, "digest", own, other);
        return pattern switch
        {
            "/incidents" => random.Next(2) == 0
                ? $$"""{"id":"{{Id()}}","order_id":"{{own.Mark}}-again","problem_type":"late"}"""
                : $$"""{"order_id":"{{own.Mark}}-new","problem_type":"late"}""",
            "/artifacts" => $$"""{"content":"{{TenantSide.Base64($"{own.Mark} wrote {random.Next()}")}}","mime":"text/plain"}""",
            "/traces/spans" => $"[{TenantSide.Span(random.Next(2) == 0 ? Span() : $"{own.Mark}-{random.Next()}", Span(), Id(), Digest(), 1, random.Next(2) == 0)}]",
            "/incidents/{id}/spans" => $$"""{"span_ids":["{{Span()}}","{{Span()}}"],"trace_ids":[]}""",
            "/rca/compare" => $$"""{"left":"{{(random.Next(2) == 0 ? Id() : Span())}}","right":"{{(random.Next(2) == 0 ? Id() : Span())}}"}""",
            "/rca/analyze" => random.Next(2) == 0
                ? $$"""{"incident_id":"{{Id()}}","engine":"trace"}"""
                : $$"""{"reference":{"incident_ids":["{{Id()}}"]},"incident_id":"{{Id()}}","engine":"trace"}""",
            "/bundles" => $$"""{"incident_id":"{{Id()}}","include_unmasked":true}""",
            "/incidents/{id}/approve" or "/incidents/{id}/reject" => $$"""{"report_digest":"{{Digest()}}","note":"{{own.Mark}}"}""",
            "/imports" => $$"""[{"role":"user","content":"{{own.Mark}} asks {{random.Next()}}"},{"role":"assistant","content":"{{own.Mark}} answers"}]""",
            _ => $$"""{"incident_id":"{{Id()}}"}""",
        };
    }

    private static string Value(Random random, string name, TenantSide own, TenantSide other)
    {
        var side = random.Next(3) == 0 ? own : other;
        return name switch
        {
            "cursor" => random.GetItems(side.Cursors.ToArray(), 1)[0],
            "limit" or "min_count" or "skip" => random.Next(1, 5).ToString(CultureInfo.InvariantCulture),
            "text" => "64",
            "q" or "order_id" => "order",
            "problem_type" => "late",
            "status" => "open",
            "tool" => $"tool.{random.Next(4)}",
            "view" => "case",
            "since" or "from" => "1970-01-01T00:00:00Z",
            "to" => "2030-01-01T00:00:00Z",
            "actor" => "boss",
            "action" => "audit.analysis",
            "report" or "digest" => random.GetItems(side.Digests.ToArray(), 1)[0],
            "evidence_id" => "E1",
            "span_id" or "at" => random.GetItems(side.Spans.ToArray(), 1)[0],
            "incident_id" => random.GetItems(side.Incidents.ToArray(), 1)[0],
            "id" => random.Next(4) == 0 ? random.GetItems(side.Spans.ToArray(), 1)[0] : random.GetItems(side.Incidents.ToArray(), 1)[0],
            _ => "late",
        };
    }

    [GeneratedRegex(@"\{([a-z_]+)[^}]*\}", RegexOptions.IgnoreCase)]
    private static partial Regex Parameter();
}
