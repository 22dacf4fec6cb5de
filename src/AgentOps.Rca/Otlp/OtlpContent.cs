using System.Buffers;
using System.Text;
using System.Text.Json;

namespace AgentOps.Rca.Otlp;

/// <summary>
/// What a call was given and what it gave back, taken out of a span's attributes and events. It becomes artifacts, so that the span
/// stays small and the same content is stored once.
/// </summary>
/// <remarks>
/// Names: OpenTelemetry's semantic conventions for generative AI (the current ones; the ones before, in which messages were events; and
/// <c>gen_ai.prompt</c>), and OpenInference.
/// </remarks>
internal sealed class OtlpContent
{
    private static readonly string[] ArgumentNames =
        ["gen_ai.tool.call.arguments", "gen_ai.input.messages", "gen_ai.system_instructions", "gen_ai.tool.definitions", "gen_ai.prompt", "input.value"];

    private static readonly string[] ResultNames = ["gen_ai.tool.call.result", "gen_ai.output.messages", "gen_ai.completion", "output.value"];
    private static readonly string[] ArgumentPrefixes = ["llm.input_messages.", "gen_ai.prompt."];
    private static readonly string[] ResultPrefixes = ["llm.output_messages.", "gen_ai.completion."];
    private const string Details = "gen_ai.client.inference.operation.details";

    // Most spans have no content, so the lists are made when the first part comes.
    private List<KeyValuePair<string, OtlpValue>>? _arguments;
    private List<KeyValuePair<string, OtlpValue>>? _results;
    private List<OtlpEvent>? _argumentEvents;
    private List<OtlpEvent>? _resultEvents;

    /// <summary>Forgets what was taken, for the next span.</summary>
    public void Clear() => (_arguments, _results, _argumentEvents, _resultEvents) = (null, null, null, null);

    /// <summary>Takes the attribute when it is content; the span then does not keep it.</summary>
    public bool Take(string name, OtlpValue value)
    {
        // Nearly all attributes are neither; their first letters tell.
        if (name.Length < 9 || name[0] is not ('g' or 'i' or 'o' or 'l') || value.Kind == OtlpValueKind.None)
        {
            return false;
        }

        var list = Is(name, ArgumentNames, ArgumentPrefixes) ? _arguments ??= []
            : Is(name, ResultNames, ResultPrefixes) ? _results ??= [] : null;
        if (list is null)
        {
            return false;
        }

        if (!list.Exists(part => part.Key == name))
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
    public static bool IsContent(string name) => Is(name, ArgumentNames, ArgumentPrefixes) || Is(name, ResultNames, ResultPrefixes);

    /// <summary>The bytes of the arguments, or null when none were recorded.</summary>
    public OtlpArtifact? Arguments() => _arguments is null && _argumentEvents is null ? null : Assemble(_arguments ?? [], _argumentEvents ?? []);

    /// <summary>The bytes of the result, or null when none was recorded.</summary>
    public OtlpArtifact? Result() => _results is null && _resultEvents is null ? null : Assemble(_results ?? [], _resultEvents ?? []);

    private static bool Is(string name, string[] names, string[] prefixes) =>
        Array.IndexOf(names, name) >= 0 || Array.Exists(prefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    // One part stands for itself; several are the members of an object, in the order of their names.
    private static OtlpArtifact Assemble(List<KeyValuePair<string, OtlpValue>> parts, List<OtlpEvent> events)
    {
        if (events.Count == 0 && parts is [{ Value.Text: { } text }])
        {
            return new OtlpArtifact(Encoding.UTF8.GetBytes(text), IsJson(text) ? OtlpArtifact.Json : OtlpArtifact.PlainText);
        }

        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, OtlpArtifact.JsonOptions))
        {
            if (events.Count == 0 && parts.Count == 1)
            {
                parts[0].Value.Write(json);
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
            if (value.Text is { } text && IsJson(text))
            {
                json.WriteRawValue(text);
            }
            else
            {
                value.Write(json);
            }
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

    private static bool IsJson(string text)
    {
        if (text.AsSpan().TrimStart() is not ['{' or '[', ..])
        {
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            return false;
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
