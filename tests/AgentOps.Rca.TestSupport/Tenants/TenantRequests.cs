using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentOps.Rca.Testing.Tenants;

/// <summary>One request of the trial, and what of the other it names.</summary>
/// <param name="Message">It.</param>
/// <param name="ForeignPath">An id of the other in its path, or null.</param>
/// <param name="ForeignDigests">Digests of the other in its body.</param>
/// <param name="SendsForeignWords">Whether it holds records of the other, which the answer may repeat.</param>
public sealed record TenantRequest(HttpRequestMessage Message, string? ForeignPath, IReadOnlyList<string> ForeignDigests, bool SendsForeignWords) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Message.Dispose();
}

/// <summary>
/// Makes requests of one tenant: a third with its own ids, a third with the other's, a third with some of each. A parameter or a body that it has no value
/// for fails the trial, so that nothing new goes by untried.
/// </summary>
public sealed partial class TenantRequests(Random random, TenantSide own, TenantSide other, string api, string? mcp)
{
    private readonly int _mix = random.Next(3);
    private readonly List<string> _foreignDigests = [];
    private string? _foreignPath;
    private string? _incident;

    /// <summary>Makes one.</summary>
    public TenantRequest Make(TenantDoor door)
    {
        ArgumentNullException.ThrowIfNull(door);
        var sendsForeignWords = false;
        var request = door.Method == TenantMcp.Method ? MakeMcp(door, out sendsForeignWords) : MakeHttp(door, out sendsForeignWords);
        if (random.Next(3) == 0 && door is not { Pattern: "/rca/session" })
        {
            // In a session the key is not sent.
            WithSession(request);
        }

        return new TenantRequest(request, _foreignPath, _foreignDigests, sendsForeignWords);
    }

    private HttpRequestMessage MakeHttp(TenantDoor door, out bool sendsForeignWords)
    {
        var path = api + PathParameter().Replace(door.Pattern, match => Uri.EscapeDataString(Value(door, match.Groups[1].Value, inPath: true)));
        var query = door.Parameters.Where(name => door.Required.Contains(name) || random.Next(door.Parameters.Count + 1) < 2)
            .Select(name => $"{name}={Uri.EscapeDataString(Value(door, name))}").ToArray();
        path += query.Length == 0 ? "" : $"?{string.Join('&', query)}";
        var request = new HttpRequestMessage(new HttpMethod(door.Method), new Uri(path, UriKind.Relative));

        // A bundle of the other is read and not kept: verified, but never taken in.
        sendsForeignWords = door.Pattern == "/bundles/verify" && random.Next(2) == 0;
        if (door.Method == "POST")
        {
            request.Content = door.Pattern is "/bundles/verify" or "/bundles/import"
                ? new ByteArrayContent(sendsForeignWords ? other.Bundle : own.Bundle) { Headers = { { "Content-Type", "application/zip" } } }
                : TenantSide.Json(Body(door));
            if (door.Pattern == "/incidents" && random.Next(2) == 0)
            {
                // The very same of both.
                request.Headers.Add("Idempotency-Key", $"key-{random.Next(8)}");
            }

            if (random.Next(4) == 0 && door.Pattern is "/rca/analyze" or "/bundles")
            {
                request.Headers.Add("Accept", door.Pattern == "/bundles" ? "application/json" : "text/event-stream");
            }
        }

        if (door is { Method: "DELETE", Pattern: "/rca/session" })
        {
            WithSession(request);
        }

        return request;
    }

