using System.Text.Json;
using AgentOps.Rca.Importing.Sources;
using AgentOps.Rca.Importing.Steps;
using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>
/// Traces of OpenAI's Agents SDK, as its processors export them: <c>trace</c> and <c>trace.span</c> objects, a line each, in a list, or under
/// <c>data</c>. A trace is the run around its spans, whose times it gets, as it has none itself.
/// </summary>
internal sealed class OpenAiAgentsFile : IFileFormat
{
    private const int MostTraces = 100_000;
    private static readonly string[] Lists = ["data", "traces", "spans", "items"];

    public string Name => ImportFormats.OpenAiAgents;

    public bool Knows(FileShape shape) => shape.Any(static value =>
        value["object"] is "trace" or "trace.span" || value.Has("span_data", "trace_id") || (value.Has("data[]") && value["object"] == "list"));

    public async ValueTask<long> ReadAsync(ImportContent content, ImportSink sink, CancellationToken cancellationToken)
    {
        var traces = new Dictionary<string, Trace>(StringComparer.Ordinal);
        var count = 0L;
        var isSpan = content.Shape.Any(static value => value["object"] is "trace" or "trace.span");
        var records = isSpan || content.Shape.IsLines || content.Shape.IsArray
            ? content.RecordsAsync(cancellationToken) : content.MembersAsync(static name => Array.IndexOf(Lists, name) >= 0, cancellationToken);
        await foreach (var record in records.ConfigureAwait(false))
        {
            count++;
            if (record.Problem is { } problem)
            {
                sink.LeaveOut(problem, record.Place);
            }
            else
            {
                await TakeAsync(record.Value, record.Place, traces, sink, cancellationToken).ConfigureAwait(false);
            }
        }

        foreach (var (id, trace) in traces)
        {
            await EndAsync(id, trace, sink, cancellationToken).ConfigureAwait(false);
        }

        return count;
    }

    private static async ValueTask TakeAsync(JsonElement item, FilePlace place, Dictionary<string, Trace> traces, ImportSink sink, CancellationToken cancellationToken)
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
            foreach (var span in ImportJson.Items(item, "spans"))
            {
                await TakeAsync(span, place, traces, sink, cancellationToken).ConfigureAwait(false);
            }
        }
        else if (ImportJson.Text(item, "id") is { } key && ImportJson.Object(item, "span_data") is { } data)
        {
            var span = Map(item, data, id, key);
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

    private static OtlpSpan Map(JsonElement item, JsonElement data, string id, string key)
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
        span.Add("gen_ai.tool.definitions", ImportJson.Find(data, "response", "tools") is { ValueKind: JsonValueKind.Array } tools && tools.GetArrayLength() > 0 ? ImportJson.RawOf(tools) : null);
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
            // "Error in agent run" says little; what was wrong stands beside it.
            var (said, cause) = (ImportJson.Text(error, "message") ?? ImportJson.RawOf(error), Within(error, "data", "error"));
            span.Fail(cause is null || said.Contains(cause, StringComparison.Ordinal) ? said : $"{said}: {cause}", Within(error, "data", "type"));
            span.Add("error.data", ImportJson.Find(error, "data") is { } more ? ImportJson.ContentOf(more) : null);
        }

        return span;
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
