using System.Text.Json;
using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Importing.Steps;

/// <summary>
/// Makes the spans of a run by OpenTelemetry's conventions for generative AI, so that they take the same way as those of an exporter. Shared by the
/// readers of all formats.
/// </summary>
internal static class StepRecord
{
    public const string InputMessages = "gen_ai.input.messages";
    public const string OutputMessages = "gen_ai.output.messages";
    public const string Arguments = "gen_ai.tool.call.arguments";
    public const string Result = "gen_ai.tool.call.result";

    /// <summary>Says which of a span's times the file does not have.</summary>
    public const string TimesMissing = "agentops.times_missing";

    /// <summary>Says how the user ended a call, which is no failure of its tool.</summary>
    public const string EndedByUser = "agentops.ended_by_user";

    /// <summary>Who wrote the file.</summary>
    /// <param name="service">The program or the framework.</param>
    /// <param name="version">Its version, or null.</param>
    public static OtlpSource Source(string service, string? version = null)
    {
        var resource = new OtlpAttributes();
        resource.Add("service.name", OtlpValue.Of(service));
        if (version is { Length: > 0 })
        {
            resource.Add("service.version", OtlpValue.Of(version));
        }

        return new OtlpSource(resource, service, version);
    }

    public static OtlpSpan Run(OtlpSource source, string traceId, string spanId, string? agent) =>
        Make(source, traceId, spanId, "invoke_agent", "gen_ai.agent.name", agent);

    public static OtlpSpan Model(OtlpSource source, string traceId, string spanId, string? model) =>
        Make(source, traceId, spanId, "chat", "gen_ai.request.model", model);

    public static OtlpSpan Tool(OtlpSource source, string traceId, string spanId, string tool, string? callId)
    {
        var span = Make(source, traceId, spanId, "execute_tool", "gen_ai.tool.name", tool);
        span.Add("gen_ai.tool.call.id", callId);
        return span;
    }

    /// <summary>The definition of a tool of which only the name is known.</summary>
    public static string ToolNamed(JsonElement name) => $$"""{"name":{{ImportJson.RawOf(name)}}}""";

    /// <summary>A span without a meaning of its own: a step of a framework.</summary>
    public static OtlpSpan Other(OtlpSource source, string traceId, string spanId, string name) =>
        new() { Source = source, TraceId = traceId, SpanId = spanId, Name = name };

    /// <summary>Sets an attribute that is there.</summary>
    public static void Add(this OtlpSpan span, string name, string? text)
    {
        if (text is { Length: > 0 })
        {
            span.Attributes.Add(name, OtlpValue.Of(text));
        }
    }

    /// <summary>Sets a count that is there.</summary>
    public static void Add(this OtlpSpan span, string name, long? count)
    {
        if (count is { } number)
        {
            span.Attributes.Add(name, OtlpValue.Of(number));
        }
    }

    /// <summary>Says that the step failed.</summary>
    public static void Fail(this OtlpSpan span, string? message, string? type = null)
    {
        span.StatusCode = 2;
        span.StatusMessage = message is null ? null : OtlpText.Shorten(message, 4096);
        span.Add("error.type", type);
    }

    /// <summary>Sets the times, and says which of them the file does not have.</summary>
    /// <returns>Whether it has neither.</returns>
    public static bool SetTimes(this OtlpSpan span, RunClock clock, ulong? start, ulong? end)
    {
        span.StartNs = start ?? (end is { } only ? only : clock.Tell(null));
        span.EndNs = end ?? (start is null ? clock.Tell(null) : start.Value);
        clock.Tell(Math.Max(clock.Last, span.EndNs));
        if (span.EndNs < span.StartNs)
        {
            // Clocks that were set back: the end stands, and no step ends before it starts.
            span.StartNs = span.EndNs;
        }

        if (start is null || end is null)
        {
            span.Add(TimesMissing, start is not null ? "end" : end is not null ? "start" : "start and end");
        }

        return start is null && end is null;
    }

    private static OtlpSpan Make(OtlpSource source, string traceId, string spanId, string operation, string nameOf, string? name)
    {
        var span = new OtlpSpan { Source = source, TraceId = traceId, SpanId = spanId, Name = name is null ? operation : $"{operation} {name}" };
        span.Add("gen_ai.operation.name", operation);
        span.Add(nameOf, name);
        return span;
    }
}
