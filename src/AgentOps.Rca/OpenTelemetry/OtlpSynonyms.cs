using System.Collections.Frozen;
using System.Text.Json;

namespace AgentOps.Rca.OpenTelemetry;

/// <summary>
/// Says what a dialect says by its own names by the names of OpenTelemetry, too, beside them: the model, the tokens, why the model stopped,
/// the call that a tool answers, the agent, and that a step failed.
/// </summary>
internal static class OtlpSynonyms
{
    private const string FinishReasons = "gen_ai.response.finish_reasons";
    private const string FirstChoice = "gen_ai.completion.0.finish_reason";

    // Of several names the first that is there counts; the common name itself comes first.
    private static readonly (string Common, string[] Names)[] Common =
    [
        ("gen_ai.request.model", ["llm.model_name", "embedding.model_name", "llm.request.model", "ai.model.id", "langfuse.observation.model.name"]),
        ("gen_ai.response.model", ["ai.response.model", "llm.response.model"]),
        ("gen_ai.usage.input_tokens", [
            "gen_ai.usage.prompt_tokens", "llm.token_count.prompt", "ai.usage.inputTokens", "ai.usage.promptTokens", "ai.usage.tokens",
            "llm.usage.prompt_tokens",
        ]),
        ("gen_ai.usage.output_tokens", [
            "gen_ai.usage.completion_tokens", "llm.token_count.completion", "ai.usage.outputTokens", "ai.usage.completionTokens",
            "llm.usage.completion_tokens",
        ]),
        ("gen_ai.tool.call.id", ["ai.toolCall.id", "tool_call.id", "tool.id", "lk.function_tool.id"]),
        (FinishReasons, [
            "gen_ai.response.finish_reason", "ai.response.finishReason", "ai.finishReason", "llm.finish_reason", FirstChoice,
            "llm.response.finish_reason", "llm.response.stop_reason",
        ]),
        ("gen_ai.agent.name", ["agent.name", "agent_name"]),
    ];

    private const int ModelAt = 0;
    private const int AnswererAt = 1;
    private const int InputAt = 2;
    private const int OutputAt = 3;
    private const int FinishReasonsAt = 5;
    private const int AgentAt = 6;

    private static readonly FrozenDictionary<string, (int Common, int Rank)> Ranks = Common
        .SelectMany((entry, at) => entry.Names.Prepend(entry.Common).Select((name, rank) => KeyValuePair.Create(name, (at, rank))))
        .ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly string[] UsageNames = ["langfuse.observation.usage_details", "mlflow.chat.tokenUsage"];

    /// <summary>Whether the attribute is one that <see cref="Write"/> writes in its right form: reasons that came as text and not as a list.</summary>
    public static bool IsRewritten(string name, OtlpValue value) => name == FinishReasons && value.Kind == OtlpValueKind.Text;

    /// <summary>Writes what the span says by other names only.</summary>
    public static void Write(Utf8JsonWriter json, OtlpSpan record, OtlpStep step)
    {
        var attributes = record.Attributes;
        Span<int> ranks = stackalloc int[Common.Length];
        ranks.Fill(int.MaxValue);
        foreach (var (name, value) in attributes.Items)
        {
            if (Ranks.TryGetValue(name, out var place) && place.Rank < ranks[place.Common] && (place.Rank == 0 || value.Kind != OtlpValueKind.None))
            {
                ranks[place.Common] = place.Rank;
            }
        }

        for (var at = 0; at < Common.Length; at++)
        {
            if (at != FinishReasonsAt && ranks[at] is > 0 and < int.MaxValue)
            {
                json.WritePropertyName(Common[at].Common);
                attributes.Find(Common[at].Names[ranks[at] - 1]).Write(json);
            }
        }

        if (ranks[FinishReasonsAt] < int.MaxValue)
        {
            WriteReasons(json, attributes, ranks[FinishReasonsAt]);
        }

        if (ranks[AgentAt] == int.MaxValue && AgentOf(record, step) is { Length: > 0 } agent)
        {
            json.WriteString(Common[AgentAt].Common, agent);
        }

        WriteModel(json, attributes, step, ranks);
        WriteUsage(json, attributes, ranks);
        WriteFailure(json, record);
    }

    private static void WriteReasons(Utf8JsonWriter json, OtlpAttributes attributes, int rank)
    {
        var value = attributes.Find(rank == 0 ? FinishReasons : Common[FinishReasonsAt].Names[rank - 1]);
        if (value.Text is not { } text)
        {
            if (rank > 0 && value.Kind == OtlpValueKind.List)
            {
                json.WritePropertyName(FinishReasons);
                value.Write(json);
            }

            return;
        }

        json.WriteStartArray(FinishReasons);
        foreach (var word in OtlpJsonText.Words(text))
        {
            json.WriteStringValue(word);
        }

        json.WriteEndArray();
    }

    private static string? AgentOf(OtlpSpan record, OtlpStep step) =>
        step.IsAgent ? OtlpTools.BareName(step, record.Name) : OtlpJsonText.Member(record.Attributes.Find("metadata"), "lc_agent_name");

    // A step of Mastra and a span of MLflow say their model inside of JSON only.
    private static void WriteModel(Utf8JsonWriter json, OtlpAttributes attributes, OtlpStep step, ReadOnlySpan<int> ranks)
    {
        if (step is { Kind: OtlpSpanKind.Model, Name: { } model } && ranks[ModelAt] == int.MaxValue && ranks[AnswererAt] == int.MaxValue)
        {
            json.WriteString(Common[ModelAt].Common, model);
            if (attributes.Text("modelId") is { } answered)
            {
                json.WriteString(Common[AnswererAt].Common, answered);
            }
        }
    }

    private static void WriteUsage(Utf8JsonWriter json, OtlpAttributes attributes, ReadOnlySpan<int> ranks)
    {
        if (ranks[InputAt] != int.MaxValue || ranks[OutputAt] != int.MaxValue)
        {
            return;
        }

        foreach (var name in UsageNames)
        {
            var usage = attributes.Find(name);
            if (usage.Kind != OtlpValueKind.None)
            {
                WriteCount(json, Common[InputAt].Common, OtlpJsonText.Count(usage, ["input", "input_tokens", "prompt_tokens", "inputTokens", "promptTokens"]));
                WriteCount(json, Common[OutputAt].Common, OtlpJsonText.Count(usage, ["output", "output_tokens", "completion_tokens", "outputTokens", "completionTokens"]));
                return;
            }
        }
    }

    private static void WriteCount(Utf8JsonWriter json, string name, long? count)
    {
        if (count is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    // Where the status of the span does not say it.
    private static void WriteFailure(Utf8JsonWriter json, OtlpSpan record)
    {
        var attributes = record.Attributes;
        var isFailed = attributes.Text("langfuse.observation.level") == "ERROR" || attributes.Find("lk.function_tool.is_error").IsFlag(true);
        if (!isFailed || record.StatusCode == 2)
        {
            return;
        }

        if (attributes.Find("status").Kind == OtlpValueKind.None)
        {
            json.WriteString("status", "error");
        }

        if (attributes.Text("langfuse.observation.status_message") is { } message && attributes.Find("error.message").Kind == OtlpValueKind.None)
        {
            json.WriteString("error.message", message);
        }
    }
}
