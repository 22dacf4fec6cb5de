using System.Text.Json;
using System.Text.Unicode;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.OpenTelemetry;

/// <summary>
/// Reads OTLP in JSON, record by record; what is wrong with one costs that record only. Unknown members are passed over, and a null
/// stands for a member that is not there. The names of older versions and of Tempo's downloads are read too, and names in snake_case.
/// </summary>
internal static class OtlpJson
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = OtlpLimits.JsonDepth };
    private static readonly string[] Kinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
    private static readonly string[] StatusCodes = ["UNSET", "OK", "ERROR"];

    private static readonly string[] Severities =
    [
        "UNSPECIFIED", .. new[] { "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL" }.SelectMany(name => new[] { name, $"{name}2", $"{name}3", $"{name}4" }),
    ];

    /// <summary>The spans of an <c>ExportTraceServiceRequest</c>.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static IEnumerable<OtlpRead<OtlpSpan>> ReadSpans(ReadOnlyMemory<byte> body) => Read(body, OtlpNamesOfSignal.Traces, ReadSpan);

    /// <summary>The records of an <c>ExportLogsServiceRequest</c>.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static IEnumerable<OtlpRead<OtlpLog>> ReadLogs(ReadOnlyMemory<byte> body) => Read(body, OtlpNamesOfSignal.Logs, ReadLog);

    /// <summary>The document of a body; a byte order mark may stand before it. One that is large is not disposed of (<see cref="JsonRules.ParseLarge"/>).</summary>
    /// <exception cref="InvalidDataException">It is no UTF-8.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        body = body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body;

        // The parser lets bytes that are no UTF-8 pass inside of texts, and fails when they are read.
        return !Utf8.IsValid(body.Span) ? throw new InvalidDataException("The body is not valid UTF-8.")
            : JsonRules.IsLarge(body) ? JsonRules.ParseLarge(body, Options)
            : JsonDocument.Parse(body, Options);
    }

    private static IEnumerable<OtlpRead<T>> Read<T>(ReadOnlyMemory<byte> body, OtlpNamesOfSignal names, Func<OtlpSource, JsonElement, T> read)
        where T : class
    {
        var document = Parse(body);
        using var small = JsonRules.IsLarge(body) ? null : document;
        var place = new OtlpPlace(names, -1);
        foreach (var group in GroupsOf(document.RootElement, names).EnumerateArray())
        {
            place = place with { Group = place.Group + 1 };
            foreach (var record in ReadGroup(group, place, read))
            {
                yield return record;
            }
        }
    }

    // A body that holds something, and nothing of this signal, must not be answered like one that was taken.
    private static JsonElement GroupsOf(JsonElement root, OtlpNamesOfSignal names)
    {
        if (OtlpMembers.FindFirst(root, names.AllGroups) is { } groups)
        {
            return groups.ValueKind == JsonValueKind.Array ? groups : throw OtlpMembers.Wrong(names.Groups);
        }

        if (OtlpMembers.Find(root, "trace") is { ValueKind: JsonValueKind.Object } wrapped && names == OtlpNamesOfSignal.Traces)
        {
            return GroupsOf(wrapped, names);
        }

        var other = OtlpMembers.FirstName(root);
        return other is null ? OtlpMembers.Nothing : throw new InvalidDataException(
            $"Nothing was read: the body holds '{OtlpText.Shorten(other, 64)}' and no '{names.Groups}'.{HintOf(other)}");
    }

    private static string HintOf(string name) => name switch
    {
        "resourceSpans" or "resource_spans" => " Spans go to /v1/traces.",
        "resourceLogs" or "resource_logs" => " Log records go to /v1/logs.",
        "resourceMetrics" or "resource_metrics" => " Metrics go to /v1/metrics.",
        _ => "",
    };

    private static IEnumerable<OtlpRead<T>> ReadGroup<T>(JsonElement group, OtlpPlace place, Func<OtlpSource, JsonElement, T> read)
        where T : class
    {
        var (resource, problem) = Try(ReadResource, group, default(OtlpSource));
        var (scopes, scopesProblem) = Try(ItemsOf, group, place.Names.AllScopes);
        if (scopes is not { Value: var list })
        {
            yield return new OtlpRead<T>(null, place, scopesProblem);
            yield break;
        }

        foreach (var scoped in list.EnumerateArray())
        {
            place = place with { Scope = place.Scope + 1 };
            var (source, scopeProblem) = resource is null ? (null, problem) : Try(ReadScope, scoped, resource);
            var (records, recordsProblem) = Try(ItemsOf, scoped, place.Names.AllRecords);
            if (records is not { Value: var found })
            {
                yield return new OtlpRead<T>(null, place, recordsProblem);
                continue;
            }

            var at = place;
            foreach (var record in found.EnumerateArray())
            {
                at = at with { Record = at.Record + 1 };
                var (item, why) = source is null ? (null, scopeProblem) : Try(read, record, source);
                yield return new OtlpRead<T>(item, at, why);
            }
        }
    }

    private static (TResult? Result, string? Problem) Try<TResult>(Func<OtlpSource, JsonElement, TResult> read, JsonElement item, OtlpSource source)
        where TResult : class => Try((element, given) => read(given, element), item, source);

    private static (TResult? Result, string? Problem) Try<TGiven, TResult>(Func<JsonElement, TGiven, TResult> read, JsonElement item, TGiven given)
        where TResult : class
    {
        try
        {
            return (read(item, given), null);
        }
        catch (InvalidDataException exception)
        {
            return (null, exception.Message);
        }
    }

    private static Boxed ItemsOf(JsonElement item, string[] names) => OtlpMembers.FindFirst(item, names) switch
    {
        null => new Boxed(OtlpMembers.Nothing),
        { ValueKind: JsonValueKind.Array } array => new Boxed(array),
        _ => throw OtlpMembers.Wrong(names[0]),
    };

    private static OtlpSource ReadResource(JsonElement group, OtlpSource? nobody)
    {
        var resource = new OtlpAttributes();
        var dropped = 0L;
        if (OtlpMembers.Find(group, "resource") is { } description)
        {
            OtlpMembers.ReadAttributes(description, resource);
            dropped = OtlpMembers.Count(description, "droppedAttributesCount");
        }

        return new OtlpSource(resource, null, null) { ResourceSchema = OtlpMembers.Text(group, "schemaUrl"), Dropped = dropped + resource.Dropped };
    }

    private static OtlpSource ReadScope(OtlpSource resource, JsonElement scoped)
    {
        var source = resource with { ScopeSchema = OtlpMembers.Text(scoped, "schemaUrl") };
        if ((OtlpMembers.Find(scoped, "scope") ?? OtlpMembers.Find(scoped, "instrumentationLibrary")) is not { } scope)
        {
            return source;
        }

        var attributes = new OtlpAttributes();
        OtlpMembers.ReadAttributes(scope, attributes);
        return source with
        {
            ScopeName = OtlpMembers.Text(scope, "name"),
            ScopeVersion = OtlpMembers.Text(scope, "version"),
            ScopeAttributes = attributes.Items.Count == 0 ? null : attributes,
            Dropped = source.Dropped + attributes.Dropped + OtlpMembers.Count(scope, "droppedAttributesCount"),
        };
    }

    private static OtlpSpan ReadSpan(OtlpSource source, JsonElement item)
    {
        var span = new OtlpSpan
        {
            Source = source,
            Name = OtlpMembers.Text(item, "name") ?? "",
            TraceState = OtlpMembers.Text(item, "traceState"),
            StartNs = OtlpMembers.Number(item, "startTimeUnixNano"),
            EndNs = OtlpMembers.Number(item, "endTimeUnixNano"),
            Dropped = OtlpMembers.Count(item, "droppedAttributesCount") + OtlpMembers.Count(item, "droppedEventsCount")
                + OtlpMembers.Count(item, "droppedLinksCount"),
        };
        span.TraceId = span.ReadId(OtlpMembers.Text(item, "traceId"), 16, "traceId", "trace id");
        span.SpanId = span.ReadId(OtlpMembers.Text(item, "spanId"), 8, "spanId", "span id");
        span.ParentSpanId = span.ReadId(OtlpMembers.Text(item, "parentSpanId"), 8, "parentSpanId", "id of the parent");
        span.Kind = OtlpMembers.Code(span, item, "kind", "SPAN_KIND_", Kinds);
        OtlpMembers.ReadAttributes(item, span.Attributes);
        foreach (var one in OtlpMembers.Items(item, "events"))
        {
            if (span.Events?.Count == OtlpLimits.Items)
            {
                span.Dropped++;
                continue;
            }

            var found = new OtlpEvent { TimeNs = OtlpMembers.Number(one, "timeUnixNano"), Name = OtlpMembers.Text(one, "name") ?? "" };
            span.Dropped += OtlpMembers.Count(one, "droppedAttributesCount");
            OtlpMembers.ReadAttributes(one, found.Attributes);
            span.Add(found);
        }

        foreach (var one in OtlpMembers.Items(item, "links"))
        {
            if (span.Links?.Count == OtlpLimits.Items)
            {
                span.Dropped++;
                continue;
            }

            var link = new OtlpLink
            {
                TraceId = span.ReadId(OtlpMembers.Text(one, "traceId"), 16, "links.traceId", "trace id of a link"),
                SpanId = span.ReadId(OtlpMembers.Text(one, "spanId"), 8, "links.spanId", "span id of a link"),
                TraceState = OtlpMembers.Text(one, "traceState"),
            };
            span.Dropped += OtlpMembers.Count(one, "droppedAttributesCount");
            OtlpMembers.ReadAttributes(one, link.Attributes);
            span.Add(link);
        }

        if (OtlpMembers.Find(item, "status") is { } status)
        {
            span.StatusCode = OtlpMembers.Code(span, status, "code", "STATUS_CODE_", StatusCodes);
            span.StatusMessage = OtlpMembers.Text(status, "message");
        }

        return span;
    }

    private static OtlpLog ReadLog(OtlpSource source, JsonElement item)
    {
        var log = new OtlpLog
        {
            Source = source,
            TimeNs = OtlpMembers.Number(item, "timeUnixNano"),
            ObservedTimeNs = OtlpMembers.Number(item, "observedTimeUnixNano"),
            SeverityText = OtlpMembers.Text(item, "severityText"),
            EventName = OtlpMembers.Text(item, "eventName"),
            Body = OtlpMembers.Find(item, "body") is { } body ? OtlpMembers.ReadValue(body, 0) : default,
            Dropped = OtlpMembers.Count(item, "droppedAttributesCount"),
        };
        log.TraceId = log.ReadId(OtlpMembers.Text(item, "traceId"), 16, "traceId", "trace id");
        log.SpanId = log.ReadId(OtlpMembers.Text(item, "spanId"), 8, "spanId", "span id");
        log.SeverityNumber = OtlpMembers.Code(log, item, "severityNumber", "SEVERITY_NUMBER_", Severities);
        OtlpMembers.ReadAttributes(item, log.Attributes);
        return log;
    }

    private sealed record Boxed(JsonElement Value);
}
