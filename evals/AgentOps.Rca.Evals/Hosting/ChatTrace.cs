using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AgentOps.Rca.Evals.Hosting;

/// <summary>
/// A conversation as the OTLP that an exporter of OpenTelemetry's conventions for generative AI sends: one run of an agent, a span for each model
/// call with all messages before it, and one for each tool call. Messages and definitions are JSON in text attributes.
/// </summary>
internal sealed class ChatTrace : IDisposable
{
    private const long Start = 1_767_261_600_000_000_000;
    private const long Second = 1_000_000_000;
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Utf8JsonWriter _json;
    private int _spans;

    /// <summary>Opens the trace and writes the agent's run, which lasts for so many messages.</summary>
    public ChatTrace(string traceId, string system, string agent, int messages)
    {
        TraceId = traceId;
        _json = new Utf8JsonWriter(_buffer, Options);
        _json.WriteStartObject();
        Open("resourceSpans");
        _json.WritePropertyName("resource");
        WriteAttributes([("service.name", system)], asObject: true);
        Open("scopeSpans");
        _json.WriteStartArray("spans");
        Root = Add(null, $"invoke_agent {agent}", 0, messages, [("gen_ai.operation.name", "invoke_agent"), ("gen_ai.agent.name", agent)]);
    }

    public string TraceId { get; }

    /// <summary>The id of the run's span, without its trace.</summary>
    public string Root { get; }

    public void Dispose() => _json.Dispose();

    /// <summary>The id under which a span is stored.</summary>
    public string StoredId(string spanId) => $"{TraceId}:{spanId}";

    /// <summary>Writes a model call: what stands in the conversation before it, and what it said.</summary>
    /// <param name="from">The place of what it said in the conversation: its time.</param>
    /// <param name="to">The place at which it has ended.</param>
    /// <param name="input">All messages before, each as JSON.</param>
    /// <param name="output">The message that it said, as JSON.</param>
    /// <param name="finish">Why it stopped.</param>
    /// <param name="more">Other attributes.</param>
    public string AddModelCall(double from, double to, IEnumerable<string> input, string output, string finish, params IEnumerable<(string, string)> more) =>
        Add(Root, "chat gpt-4o", from, to,
        [
            ("gen_ai.operation.name", "chat"), ("gen_ai.provider.name", "openai"), ("gen_ai.request.model", "gpt-4o"),
            ("gen_ai.input.messages", $"[{string.Join(',', input)}]"), ("gen_ai.output.messages", $"[{output}]"), ("gen_ai.response.finish_reasons", finish), .. more,
        ]);

    /// <summary>Writes a tool call. An error that only its result tells has no status.</summary>
    public string AddToolCall(string parent, double at, string name, string callId, string arguments, string? result) =>
        Add(parent, $"execute_tool {name}", at, at + 0.1,
        [
            ("gen_ai.operation.name", "execute_tool"), ("gen_ai.tool.name", name), ("gen_ai.tool.type", "function"), ("gen_ai.tool.call.id", callId),
            ("gen_ai.tool.call.arguments", arguments), .. result is null ? [] : new[] { ("gen_ai.tool.call.result", result) },
        ]);

    /// <summary>A message of the conventions' form; parts are JSON.</summary>
    public static string Message(string role, IEnumerable<string> parts, string? finish = null, string? name = null) =>
        $$"""{"role":{{Quote(role)}}{{(name is null ? "" : $",\"name\":{Quote(name)}")}},"parts":[{{string.Join(',', parts)}}]{{(finish is null ? "" : $",\"finish_reason\":{Quote(finish)}")}}}""";

    public static string TextPart(string text) => $$"""{"type":"text","content":{{Quote(text)}}}""";

    public static string Quote(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";

    /// <summary>Ends the request and gives its bytes.</summary>
    public ReadOnlyMemory<byte> ToOtlp()
    {
        for (var i = 0; i < 2; i++)
        {
            _json.WriteEndArray();
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
        _json.WriteEndObject();
        _json.Flush();
        return _buffer.WrittenMemory;
    }

    private void Open(string name)
    {
        _json.WriteStartArray(name);
        _json.WriteStartObject();
    }

    private string Add(string? parent, string name, double from, double to, IReadOnlyList<(string Name, string Value)> attributes)
    {
        var id = (++_spans).ToString("x16", CultureInfo.InvariantCulture);
        _json.WriteStartObject();
        _json.WriteString("traceId", TraceId);
        _json.WriteString("spanId", id);
        if (parent is not null)
        {
            _json.WriteString("parentSpanId", parent);
        }

        _json.WriteString("name", name);
        _json.WriteNumber("kind", name.StartsWith("chat", StringComparison.Ordinal) ? 3 : 1);
        _json.WriteString("startTimeUnixNano", Time(from));
        _json.WriteString("endTimeUnixNano", Time(to));
        WriteAttributes(attributes, asObject: false);
        _json.WriteEndObject();
        return id;
    }

    private void WriteAttributes(IReadOnlyList<(string Name, string Value)> attributes, bool asObject)
    {
        if (asObject)
        {
            _json.WriteStartObject();
        }

        _json.WriteStartArray("attributes");
        foreach (var (name, value) in attributes)
        {
            _json.WriteStartObject();
            _json.WriteString("key", name);
            _json.WriteStartObject("value");
            if (name == "gen_ai.response.finish_reasons")
            {
                _json.WriteStartObject("arrayValue");
                _json.WriteStartArray("values");
                _json.WriteStartObject();
                _json.WriteString("stringValue", value);
                _json.WriteEndObject();
                _json.WriteEndArray();
                _json.WriteEndObject();
            }
            else
            {
                _json.WriteString("stringValue", value);
            }

            _json.WriteEndObject();
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
        if (asObject)
        {
            _json.WriteEndObject();
        }
    }

    private static string Time(double place) => (Start + (long)(place * Second)).ToString(CultureInfo.InvariantCulture);
}
