using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Importing.Steps;
using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>
/// A sample of inspect_ai: its spans (agents, solvers, scorers), and the events of models, tools and scores within them. Of the messages that a
/// model was given, those are kept that no call of the sample was given before.
/// </summary>
internal sealed class InspectSample
{
    private const int MostDepth = 16;

    // Events that repeat what others say, or say how the program went about it.
    private static readonly string[] Notes =
    [
        "sample_init", "state", "store", "sandbox", "logger", "info", "approval", "step", "subtask", "input", "score_edit", "checkpoint", "compaction", "branch", "anchor", "span_end", "interrupt", "cancelled",
    ];

    private readonly JsonElement _sample;
    private readonly string _traceId;
    private readonly string _rootId;
    private readonly string? _task;
    private readonly ImportSink _sink;
    private readonly RunClock _clock = new();
    private readonly InspectAttachments _attachments;
    private readonly Dictionary<string, OpenSpan> _spans = new(StringComparer.Ordinal);
    private readonly HashSet<string> _given = new(StringComparer.Ordinal);
    private ulong? _start;
    private ulong? _end;
    private long _number;
    private string? _limit;

    public InspectSample(JsonElement sample, string run, string? task, ImportSink sink)
    {
        (_sample, _task, _sink) = (sample, task, sink);
        _traceId = ImportIds.TraceOf(ImportFormats.Inspect, run);
        _rootId = ImportIds.SpanOf(_traceId, "sample");
        _attachments = new InspectAttachments(sample);
    }

    private static OtlpSource Source { get; } = StepRecord.Source("inspect_ai");

