using System.Text.Json;

namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>Reads which tools a model was offered, in the forms that frameworks record definitions in.</summary>
internal static class OfferedTools
{
    private static readonly string[] Containers =
        ["gen_ai.tool.definitions", "gen_ai.request.tools", "ai.prompt.tools", "tools", "functions", "options", "body", "request", "kwargs", "model_request_parameters", "function_tools", "config", "input", "invocation_params",
         "llm.tools", "input.value", "llm.invocation_parameters", "langfuse.observation.input", "mlflow.spanInputs", "mlflow.chat.tools", "toolDeclarations", "functionDeclarations", "function_declarations"];

    /// <summary>Adds the tools that are defined in a value; each name once.</summary>
    public static void Read(JsonElement value, Place place, Dictionary<string, OfferedTool> tools) => Read(value, place, inner: false, depth: 0, tools);

    private static void Read(JsonElement value, Place place, bool inner, int depth, Dictionary<string, OfferedTool> tools)
    {
        if (depth > 6 || value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.String))
        {
            return;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            if (Envelope.TryParse(value.GetString()!, out var parsed) && !(parsed.ValueKind == JsonValueKind.Object && Define(parsed, place, inner: true, tools)))
            {
                Read(parsed, place, inner: true, depth + 1, tools);
            }

            return;
        }

        if (value.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var item in value.EnumerateArray())
            {
                var at = inner ? place : place.Item(index++);
                if (item.ValueKind == JsonValueKind.Object ? !Define(item, at, inner, tools) : item.ValueKind == JsonValueKind.String)
                {
                    Read(item, at, inner, depth + 1, tools);
                }
            }

            return;
        }

        foreach (var member in value.EnumerateObject())
        {
            if (Array.IndexOf(Containers, member.Name) >= 0)
            {
                Read(member.Value, inner ? place : place.Member(member.Name), inner, depth + 1, tools);
            }
            else if (member.Name.StartsWith("llm.tools.", StringComparison.Ordinal) && member.Name.EndsWith(".json_schema", StringComparison.Ordinal))
            {
                var at = inner ? place : place.Member(member.Name);
                if (member.Value.ValueKind == JsonValueKind.Object)
                {
                    Define(member.Value, at, inner, tools);
                }
                else if (member.Value.ValueKind == JsonValueKind.String && Envelope.TryParse(member.Value.GetString()!, out var definition))
                {
                    Define(definition, at, inner: true, tools);
                }
            }
            else if (member.Name.StartsWith("llm.request.functions.", StringComparison.Ordinal) && member.Name.EndsWith(".name", StringComparison.Ordinal)
                && member.Value.ValueKind == JsonValueKind.String)
            {
                var stem = member.Name[..^".name".Length];
                var schema = value.TryGetProperty(stem + ".parameters", out var given) ? given : default;
                schema = schema.ValueKind == JsonValueKind.String && Envelope.TryParse(schema.GetString()!, out var parsed) ? parsed : schema;
                Add(tools, member.Value.GetString()!, null, schema, inner ? place : place.Member(member.Name));
            }
        }
    }

    private static bool Define(JsonElement value, Place place, bool inner, Dictionary<string, OfferedTool> tools)
    {
        foreach (var name in (ReadOnlySpan<string>)["function", "toolSpec"])
        {
            if (value.TryGetProperty(name, out var within) && within.ValueKind == JsonValueKind.Object)
            {
                (value, place) = (within, inner ? place : place.Member(name));
            }
        }

        if (!value.TryGetProperty("name", out var tool) || tool.ValueKind != JsonValueKind.String || tool.GetString() is not { Length: > 0 } known || value.TryGetProperty("role", out _) || MessageParts.Type(value) is not null)
        {
            return false;
        }

        JsonElement schema = default;
        foreach (var name in (ReadOnlySpan<string>)["parameters", "inputSchema", "input_schema", "parameters_json_schema", "schema", "jsonSchema"])
        {
            if (value.TryGetProperty(name, out var given) && given.ValueKind == JsonValueKind.Object)
            {
                schema = given.TryGetProperty("jsonSchema", out var wrapped) && wrapped.ValueKind == JsonValueKind.Object ? wrapped
                    : given.TryGetProperty("json", out var json) && json.ValueKind == JsonValueKind.Object ? json : given;
                break;
            }
        }

        Add(tools, known, value.TryGetProperty("description", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null, schema, place);
        return true;
    }

    private static void Add(Dictionary<string, OfferedTool> tools, string name, string? description, JsonElement schema, Place place)
    {
        if (!tools.TryGetValue(name, out var known) || (known.Schema.ValueKind == JsonValueKind.Undefined && schema.ValueKind != JsonValueKind.Undefined))
        {
            tools[name] = new OfferedTool(name, description, schema, place);
        }
    }
}
