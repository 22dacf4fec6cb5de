using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Importing.Sources;
using AgentOps.Rca.Importing.Steps;
using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>
/// Traces of OpenAI's Agents SDK, as its processors export them: <c>trace</c> and <c>trace.span</c> objects, a line each, in a list, or under
/// <c>data</c>, as the bodies that its exporter sends have them, of which there may be several. A trace is the run around its spans, whose times
/// it gets, as it has none itself.
/// </summary>
internal sealed class OpenAiAgentsFile : IFileFormat
{
    private const int MostTraces = 100_000;
    private const int MostDepth = 2;
    private const int MostDetails = 4;
    private const int LongestDetail = 200;
    private static readonly string[] Lists = ["data", "traces", "spans", "items"];

    public string Name => ImportFormats.OpenAiAgents;

    public bool Knows(FileShape shape) => shape.Any(static value =>
        value["object"] is "trace" or "trace.span" || value.Has("span_data", "trace_id") || (value.Has("data[]") && value["object"] == "list")
        || Array.Exists(Lists, list => value[$"{list}[]/object"] is "trace" or "trace.span" || value.Has($"{list}[]/span_data", $"{list}[]/trace_id")));

    public async ValueTask<long> ReadAsync(ImportContent content, ImportSink sink, CancellationToken cancellationToken)
    {
        // A span is written when it ends, so what an agent was given stands behind the calls that were given it.
        var offers = new OpenAiAgentsTools();
        await foreach (var record in RecordsAsync(content, cancellationToken).ConfigureAwait(false))
        {
            foreach (var (item, _) in ItemsOf(record))
            {
                offers.Note(item);
            }
        }

        var traces = new Dictionary<string, Trace>(StringComparer.Ordinal);
        var count = 0L;
        await foreach (var record in RecordsAsync(content, cancellationToken).ConfigureAwait(false))
        {
            if (record.Problem is { } problem)
            {
                count++;
                sink.LeaveOut(problem, record.Place);
            }

            foreach (var (item, place) in ItemsOf(record))
            {
                count++;
                await TakeAsync(item, place, traces, offers, sink, cancellationToken).ConfigureAwait(false);
            }
        }

        foreach (var (id, trace) in traces)
        {
            await EndAsync(id, trace, sink, cancellationToken).ConfigureAwait(false);
        }

        return count;
    }

    private static IAsyncEnumerable<ImportRecord> RecordsAsync(ImportContent content, CancellationToken cancellationToken) =>
        content.Shape.IsLines || content.Shape.IsArray || content.Shape.Any(static value => value["object"] is "trace" or "trace.span")
            ? content.RecordsAsync(cancellationToken) : content.MembersAsync(static name => Array.IndexOf(Lists, name) >= 0, cancellationToken);

    // A record is a trace or a span, or holds them in a list; a trace may have its spans within it.
    private static IEnumerable<(JsonElement Item, FilePlace Place)> ItemsOf(ImportRecord record) =>
        record.Problem is null ? ItemsOf(record.Value, record.Place, 0) : [];

    private static IEnumerable<(JsonElement Item, FilePlace Place)> ItemsOf(JsonElement value, FilePlace place, int depth)
    {
        var isTrace = ImportJson.Text(value, "object") == "trace";
        var list = isTrace ? "spans" : ImportJson.Find(value, "span_data") is not null || depth == MostDepth ? null
            : Array.Find(Lists, name => ImportJson.Find(value, name) is { ValueKind: JsonValueKind.Array });
        if (isTrace || list is null)
        {
            yield return (value, place);
        }

        var index = 0;
        foreach (var within in list is null || depth == MostDepth ? [] : ImportJson.Items(value, list))
        {
            var at = place with { Pointer = string.Create(CultureInfo.InvariantCulture, $"{place.Pointer}/{list}/{index++}") };
            foreach (var found in ItemsOf(within, at, depth + 1))
            {
                yield return found;
            }
        }
    }