    public async ValueTask ReadAsync(FilePlace place, CancellationToken cancellationToken)
    {
        var count = await ReadEventsAsync(_sample, place, null, 0, cancellationToken).ConfigureAwait(false);
        foreach (var (id, open) in _spans)
        {
            await CloseAsync(id, open, _end, cancellationToken).ConfigureAwait(false);
        }

        // Logs may be written without events.
        if (count == 0)
        {
            await ReadMessagesAsync(place, cancellationToken).ConfigureAwait(false);
            return;
        }

        var span = StepRecord.Run(Source, _traceId, _rootId, _task ?? "inspect_ai");
        span.Add("inspect.sample.id", ImportJson.Find(_sample, "id") is { } id0 ? ImportJson.ContentOf(id0) : null);
        span.Add("inspect.sample.epoch", ImportJson.Count(_sample, "epoch"));
        span.Add(StepRecord.InputMessages, ImportJson.Find(_sample, "input") is { } input ? Messages("user", input) : null);
        span.Add(StepRecord.OutputMessages, ImportJson.Items(ImportJson.Object(_sample, "output") ?? default, "choices").FirstOrDefault() is { ValueKind: JsonValueKind.Object } choice
            && ImportJson.Find(choice, "message") is { } answer ? $"[{_attachments.Resolve(answer)}]" : null);
        span.Add("inspect.scores", ImportJson.Find(_sample, "scores") is { } scores ? _attachments.Resolve(scores) : null);
        if (ImportJson.Object(_sample, "error") is { } error)
        {
            span.Fail(ImportJson.Text(error, "message") ?? "The sample failed.");
        }
        else if (_limit is not null)
        {
            span.Fail(_limit, "limit");
        }

        Time(span, _start, _end);
        await _sink.AddAsync(span, place, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask ReadMessagesAsync(FilePlace place, CancellationToken cancellationToken)
    {
        var conversation = new Conversation(_sink, Source, _traceId, "", _clock) { Agent = _task ?? "inspect_ai" };
        var messages = new MessageSteps(conversation, _sink);
        foreach (var (message, index) in ImportJson.Items(_sample, "messages").Select(static (message, index) => (message, index)))
        {
            var resolved = JsonElement.Parse(_attachments.Resolve(message));
            await messages.TakeAsync(resolved, place with { Pointer = $"{place.Pointer}/messages/{Text(index)}" }, cancellationToken).ConfigureAwait(false);
        }

        await messages.EndAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<long> ReadEventsAsync(JsonElement holder, FilePlace place, string? parent, int depth, CancellationToken cancellationToken)
    {
        var count = 0L;
        foreach (var told in ImportJson.Items(holder, "events"))
        {
            var at = place with { Pointer = $"{place.Pointer}/events/{Text(count++)}" };
            if (told.ValueKind != JsonValueKind.Object || depth > MostDepth)
            {
                _sink.LeaveOut(depth > MostDepth ? "Events lie too deep within each other." : "An event is no object.", at);
                continue;
            }

            await TakeAsync(told, at, parent, depth, cancellationToken).ConfigureAwait(false);
        }

        return count;
    }

    private async ValueTask TakeAsync(JsonElement told, FilePlace place, string? parent, int depth, CancellationToken cancellationToken)
    {
        var time = RunClock.Read(ImportJson.Find(told, "timestamp"));
        var ended = RunClock.Read(ImportJson.Find(told, "completed"));
        _start = _start is null || time < _start ? time ?? _start : _start;
        _end = Later(_end, Later(time, ended));
        var above = ImportJson.Text(told, "span_id") is { } within && _spans.ContainsKey(within) ? SpanIdOf(within) : parent ?? _rootId;
        _number++;
        switch (ImportJson.Text(told, "event"))
        {
            case "span_begin" when ImportJson.Text(told, "id") is { } id:
                _spans.TryAdd(id, new OpenSpan(told, time, place, ImportJson.Text(told, "parent_id") is { } outer && _spans.ContainsKey(outer) ? SpanIdOf(outer) : parent ?? _rootId));
                break;
            case "span_end" when ImportJson.Text(told, "id") is { } id:
                if (_spans.TryGetValue(id, out var open))
                {
                    open.End = time;
                }

                break;
            case "model":
                await ModelAsync(told, above, time, ended, place, cancellationToken).ConfigureAwait(false);
                break;
            case "tool":
                await ToolAsync(told, above, time, ended, place, depth, cancellationToken).ConfigureAwait(false);
                break;
            case "subtask" when ImportJson.Items(told, "events").Any():
                await ReadEventsAsync(told, place, above, depth + 1, cancellationToken).ConfigureAwait(false);
                break;
            case "sample_limit":
                _limit = $"The sample reached a limit: {ImportJson.Text(told, "message") ?? ImportJson.Text(told, "type") ?? "unknown"}";
                break;
            case "score":
                await ScoreAsync(told, above, time, place, cancellationToken).ConfigureAwait(false);
                break;
            case "error":
                await ErrorAsync(told, above, time, place, cancellationToken).ConfigureAwait(false);
                break;
            case { } name when Array.IndexOf(Notes, name) >= 0:
                _sink.PassOver($"Events of the kind '{name}' tell of no step.", place);
                break;
            default:
                _sink.LeaveOut("An event is of a kind that is not known.", place);
                break;
        }
    }

    private async ValueTask ModelAsync(JsonElement told, string above, ulong? time, ulong? ended, FilePlace place, CancellationToken cancellationToken)
    {
        var output = ImportJson.Object(told, "output") ?? default;
        var span = StepRecord.Model(Source, _traceId, IdOf(told), ImportJson.Text(told, "model") ?? ImportJson.Text(output, "model"));
        span.ParentSpanId = above;
        List<string> fresh = [];
        foreach (var message in ImportJson.Items(told, "input"))
        {
            if (ImportJson.Text(message, "id") is not { } id || _given.Add(id))
            {
                fresh.Add(_attachments.Resolve(message));
            }
        }

        span.Add(StepRecord.InputMessages, fresh.Count == 0 ? null : $"[{string.Join(',', fresh)}]");
        span.Add("gen_ai.tool.definitions", ImportJson.Find(told, "tools") is { ValueKind: JsonValueKind.Array } tools && tools.GetArrayLength() > 0 ? _attachments.Resolve(tools) : null);
        var choice = ImportJson.Items(output, "choices").FirstOrDefault();
        if (ImportJson.Find(choice, "message") is { } answer)
        {
            if (ImportJson.Text(answer, "id") is { } id)
            {
                _given.Add(id);
            }

            span.Add(StepRecord.OutputMessages, $"[{_attachments.Resolve(answer)}]");
        }

        var usage = ImportJson.Object(output, "usage") ?? default;
        var (read, written) = (ImportJson.Count(usage, "input_tokens_cache_read"), ImportJson.Count(usage, "input_tokens_cache_write"));
        span.Add("gen_ai.usage.input_tokens", ImportJson.Count(usage, "input_tokens"));
        span.Add("gen_ai.usage.output_tokens", ImportJson.Count(usage, "output_tokens"));
        span.Add("gen_ai.usage.cache_read.input_tokens", read);
        span.Add("gen_ai.usage.cache_creation.input_tokens", written);
        span.Add("gen_ai.response.finish_reasons", ImportJson.Text(choice, "stop_reason"));
        if ((ImportJson.Text(told, "error") ?? ImportJson.Text(output, "error")) is { } error)
        {
            span.Fail(error);
        }

        Time(span, time, ended);
        await _sink.AddAsync(span, place, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask ToolAsync(JsonElement told, string above, ulong? time, ulong? ended, FilePlace place, int depth, CancellationToken cancellationToken)
    {
        var span = StepRecord.Tool(Source, _traceId, IdOf(told), ImportJson.Text(told, "function") ?? "tool", ImportJson.Text(told, "id"));
        span.ParentSpanId = above;
        span.Add(StepRecord.Arguments, ImportJson.Find(told, "arguments") is { } arguments ? _attachments.Resolve(arguments) : null);
        if (ImportJson.Find(told, "result") is { } result)
        {
            var raw = _attachments.Resolve(result);
            span.Add(StepRecord.Result, result.ValueKind == JsonValueKind.String ? ImportJson.TextOf(JsonElement.Parse(raw)) : raw);
        }

        if (ImportJson.Object(told, "error") is { } error)
        {
            span.Fail(ImportJson.Text(error, "message"), ImportJson.Text(error, "type"));
        }

        Time(span, time, ended);
        await _sink.AddAsync(span, place, cancellationToken).ConfigureAwait(false);
        await ReadEventsAsync(told, place, span.SpanId, depth + 1, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask ScoreAsync(JsonElement told, string above, ulong? time, FilePlace place, CancellationToken cancellationToken)
    {
        var span = StepRecord.Other(Source, _traceId, IdOf(told), "score");
        span.ParentSpanId = above;
        span.Add("inspect.score", ImportJson.Find(told, "score") is { } score ? _attachments.Resolve(score) : null);
        Time(span, time, time);
        await _sink.AddAsync(span, place, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask ErrorAsync(JsonElement told, string above, ulong? time, FilePlace place, CancellationToken cancellationToken)
    {
        var span = StepRecord.Other(Source, _traceId, IdOf(told), "error");
        span.ParentSpanId = above;
        var error = ImportJson.Object(told, "error") ?? default;
        span.Fail(ImportJson.Text(error, "message") ?? "The sample failed.");
        span.Add("exception.stacktrace", ImportJson.Text(error, "traceback"));
        Time(span, time, time);
        await _sink.AddAsync(span, place, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask CloseAsync(string id, OpenSpan open, ulong? last, CancellationToken cancellationToken)
    {
        var name = ImportJson.Text(open.Begin, "name") ?? "span";
        var isAgent = ImportJson.Text(open.Begin, "type") == "agent";
        var span = isAgent ? StepRecord.Run(Source, _traceId, SpanIdOf(id), name) : StepRecord.Other(Source, _traceId, SpanIdOf(id), name);
        span.ParentSpanId = open.Parent;
        span.Add("inspect.span.type", ImportJson.Text(open.Begin, "type"));
        Time(span, open.Start, open.End ?? (open.Start is null ? null : last));
        await _sink.AddAsync(span, open.Place, cancellationToken).ConfigureAwait(false);
    }

    private void Time(OtlpSpan span, ulong? start, ulong? end)
    {
        if (span.SetTimes(_clock, start, end))
        {
            _sink.WithoutTime++;
        }
    }

    private string IdOf(JsonElement told) => ImportIds.SpanOf(_traceId, ImportJson.Text(told, "uuid") is { } uuid ? "event " + uuid : "number " + Text(_number));

    private string SpanIdOf(string id) => ImportIds.SpanOf(_traceId, "span " + id);

    private string Messages(string role, JsonElement input) => input.ValueKind == JsonValueKind.Array
        ? _attachments.Resolve(input) : $$"""[{"role":"{{role}}","content":{{_attachments.Resolve(input)}}}]""";

    private static ulong? Later(ulong? one, ulong? other) => one is null ? other : other is null || one >= other ? one : other;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed class OpenSpan(JsonElement begin, ulong? start, FilePlace place, string parent)
    {
        public JsonElement Begin => begin;

        public ulong? Start => start;

        public ulong? End { get; set; }

        public FilePlace Place => place;

        public string Parent => parent;
    }
}
