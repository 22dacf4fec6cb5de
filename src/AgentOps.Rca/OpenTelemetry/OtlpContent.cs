using System.Buffers;
using System.Text;
using System.Text.Json;

namespace AgentOps.Rca.OpenTelemetry;

/// <summary>
/// What a call was given and what it gave back, taken out of a span's attributes and events. It becomes artifacts, so that the span
/// stays small and the same content is stored once.
/// </summary>
internal sealed class OtlpContent
{
    private const string Details = "gen_ai.client.inference.operation.details";

    // What is longer than this is no detail of a step, whatever it is called.
    private const int Long = 16 * 1024;

    private static readonly string[] ResultWords = ["output", "result", "response", "completion"];

    // Most spans have no content, so the lists are made when the first part comes.
    private List<KeyValuePair<string, OtlpValue>>? _arguments;
    private List<KeyValuePair<string, OtlpValue>>? _results;
    private List<OtlpEvent>? _argumentEvents;
    private List<OtlpEvent>? _resultEvents;

    private OtlpDialect _dialects;
    private bool _isTool;

    /// <summary>Forgets what was taken, for the next span.</summary>
    public void Clear(OtlpSpan record, OtlpStep step)
    {
        (_arguments, _results, _argumentEvents, _resultEvents) = (null, null, null, null);
        _isTool = step.Kind == OtlpSpanKind.Tool;
        _dialects = !record.Attributes.MayNameAgent ? OtlpDialect.None
            : (record.Attributes.Find(OtlpDialects.MastraKind).Kind != OtlpValueKind.None ? OtlpDialect.Mastra : OtlpDialect.None)
            | (IsPydantic(record) ? OtlpDialect.Pydantic : OtlpDialect.None);
    }

    /// <summary>Takes the attribute of a step of an agent when it is content; the span then does not keep it.</summary>
    public bool Take(string name, OtlpValue value)
    {
        if (value.Kind == OtlpValueKind.None)
        {
            return false;
        }

        var side = OtlpContentNames.SideOf(name, _dialects, out var isWhole);
        if (side == OtlpContentSide.None && value.TextLength > Long)
        {
            side = Array.Exists(ResultWords, word => name.Contains(word, StringComparison.OrdinalIgnoreCase))
                ? OtlpContentSide.Result : OtlpContentSide.Arguments;
        }

        // Google's ADK writes an empty request and an empty answer of a model on its tools.
        if (side == OtlpContentSide.None || (_isTool && name.StartsWith("gcp.vertex.agent.llm_", StringComparison.Ordinal) && value.Text == "{}"))
        {
            return false;
        }

        // Some frameworks say the same twice, by their own name and by the common one.
        var list = side == OtlpContentSide.Arguments ? _arguments ??= [] : _results ??= [];
        if (!list.Exists(part => part.Key == name || (isWhole && part.Value.IsSameText(value))))
        {
            list.Add(new(name, value));
        }

        return true;
    }

    /// <summary>Takes the event when it is a message to or from a model; the span then does not keep it.</summary>
    public bool Take(OtlpEvent found)
    {
        switch (found.Name)
        {
            case "gen_ai.system.message" or "gen_ai.user.message" or "gen_ai.assistant.message" or "gen_ai.tool.message" or "gen_ai.content.prompt":
                (_argumentEvents ??= []).Add(found);
                return true;
            case "gen_ai.choice" or "gen_ai.content.completion":
                (_resultEvents ??= []).Add(found);
                return true;
            case Details:
                foreach (var (name, value) in found.Attributes.Items)
                {
                    Take(name, value);
                }

                return false;
            default:
                return false;
        }
    }

    /// <summary>Whether the attribute of an event is content that <see cref="Take(OtlpEvent)"/> took.</summary>
    public static bool IsContent(string name) => OtlpContentNames.SideOf(name, OtlpDialect.None, out _) != OtlpContentSide.None;

    /// <summary>The bytes of the arguments, or null when none were recorded.</summary>
    public OtlpArtifact? Arguments() => _arguments is null && _argumentEvents is null ? null : Assemble(_arguments ?? [], _argumentEvents ?? []);

    /// <summary>The bytes of the result, or null when none was recorded.</summary>
    public OtlpArtifact? Result() => _results is null && _resultEvents is null ? null : Assemble(_results ?? [], _resultEvents ?? []);

    private static bool IsPydantic(OtlpSpan record) =>
        (record.Source.ScopeName is { } scope
            && (scope.StartsWith("pydantic-ai", StringComparison.Ordinal) || scope.StartsWith("logfire", StringComparison.Ordinal)))
        || (record.Attributes.Find("gen_ai.tool.name").Kind != OtlpValueKind.None && record.Attributes.Find("tool_arguments").Kind != OtlpValueKind.None);

    // One part stands for itself; several are the members of an object, in the order of their names.
    private static OtlpArtifact Assemble(List<KeyValuePair<string, OtlpValue>> parts, List<OtlpEvent> events)
    {
        if (events.Count == 0 && parts is [{ Value.Text: { } text }])
        {
            return new OtlpArtifact(Encoding.UTF8.GetBytes(text), OtlpJsonText.IsJson(text) ? OtlpArtifact.Json : OtlpArtifact.PlainText);
        }

        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, OtlpArtifact.JsonOptions))
        {
            if (events.Count == 0 && parts.Count == 1)
            {
                WriteValue(json, parts[0].Value);
            }
            else
            {
                WriteParts(json, parts, events);
            }
        }

        return new OtlpArtifact(buffer.WrittenSpan.ToArray(), OtlpArtifact.Json);
    }

    private static void WriteParts(Utf8JsonWriter json, List<KeyValuePair<string, OtlpValue>> parts, List<OtlpEvent> events)
    {
        json.WriteStartObject();
        foreach (var (name, value) in parts.OrderBy(part => part.Key, StringComparer.Ordinal))
        {
            json.WritePropertyName(name);
            WriteValue(json, value);
        }

        if (events.Count > 0)
        {
            json.WriteStartArray("messages");
            foreach (var message in events)
            {
                json.WriteStartObject();
                json.WriteString("event", message.Name);
                message.Attributes.WriteMembers(json, except: "event");
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    // Text that is JSON stands as JSON, and so do the items of a list, when all of them are.
    private static void WriteValue(Utf8JsonWriter json, OtlpValue value)
    {
        if (value.Text is { } text && OtlpJsonText.IsJson(text))
        {
            json.WriteRawValue(text);
        }
        else if (value.Items is { Count: > 0 } items && items.TrueForAll(static item => item.Text is { } text && OtlpJsonText.IsJson(text)))
        {
            json.WriteStartArray();
            foreach (var item in items)
            {
                json.WriteRawValue(item.Text!);
            }

            json.WriteEndArray();
        }
        else
        {
            value.Write(json);
        }
    }
}

/// <summary>Bytes that are to be stored before the span that names them.</summary>
internal sealed record OtlpArtifact(byte[] Content, string Mime)
{
    public const string Json = "application/json";
    public const string PlainText = "text/plain; charset=utf-8";

    /// <summary>Text is stored as it is read, not escaped for HTML.</summary>
    public static JsonWriterOptions JsonOptions { get; } = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };
}
