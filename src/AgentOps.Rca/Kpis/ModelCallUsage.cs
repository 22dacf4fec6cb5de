using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Kpis;

/// <summary>
/// A model call as a span tells it, by the names of OpenTelemetry's semantic conventions for generative AI. The older names
/// <c>prompt_tokens</c> and <c>completion_tokens</c> are read too.
/// </summary>
internal sealed record ModelCallUsage(string? Model, long? InputTokens, long? OutputTokens, decimal? CostUsd)
{
    // Beyond this no count of tokens is one; it also keeps the sum of a million calls within 64 bits.
    private const long MostTokens = 1_000_000_000_000;

    /// <summary>The call that a span records, or null when it says nothing of tokens.</summary>
    public static ModelCallUsage? Read(JsonElement attributes)
    {
        var input = Tokens(attributes, "gen_ai.usage.input_tokens") ?? Tokens(attributes, "gen_ai.usage.prompt_tokens");
        var output = Tokens(attributes, "gen_ai.usage.output_tokens") ?? Tokens(attributes, "gen_ai.usage.completion_tokens");
        return input is null && output is null ? null : new ModelCallUsage(ModelOf(attributes), input, output, CostOf(attributes));
    }

    /// <summary>The call that a span of the analysis records, whether or not its usage is known.</summary>
    public static ModelCallUsage ReadRecorded(JsonElement attributes) =>
        Read(attributes) ?? new ModelCallUsage(ModelOf(attributes), null, null, CostOf(attributes));

    /// <summary>Whether a span of an agent's run is one model call, and not a run whose usage sums up the calls below it.</summary>
    public static bool IsSingleCall(Span span) => IsSingleCall(span.Tool, span.Attributes);

    /// <summary>The same of a span that is no record.</summary>
    public static bool IsSingleCall(string tool, JsonElement attributes) =>
        !tool.StartsWith(ToolNames.AgentRunPrefix, StringComparison.Ordinal)
        && attributes.FilledTextOf("gen_ai.operation.name") is not ("invoke_agent" or "create_agent" or "invoke_workflow");

    /// <summary>Whether attributes may say something of tokens: a name of theirs stands there, or an escape that could spell one.</summary>
    /// <param name="attributes">The JSON of an object, as UTF-8.</param>
    public static bool MaySayTokens(ReadOnlySpan<byte> attributes) =>
        attributes.IndexOf("gen_ai.usage."u8) >= 0 || attributes.IndexOf("\\u"u8) >= 0;

    public static string? ModelOf(JsonElement attributes) =>
        attributes.FilledTextOf("gen_ai.response.model") ?? attributes.FilledTextOf("gen_ai.request.model");

    public static decimal? CostOf(JsonElement attributes) =>
        attributes.TryGetProperty(AnalysisSpan.CostUsd, out var value)
        && JsonNumbers.TryGetDecimal(value, out var cost) && cost is >= 0 and < 1_000_000_000 ? cost : null;

    private static long? Tokens(JsonElement attributes, string name) =>
        attributes.TryGetProperty(name, out var value)
        && JsonNumbers.TryGetWhole(value, out long tokens) && tokens is >= 0 and <= MostTokens ? tokens : null;
}
