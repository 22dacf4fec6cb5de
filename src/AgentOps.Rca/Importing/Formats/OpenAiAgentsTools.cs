using System.Text.Json;
using AgentOps.Rca.Importing.Steps;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>
/// Which tools the agents of a file of OpenAI's Agents SDK had: a span of an agent names them, and the calls of its model stand below it. An agent
/// that can hand over is left out: what its model calls to hand over is no tool of that list, and may have any name.
/// </summary>
internal sealed class OpenAiAgentsTools
{
    private const int MostSpans = 1_000_000;
    private const int MostSteps = 64;

    private readonly Dictionary<string, string> _offered = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _above = new(StringComparer.Ordinal);

    /// <summary>Looks at a record: of spans that others may stand below, what they offer or where they stand.</summary>
    public void Note(JsonElement item)
    {
        if (ImportJson.Text(item, "trace_id") is not { } run || ImportJson.Text(item, "id") is not { } key || ImportJson.Object(item, "span_data") is not { } data)
        {
            return;
        }

        var trace = ImportIds.TraceOf(ImportFormats.OpenAiAgents, run);
        switch (ImportJson.Text(data, "type"))
        {
            case "generation" or "response" or "function" or "handoff" or "guardrail" or "transcription" or "speech":
                break;
            case "agent":
                if (!ImportJson.Items(data, "handoffs").Any() && DefinitionsOf(data) is { } tools && _offered.Count < MostSpans)
                {
                    _offered.TryAdd(ImportIds.SpanOf(trace, key), tools);
                }

                break;
            default:
                if (ImportJson.Text(item, "parent_id") is { } parent && _above.Count < MostSpans)
                {
                    _above.TryAdd(ImportIds.SpanOf(trace, key), ImportIds.SpanOf(trace, parent));
                }

                break;
        }
    }

    /// <summary>The tools of a model call, as definitions that the engine reads; null when none are known.</summary>
    /// <param name="data">What the span says of itself.</param>
    /// <param name="parent">The id of the span that it stands below.</param>
    public string? Of(JsonElement data, string parent)
    {
        if ((DefinitionsOf(data) ?? DefinitionsOf(ImportJson.Object(data, "response") ?? default)) is { } own)
        {
            return own;
        }

        for (var step = 0; step < MostSteps; step++)
        {
            if (_offered.TryGetValue(parent, out var tools) || !_above.TryGetValue(parent, out var above))
            {
                return tools;
            }

            parent = above;
        }

        return null;
    }

    // Definitions as they are; where a tool is only named, its name.
    private static string? DefinitionsOf(JsonElement holder)
    {
        if (ImportJson.Find(holder, "tools") is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() == 0)
        {
            return null;
        }

        var tools = list.EnumerateArray();
        return tools.Any(static tool => tool.ValueKind == JsonValueKind.String)
            ? $"[{string.Join(',', tools.Select(static tool => tool.ValueKind == JsonValueKind.String ? StepRecord.ToolNamed(tool) : ImportJson.RawOf(tool)))}]"
            : ImportJson.RawOf(list);
    }
}
