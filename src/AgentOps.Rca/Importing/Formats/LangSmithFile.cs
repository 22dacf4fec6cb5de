using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Importing.Sources;
using AgentOps.Rca.Importing.Steps;
using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>
/// Runs of LangSmith, as its client and its exports write them: a line each, a list, under <c>runs</c>, one with its children within it, or as
/// they began and what became of them.
/// </summary>
internal sealed class LangSmithFile : IFileFormat
{
    private const int MostDepth = 64;

    public string Name => ImportFormats.LangSmith;

    public bool Knows(FileShape shape) => shape.Any(static value => value.Has("run_type") && (value.Has("inputs") || value.Has("start_time") || value.Has("dotted_order")))
        || shape.Any(static value => value.Has("runs[]")) || LangSmithBatch.Knows(shape);

    public async ValueTask<long> ReadAsync(ImportContent content, ImportSink sink, CancellationToken cancellationToken)
    {
        var count = 0L;
        var isWrapped = !content.Shape.IsLines && !content.Shape.IsArray && content.Shape.Any("runs[]");
        var records = LangSmithBatch.Knows(content.Shape) ? LangSmithBatch.ReadAsync(content, sink, cancellationToken)
            : isWrapped ? content.MembersAsync(static name => name == "runs", cancellationToken) : content.RecordsAsync(cancellationToken);
        await foreach (var record in records.ConfigureAwait(false))
        {
            if (record.Problem is { } problem)
            {
                sink.LeaveOut(problem, record.Place);
            }
            else
            {
                count += await TakeAsync(record.Value, record.Place, null, null, 0, sink, cancellationToken).ConfigureAwait(false);
            }
        }

        return count;
    }

    private static async ValueTask<long> TakeAsync(
        JsonElement run, FilePlace place, string? root, string? parent, int depth, ImportSink sink, CancellationToken cancellationToken)
    {
        if (ImportJson.Text(run, "id") is not { } id || ImportJson.Text(run, "run_type") is not { } type)
        {
            sink.LeaveOut("A run has no id or no type.", place);
            return 0;
        }

        parent = ImportJson.Text(run, "parent_run_id") ?? parent;
        root = ImportJson.Text(run, "trace_id") ?? RootOf(run) ?? root ?? (parent is null ? id : parent);
        var span = Map(run, id, type, root, parent);
        var start = RunClock.Read(ImportJson.Find(run, "start_time"));
        if (span.SetTimes(new RunClock(), start, RunClock.Read(ImportJson.Find(run, "end_time"))))
        {
            sink.WithoutTime++;
        }

        await sink.AddAsync(span, place, cancellationToken).ConfigureAwait(false);
        var (count, index) = (1L, 0);
        foreach (var child in ImportJson.Items(run, "child_runs"))
        {
            if (depth == MostDepth)
            {
                sink.LeaveOut($"Runs lie within each other more than {MostDepth} times.", place);
                break;
            }

            var at = place with { Pointer = $"{place.Pointer}/child_runs/{index++.ToString(CultureInfo.InvariantCulture)}" };
            count += await TakeAsync(child, at, root, id, depth + 1, sink, cancellationToken).ConfigureAwait(false);
        }

        return count;
    }

    // The first part of the order is the outermost run: its time, and its id without dashes behind the letter Z.
    private static string? RootOf(JsonElement run)
    {
        var order = ImportJson.Text(run, "dotted_order");
        var first = order?.Split('.', 3) is [_, ..] parts ? string.Join('.', parts.Take(2)) : null;
        var mark = first?.IndexOf('Z', StringComparison.Ordinal) ?? -1;
        return mark > 0 && first!.Length >= mark + 37 && Guid.TryParse(first.AsSpan(mark + 1, 36), out var id) ? id.ToString("D") : null;
    }

    private static OtlpSource Source { get; } = StepRecord.Source("langsmith");

    private static OtlpSpan Map(JsonElement run, string id, string type, string root, string? parent)
    {
        var trace = ImportIds.TraceOf(ImportFormats.LangSmith, root.ToLowerInvariant());
        var spanId = ImportIds.SpanOf(trace, id.ToLowerInvariant());
        var name = ImportJson.Text(run, "name") ?? type;
        var extra = ImportJson.Object(run, "extra") ?? default;
        var span = type switch
        {
            "llm" => StepRecord.Model(Source, trace, spanId, Text(extra, "metadata", "ls_model_name") ?? Text(extra, "invocation_params", "model") ?? Text(extra, "invocation_params", "model_name") ?? name),
            "tool" or "retriever" => StepRecord.Tool(Source, trace, spanId, name, Text(extra, "tool_call_id", "") ?? ImportJson.Text(run, "tool_call_id")),
            "chain" when parent is null || Text(extra, "metadata", "ls_agent_type") is not null => StepRecord.Run(Source, trace, spanId, name),
            _ => StepRecord.Other(Source, trace, spanId, name),
        };
        span.ParentSpanId = parent is null ? null : ImportIds.SpanOf(trace, parent.ToLowerInvariant());
        var isTool = type is "tool" or "retriever";
        span.Add(isTool ? StepRecord.Arguments : "gen_ai.input", ImportJson.Find(run, "inputs") is { } inputs ? ImportJson.ContentOf(inputs) : null);
        span.Add(isTool ? StepRecord.Result : "gen_ai.output", ImportJson.Find(run, "outputs") is { } outputs ? ImportJson.ContentOf(outputs) : null);
        span.Add("langsmith.run_type", type);
        span.Add("session.id", Text(extra, "metadata", "session_id") ?? Text(extra, "metadata", "thread_id"));
        if (type == "llm")
        {
            var usage = UsageOf(run);
            span.Add("gen_ai.usage.input_tokens", ImportJson.Count(run, "prompt_tokens") ?? usage.Input);
            span.Add("gen_ai.usage.output_tokens", ImportJson.Count(run, "completion_tokens") ?? usage.Output);
            span.Add("gen_ai.tool.definitions", ImportJson.Find(extra, "invocation_params", "tools") is { ValueKind: JsonValueKind.Array } tools && tools.GetArrayLength() > 0 ? ImportJson.RawOf(tools) : null);
        }

        if (ImportJson.Text(run, "error") is { } error)
        {
            span.Fail(error);
        }

        return span;
    }

    private static (long? Input, long? Output) UsageOf(JsonElement run)
    {
        foreach (var usage in (ReadOnlySpan<JsonElement?>)[
            ImportJson.Find(run, "outputs", "usage_metadata"), ImportJson.Find(run, "outputs", "llm_output", "token_usage"), ImportJson.Find(run, "extra", "metadata", "usage_metadata"),
            ImportJson.Find(run, "outputs", "usage")])
        {
            if (usage is { } found)
            {
                return (ImportJson.Count(found, "input_tokens") ?? ImportJson.Count(found, "prompt_tokens"), ImportJson.Count(found, "output_tokens") ?? ImportJson.Count(found, "completion_tokens"));
            }
        }

        return default;
    }

    private static string? Text(JsonElement value, string name, string member) =>
        (member.Length == 0 ? ImportJson.Find(value, name) : ImportJson.Find(value, name, member)) is { ValueKind: JsonValueKind.String } text && ImportJson.TextOf(text) is { Length: > 0 } said ? said : null;
}
