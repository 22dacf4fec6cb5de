using System.Text.Json;
using AgentOps.Rca.Importing.Sources;
using AgentOps.Rca.Importing.Steps;
using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>
/// Exports of Langfuse: a trace with its observations, a list of observations, or one a line. What OpenTelemetry said is kept there under
/// <c>metadata</c>, and ids that came from it stay, so the spans of an exporter that sent to both places are the same run.
/// </summary>
internal sealed class LangfuseFile : IFileFormat
{
    private const string List = "observations";
    private const int MostLayers = 3;

    private (string Raw, OtlpSource Source)? _last;

    public string Name => ImportFormats.Langfuse;

    public bool Knows(FileShape shape) => shape.Any(static value => value.Has("observations[]") || IsObservation(value));

    public async ValueTask<long> ReadAsync(ImportContent content, ImportSink sink, CancellationToken cancellationToken)
    {
        var count = 0L;
        var isTrace = !content.Shape.IsLines && !content.Shape.IsArray;
        var records = isTrace ? content.MembersAsync(static name => name is List or "data", cancellationToken) : content.RecordsAsync(cancellationToken);
        await foreach (var record in records.ConfigureAwait(false))
        {
            if (record.Problem is { } problem)
            {
                sink.LeaveOut(problem, record.Place);
                continue;
            }

            var observations = ImportJson.Items(record.Value, List).ToList();
            for (var i = 0; i < observations.Count; i++)
            {
                count++;
                await TakeAsync(observations[i], record.Place with { Pointer = $"{record.Place.Pointer}/{List}/{i}" }, sink, cancellationToken).ConfigureAwait(false);
            }

            if (observations.Count == 0 && (record.Index >= 0 || !isTrace))
            {
                count++;
                await TakeAsync(record.Value, record.Place, sink, cancellationToken).ConfigureAwait(false);
            }
        }

        return count;
    }

    private async ValueTask TakeAsync(JsonElement observation, FilePlace place, ImportSink sink, CancellationToken cancellationToken)
    {
        var run = Text(observation, "traceId", "trace_id");
        if (ImportJson.Text(observation, "id") is not { } id || run is null)
        {
            sink.LeaveOut("An observation has no id or names no trace.", place);
            return;
        }

        var metadata = Unwrap(ImportJson.Find(observation, "metadata"));
        var trace = ImportIds.GivenTraceOf(ImportFormats.Langfuse, run);
        var type = ImportJson.Text(observation, "type") ?? "SPAN";
        var span = StepRecord.Other(SourceOf(metadata), trace, ImportIds.GivenSpanOf(trace, id), ImportJson.Text(observation, "name") ?? type.ToLowerInvariant());
        span.ParentSpanId = Text(observation, "parentObservationId", "parent_observation_id") is { } parent ? ImportIds.GivenSpanOf(trace, parent) : null;
        var (input, output) = (Unwrap(ImportJson.Find(observation, "input")), Unwrap(ImportJson.Find(observation, "output")));
        AddAttributes(span, metadata, input is not null, output is not null);
        span.Add("langfuse.observation.type", type.ToLowerInvariant());
        span.Add("langfuse.observation.input", input is { } given ? ImportJson.ContentOf(given) : null);
        span.Add("langfuse.observation.output", output is { } said ? ImportJson.ContentOf(said) : null);
        span.Add("langfuse.observation.model.name", Text(observation, "model", "provided_model_name"));
        span.Add("langfuse.observation.level", ImportJson.Text(observation, "level") is { } level && level != "DEFAULT" ? level : null);
        span.Add("langfuse.observation.status_message", Text(observation, "statusMessage", "status_message"));
        if ((ImportJson.Object(observation, "usageDetails") ?? ImportJson.Object(observation, "usage_details") ?? ImportJson.Object(observation, "usage")) is { } usage && usage.EnumerateObject().Any())
        {
            span.Add("langfuse.observation.usage_details", ImportJson.RawOf(usage));
        }

        var start = RunClock.Read(ImportJson.Find(observation, "startTime") ?? ImportJson.Find(observation, "start_time"));
        var end = RunClock.Read(ImportJson.Find(observation, "endTime") ?? ImportJson.Find(observation, "end_time"));
        if (span.SetTimes(new RunClock(), start, end ?? (type == "EVENT" ? start : null)))
        {
            sink.WithoutTime++;
        }

        await sink.AddAsync(span, place, cancellationToken).ConfigureAwait(false);
    }

    // What is content stands in the observation itself.
    private static void AddAttributes(OtlpSpan span, JsonElement? metadata, bool hasInput, bool hasOutput)
    {
        if (metadata is not { } about || Unwrap(ImportJson.Find(about, "attributes")) is not { ValueKind: JsonValueKind.Object } attributes)
        {
            return;
        }

        foreach (var member in attributes.EnumerateObject())
        {
            var name = ImportJson.NameOf(member);
            var side = OtlpContentNames.SideOf(name, OtlpDialect.None, out _);
            if ((side != OtlpContentSide.Arguments || !hasInput) && (side != OtlpContentSide.Result || !hasOutput))
            {
                span.Attributes.Add(name, ImportJson.ValueOf(member.Value));
            }
        }
    }

    private OtlpSource SourceOf(JsonElement? metadata)
    {
        var resource = metadata is { } about ? Unwrap(ImportJson.Find(about, "resourceAttributes")) : null;
        var scope = metadata is { } around ? Unwrap(ImportJson.Find(around, "scope")) : null;
        var raw = $"{resource?.GetRawText()}\n{scope?.GetRawText()}";
        if (_last is { } last && last.Raw == raw)
        {
            return last.Source;
        }

        var attributes = new OtlpAttributes();
        foreach (var member in resource is { ValueKind: JsonValueKind.Object } of ? of.EnumerateObject() : default)
        {
            attributes.Add(ImportJson.NameOf(member), ImportJson.ValueOf(member.Value));
        }

        if (attributes.Items.Count == 0)
        {
            attributes.Add("service.name", OtlpValue.Of("langfuse"));
        }

        var source = new OtlpSource(attributes, scope is { } by ? ImportJson.Text(by, "name") : null, scope is { } version ? ImportJson.Text(version, "version") : null);
        _last = (raw, source);
        return source;
    }

    // JSON in texts in JSON, as an export writes what was itself recorded as text.
    private static JsonElement? Unwrap(JsonElement? value)
    {
        for (var layer = 0; layer < MostLayers && value is { ValueKind: JsonValueKind.String } text; layer++)
        {
            var said = ImportJson.TextOf(text);
            if (said.AsSpan().TrimStart() is not (['{' or '[' or '"', ..]))
            {
                break;
            }

            try
            {
                value = JsonElement.Parse(said);
            }
            catch (JsonException)
            {
                break;
            }
        }

        return value;
    }

    private static bool IsObservation(ValueShape value) =>
        (value.Has("traceId", "startTime") || value.Has("trace_id", "start_time")) && (value.Has("parentObservationId") || value.Has("parent_observation_id")
            || value["type"] is "SPAN" or "GENERATION" or "EVENT" or "TOOL" or "AGENT" or "CHAIN" or "RETRIEVER" or "EMBEDDING" or "EVALUATOR" or "GUARDRAIL");

    private static string? Text(JsonElement value, string name, string other) => ImportJson.Text(value, name) ?? ImportJson.Text(value, other);
}