    private static async ValueTask TakeAsync(JsonElement item, FilePlace place, Dictionary<string, Trace> traces, OpenAiAgentsTools offers, ImportSink sink, CancellationToken cancellationToken)
    {
        var isTrace = ImportJson.Text(item, "object") == "trace";
        var id = ImportJson.Text(item, isTrace ? "id" : "trace_id");
        if (id is null)
        {
            sink.LeaveOut("A record names no trace.", place);
            return;
        }

        if (!traces.TryGetValue(id, out var trace))
        {
            if (traces.Count == MostTraces)
            {
                sink.LeaveOut($"The file has more than {MostTraces} traces.", place);
                return;
            }

            traces.Add(id, trace = new Trace(place));
        }

        if (isTrace)
        {
            trace.Name = ImportJson.Text(item, "workflow_name") ?? trace.Name;
            trace.Group = ImportJson.Text(item, "group_id");
        }
        else if (ImportJson.Text(item, "id") is { } key && ImportJson.Object(item, "span_data") is { } data)
        {
            var span = Map(item, data, id, key, offers);
            if (span.SetTimes(trace.Clock, RunClock.Read(ImportJson.Find(item, "started_at")), RunClock.Read(ImportJson.Find(item, "ended_at"))))
            {
                sink.WithoutTime++;
            }

            trace.Extend(span);
            await sink.AddAsync(span, place, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            sink.LeaveOut("A record is neither a trace nor a span.", place);
        }
    }

    private static OtlpSpan Map(JsonElement item, JsonElement data, string id, string key, OpenAiAgentsTools offers)
    {
        var trace = ImportIds.TraceOf(ImportFormats.OpenAiAgents, id);
        var spanId = ImportIds.SpanOf(trace, key);
        var type = ImportJson.Text(data, "type") ?? "custom";
        var name = ImportJson.Text(data, "name");
        var model = ImportJson.Text(data, "model") ?? Within(data, "response", "model");
        var span = type switch
        {
            "agent" => StepRecord.Run(Source, trace, spanId, name),
            "function" => StepRecord.Tool(Source, trace, spanId, name ?? "function", ImportJson.Text(data, "call_id")),
            "generation" or "response" or "transcription" or "speech" => StepRecord.Model(Source, trace, spanId, model),
            "handoff" => StepRecord.Tool(Source, trace, spanId, $"handoff to {ImportJson.Text(data, "to_agent") ?? "?"}", null),
            _ => StepRecord.Other(Source, trace, spanId, name ?? type),
        };
        span.ParentSpanId = ImportIds.SpanOf(trace, ImportJson.Text(item, "parent_id") ?? "");
        var isTool = type is "function" or "handoff";
        span.Add(isTool ? StepRecord.Arguments : StepRecord.InputMessages, ContentOf(data, "input") ?? (type == "handoff" ? ContentOf(data, "from_agent") : null));
        span.Add(isTool ? StepRecord.Result : StepRecord.OutputMessages, ContentOf(data, "output") ?? (ImportJson.Find(data, "response", "output") is { } output ? ImportJson.ContentOf(output) : null));
        span.Add("gen_ai.system_instructions", Within(data, "response", "instructions"));
        span.Add("gen_ai.tool.definitions", type is "generation" or "response" ? offers.Of(data, span.ParentSpanId) : null);
        var usage = ImportJson.Object(data, "usage") ?? ImportJson.Find(data, "response", "usage") ?? default;
        span.Add("gen_ai.usage.input_tokens", ImportJson.Count(usage, "input_tokens") ?? ImportJson.Count(usage, "prompt_tokens"));
        span.Add("gen_ai.usage.output_tokens", ImportJson.Count(usage, "output_tokens") ?? ImportJson.Count(usage, "completion_tokens"));
        span.Add("gen_ai.response.id", ImportJson.Text(data, "response_id"));
        if (type == "guardrail")
        {
            span.Add("openinference.span.kind", "GUARDRAIL");
            span.Add("guardrail.name", name);
            span.Attributes.Add("guardrail.triggered", OtlpValue.Of(ImportJson.IsTrue(data, "triggered")));
        }

        if (ImportJson.Object(item, "error") is { } error)
        {
            span.Fail(WordsOf(error, name), Within(error, "data", "type"));
            span.Add("error.data", ImportJson.Find(error, "data") is { } more ? ImportJson.ContentOf(more) : null);
        }

        return span;
    }

    // "Error in agent run" says little; what was wrong stands beside it: the cause, or the name of what was not found.
    private static string WordsOf(JsonElement error, string? step)
    {
        var said = ImportJson.Text(error, "message") ?? ImportJson.RawOf(error);
        if (ImportJson.Object(error, "data") is not { } data)
        {
            return said;
        }

        if (ImportJson.Text(data, "error") is { } cause && !said.Contains(cause, StringComparison.Ordinal))
        {
            said = $"{said}: {cause}";
        }

        var more = data.EnumerateObject().Where(static member => member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
            .Select(static member => (Name: ImportJson.NameOf(member), Value: ImportJson.ContentOf(member.Value)))
            .Where(member => member.Name is not ("error" or "type") && member.Value is { Length: > 0 and <= LongestDetail } value && value != step && !said.Contains(value, StringComparison.Ordinal))
            .Take(MostDetails).Select(static member => $"{member.Name}: {member.Value}").ToList();
        return more.Count == 0 ? said : $"{said} ({string.Join(", ", more)})";
    }

    private static OtlpSource Source { get; } = StepRecord.Source("openai-agents");

    private static async ValueTask EndAsync(string id, Trace trace, ImportSink sink, CancellationToken cancellationToken)
    {
        var traceId = ImportIds.TraceOf(ImportFormats.OpenAiAgents, id);
        var span = StepRecord.Run(Source, traceId, ImportIds.SpanOf(traceId, ""), trace.Name);
        span.Add("session.id", trace.Group);
        var (start, end) = trace.Start is null ? (trace.Clock.Tell(null), trace.Clock.Tell(null)) : (trace.Start.Value, trace.End);
        (span.StartNs, span.EndNs) = (start, end);
        if (trace.Start is null)
        {
            span.Add(StepRecord.TimesMissing, "start and end");
            sink.WithoutTime++;
        }

        await sink.AddAsync(span, trace.Place, cancellationToken).ConfigureAwait(false);
    }

    private static string? ContentOf(JsonElement data, string name) => ImportJson.Find(data, name) is { } value ? ImportJson.ContentOf(value) : null;

    private static string? Within(JsonElement data, string name, string member) =>
        ImportJson.Find(data, name, member) is { ValueKind: JsonValueKind.String } text && ImportJson.TextOf(text) is { Length: > 0 } said ? said : null;

    private sealed class Trace(FilePlace place)
    {
        public FilePlace Place => place;

        public RunClock Clock { get; } = new();

        public string? Name { get; set; }

        public string? Group { get; set; }

        public ulong? Start { get; private set; }

        public ulong End { get; private set; }

        public void Extend(OtlpSpan span)
        {
            Start = Start is { } known ? Math.Min(known, span.StartNs) : span.StartNs;
            End = Math.Max(End, span.EndNs);
        }
    }
}