    private HttpRequestMessage MakeMcp(TenantDoor door, out bool sendsForeignWords)
    {
        var (kind, name) = (door.Pattern[..door.Pattern.IndexOf('/', StringComparison.Ordinal)], door.Pattern[(door.Pattern.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        var arguments = door.Parameters.Where(argument => door.Required.Contains(argument) || argument == "right" || random.Next(_mix == 0 ? 6 : 2) == 0).ToDictionary(static argument => argument, argument => Argument(door, argument));
        sendsForeignWords = arguments.ContainsKey("base64") && arguments["base64"] == JsonSerializer.Serialize(Convert.ToBase64String(other.Bundle));
        var given = string.Join(',', arguments.Select(static pair => $"\"{pair.Key}\":{pair.Value}"));
        return kind switch
        {
            "resources" => TenantMcp.Ask(mcp!, "resources/read", $$"""{"uri":"{{PathParameter().Replace(name, match => Value(door, match.Groups[1].Value, inPath: true))}}"}"""),
            "prompts" => TenantMcp.Ask(mcp!, "prompts/get", $$$"""{"name":"{{{name}}}","arguments":{{{{given}}}}}"""),
            _ => TenantMcp.Ask(mcp!, "tools/call", $$$"""{"name":"{{{name}}}","arguments":{{{{given}}}}}"""),
        };
    }

    private void WithSession(HttpRequestMessage request)
    {
        request.Headers.Add(KeyUnlessSession.NoKey, "1");
        request.Headers.Add("Cookie", own.Session.Cookie);
        request.Headers.Add("X-AgentOps-Antiforgery", own.Session.Antiforgery);
    }

    private string Body(TenantDoor door)
    {
        string Id() => Value(door, "incident_id");
        string Span() => Value(door, "span_id");
        string Digest() => Value(door, "digest");
        string Own() => $"{own.Mark}-{random.Next()}";
        return door.Pattern switch
        {
            "/incidents" => random.Next(4) == 0
                ? $$"""{"id":"{{Id()}}","order_id":"{{own.Mark}}-order-again","problem_type":"late"}"""
                : $$"""{"order_id":"{{own.Mark}}-order-new","problem_type":"late"}""",
            "/artifacts" => $$"""{"content":"{{TenantSide.Base64($"{own.Mark} wrote {random.Next()}")}}","mime":"text/plain"}""",
            "/traces/spans" => $"[{own.Span(random.Next(2) == 0 ? Span() : Own(), Span(), Id(), Digest(), 1, random.Next(2) == 0 ? Digest() : null)}]",
            "/v1/traces" => Otlp($$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"{{Hex(16)}}","spanId":"{{Hex(8)}}","name":"{{own.Mark}}","kind":1,"startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000000100000000","attributes":[@]}]}]}]}"""),
            "/v1/logs" => Otlp($$"""{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1700000000000000000","traceId":"{{Hex(16)}}","spanId":"{{Hex(8)}}","body":{"stringValue":"{{own.Mark}}"},"attributes":[@]}]}]}]}"""),
            "/v1/metrics" => """{"resourceMetrics":[]}""",
            "/incidents/{id}/spans" => random.Next(2) == 0
                ? $$"""{"span_ids":["{{Value(door, "loose")}}"],"trace_ids":[]}"""
                : $$"""{"span_ids":[],"trace_ids":["{{Hex(16)}}"]}""",
            "/rca/compare" => $$"""{"left":"{{(random.Next(4) > 0 ? Id() : Span())}}","right":"{{(random.Next(4) > 0 ? Id() : Span())}}"}""",
            "/rca/analyze" => random.Next(2) == 0
                ? $$"""{"incident_id":"{{Id()}}","engine":"trace"}"""
                : $$$"""{"reference":{"incident_ids":["{{{Id()}}}"]},"incident_id":"{{{Id()}}}","engine":"trace"}""",
            "/replay/strict" => $$"""{"incident_id":"{{Id()}}"}""",
            "/bundles" => $$"""{"incident_id":"{{Id()}}","include_unmasked":true,"include_audit":true}""",
            "/incidents/{id}/approve" => random.Next(2) == 0 ? $$"""{"note":"{{own.Mark}}"}""" : $$"""{"report_digest":"{{Value(door, "report")}}","note":"{{own.Mark}}"}""",
            "/incidents/{id}/reject" => $$"""{"reason":"{{own.Mark}}"}""",
            "/imports" => $$"""[{"role":"user","content":"{{own.Mark}} asks {{random.Next()}}"},{"role":"assistant","content":"{{own.Mark}} answers"}]""",
            "/rca/session" => $$"""{"key":"{{own.Key}}"}""",
            _ => throw new InvalidOperationException($"The trial has no body for {door}: give it one."),
        };

        string Otlp(string text) => text.Replace(
            "@", $$$"""{"key":"incident_id","value":{"stringValue":"{{{Id()}}}"}},{"key":"agentops.incident_id","value":{"stringValue":"{{{Id()}}}"}}""", StringComparison.Ordinal);
    }

    // Traces and spans that both send.
    private string Hex(int bytes) => random.Next(1, 9).ToString(CultureInfo.InvariantCulture).PadLeft(bytes * 2, '0');

    private string Argument(TenantDoor door, string name) => name switch
    {
        "limit" or "length" or "offset" or "context" => random.Next(1, 60).ToString(CultureInfo.InvariantCulture),
        "fields" => """["arguments","result","attributes"]""",
        "base64" => JsonSerializer.Serialize(Convert.ToBase64String((Side() == own ? own : other).Bundle)),
        _ => JsonSerializer.Serialize(Value(door, name)),
    };

    private TenantSide Side() => _mix == 0 || (_mix == 2 && random.Next(2) == 0) ? own : other;

    private string Value(TenantDoor door, string name, bool inPath = false)
    {
        var side = Side();
        var value = name switch
        {
            "cursor" => side.Cursors.TryGetValue(door.Pattern, out var place) && random.Next(4) > 0 ? place : One(side.Cursors.Values),
            "limit" or "min_count" or "skip" or "row" => random.Next(1, 3).ToString(CultureInfo.InvariantCulture),
            "text" when door.Method == TenantMcp.Method => "order",
            "text" or "px" or "rows" or "context" => random.Next(1, 500).ToString(CultureInfo.InvariantCulture),
            "replay" or "without_counts" or "incident_per_run" or "all_checks" => random.Next(2) == 0 ? "true" : "false",
            "pii_masked" => "true",
            "mime" => "text/plain",
            "q" => random.Next(2) == 0 ? "order" : "carrier",
            "order_id" or "subject" or "name" => "order",
            "problem_type" => "late",
            "status" => random.Next(2) == 0 ? "open" : "approved",
            "tool" => random.Next(2) == 0 ? "tool.call/shared" : $"tool.call/{own.Mark}-3",
            "view" => "overview",
            "verdict" => random.GetItems(["identified", "inconclusive", "none"], 1)[0],
            "since" or "from" => "1970-01-01T00:00:00Z",
            "to" or "until" => "2130-01-01T00:00:00Z",
            "actor" => $"{own.Mark}-boss",
            "action" => "audit.analysis",
            "category" => "tool_error",
            "engine" => "trace",
            "decision" => "approved",
            "note" or "by" => own.Mark,
            "evidence_id" => $"E{random.Next(1, 5)}",
            "report" or "report_digest" => _incident is not null && side.Reports.TryGetValue(_incident, out var latest) ? latest : One(side.Reports.Values),
            "digest" => One(side.Digests),
            "loose" => One(side.Loose),
            "id" when !inPath && _incident is not null && side.Runs.TryGetValue(_incident, out var run) => One(run),
            "id" when !inPath => One(side.Spans),
            "span_id" or "at" => One(side.Spans),
            "left" or "right" => random.Next(4) > 0 ? One(side.Runs.Keys) : One(side.Spans),
            "id" or "incident_id" => _incident = One(_mix == 2 ? side.Incidents : NeedsReport().IsMatch(door.Pattern) ? side.Reports.Keys : NeedsRun().IsMatch(door.Pattern) ? side.Runs.Keys : side.Incidents),
            _ => throw new InvalidOperationException($"The trial has no value for {name} of {door}: give it one."),
        };
        if (side == other && name == "digest" && !inPath)
        {
            _foreignDigests.Add(value);
        }

        if (side == other && inPath && name is "id" or "digest" && !own.Taken.Contains(value))
        {
            _foreignPath = value;
        }

        return value;
    }

    private string One(IEnumerable<string> values) => random.GetItems(values.ToArray(), 1)[0];

    [GeneratedRegex("span|step|compare")]
    private static partial Regex NeedsRun();

    [GeneratedRegex("evidence|decide|report|postmortem|prompts")]
    private static partial Regex NeedsReport();

    [GeneratedRegex(@"\{([a-z_]+)[^}]*\}", RegexOptions.IgnoreCase)]
    private static partial Regex PathParameter();
}
