using System.Buffers;
using System.Text.Json;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Reading;

/// <summary>What a step was given and gave back as one value each, without the ids that are made anew in every run.</summary>
internal static class StepValues
{
    /// <summary>What it was given, or null when that was not recorded.</summary>
    public static JsonElement? Inputs(AgentStep step) => step switch
    {
        ModelStep { HasContent: true } model => Messages(model.Input),
        ToolStep { Arguments: { } arguments } => arguments.Value,
        RunStep { Request.Count: > 0 } run => Messages(run.Request),
        _ => null,
    };

    /// <summary>What it gave back, or null when that was not recorded.</summary>
    public static JsonElement? Outputs(AgentStep step) => step switch
    {
        ModelStep { Output.Count: > 0 } model => Messages(model.Output),
        ToolStep { Result: { } result } => result.Value,
        RunStep { Answer.Count: > 0 } run => Messages(run.Answer),
        GuardrailStep { Result: { } result } => result.Value,
        _ => null,
    };

    private static JsonElement Messages(List<RunMessage> messages)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartArray();
            foreach (var message in messages)
            {
                json.WriteStartObject();
                json.WriteString("role", message.Role);
                Write(json, "texts", message.Texts, static (writer, text) => writer.WriteStringValue(text.Text));
                Write(json, "calls", message.Calls, static (writer, call) => Write(writer, call.Name, call.Arguments));
                Write(json, "answers", message.Answers, static (writer, answer) => Write(writer, answer.Name ?? "", answer.Result));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return JsonElement.Parse(buffer.WrittenSpan, new JsonDocumentOptions { MaxDepth = 128 });
    }

    private static void Write<T>(Utf8JsonWriter json, string name, List<T> items, Action<Utf8JsonWriter, T> write)
    {
        if (items.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        items.ForEach(item => write(json, item));
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, Payload? payload)
    {
        json.WriteStartObject();
        json.WritePropertyName(name);
        if (payload is { Value.ValueKind: not JsonValueKind.Undefined })
        {
            payload.Value.WriteTo(json);
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteEndObject();
    }
}
