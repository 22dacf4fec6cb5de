using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace AgentOps.Rca.Spans;

/// <summary>What a call was allowed, and what it used, as its own attributes say. Each is null when they do not say.</summary>
public sealed record SpanLimits
{
    private static readonly FrozenDictionary<string, (Kind Kind, double Factor)> Members = new Dictionary<string, (Kind, double)>(StringComparer.Ordinal)
    {
        ["deadline_ms"] = (Kind.Time, 1e6),
        ["timeout_ms"] = (Kind.Time, 1e6),
        ["time_budget_ms"] = (Kind.Time, 1e6),
        ["budget_ms"] = (Kind.Time, 1e6),
        ["timeout_s"] = (Kind.Time, 1e9),
        ["timeout_seconds"] = (Kind.Time, 1e9),
        ["deadline_seconds"] = (Kind.Time, 1e9),
        ["token_budget"] = (Kind.Tokens, 1),
        ["budget_tokens"] = (Kind.Tokens, 1),
        ["max_total_tokens"] = (Kind.Tokens, 1),
        ["cost_budget_usd"] = (Kind.Cost, 1),
        ["budget_usd"] = (Kind.Cost, 1),
        ["max_cost_usd"] = (Kind.Cost, 1),
        ["max_steps"] = (Kind.Steps, 1),
        ["max_iterations"] = (Kind.Steps, 1),
        ["max_turns"] = (Kind.Steps, 1),
        ["step_budget"] = (Kind.Steps, 1),
        ["max_tool_calls"] = (Kind.ToolCalls, 1),
        ["gen_ai.usage.input_tokens"] = (Kind.TokensUsed, 1),
        ["gen_ai.usage.output_tokens"] = (Kind.TokensUsed, 1),
        ["agentops.cost_usd"] = (Kind.CostUsed, 1),
        ["gen_ai.usage.cost"] = (Kind.CostUsed, 1),
        ["cost_usd"] = (Kind.CostUsed, 1),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private enum Kind
    {
        Time,
        Tokens,
        Cost,
        Steps,
        ToolCalls,
        TokensUsed,
        CostUsed,
    }

    /// <summary>How long it may take, in nanoseconds.</summary>
    public SpanAmount? Time { get; private init; }

    /// <summary>How many tokens it and the calls below may use.</summary>
    public SpanAmount? Tokens { get; private init; }

    /// <summary>What it and the calls below may cost, in US dollars.</summary>
    public SpanAmount? CostUsd { get; private init; }

    /// <summary>How many model calls it may make.</summary>
    public SpanAmount? Steps { get; private init; }

    /// <summary>How many tool calls it may make.</summary>
    public SpanAmount? ToolCalls { get; private init; }

    /// <summary>The tokens it used itself, in and out.</summary>
    public SpanAmount? TokensUsed { get; private init; }

    /// <summary>What it cost itself, in US dollars.</summary>
    public SpanAmount? CostUsed { get; private init; }

    /// <summary>Reads limits and use out of a span's attributes.</summary>
    /// <param name="attributes">The span's attributes.</param>
    /// <returns>What they say, or null when they say nothing of it, as most do.</returns>
    public static SpanLimits? Read(JsonElement attributes)
    {
        if (attributes.ValueKind != JsonValueKind.Object || !MaySay(JsonMarshal.GetRawUtf8Value(attributes)))
        {
            return null;
        }

        SpanLimits? limits = null;
        foreach (var member in attributes.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Number && Members.TryGetValue(member.Name, out var known)
                && member.Value.TryGetDouble(out var value) && double.IsFinite(value) && (value > 0 || known.Kind >= Kind.TokensUsed && value == 0))
            {
                limits = (limits ?? new SpanLimits()).With(known.Kind, new SpanAmount(value * known.Factor, member.Name));
            }
        }

        return limits;
    }

    // Nearly every span is done with after these searches, without its members being read.
    private static bool MaySay(ReadOnlySpan<byte> json) =>
        json.IndexOf("usage"u8) >= 0 || json.IndexOf("budget"u8) >= 0 || json.IndexOf("timeout"u8) >= 0 || json.IndexOf("deadline"u8) >= 0
        || json.IndexOf("max_"u8) >= 0 || json.IndexOf("cost"u8) >= 0;

    // Of several limits the tightest counts, in whatever order the members come.
    private SpanLimits With(Kind kind, SpanAmount amount) => kind switch
    {
        Kind.Time => this with { Time = Tighter(Time, amount) },
        Kind.Tokens => this with { Tokens = Tighter(Tokens, amount) },
        Kind.Cost => this with { CostUsd = Tighter(CostUsd, amount) },
        Kind.Steps => this with { Steps = Tighter(Steps, amount) },
        Kind.ToolCalls => this with { ToolCalls = Tighter(ToolCalls, amount) },
        Kind.TokensUsed => this with { TokensUsed = Sum(TokensUsed, amount) },
        _ => this with { CostUsed = Tighter(CostUsed, amount) },
    };

    private static SpanAmount Tighter(SpanAmount? known, SpanAmount amount) =>
        known is { } other && (other.Value, string.CompareOrdinal(other.Member, amount.Member)).CompareTo((amount.Value, 0)) < 0 ? other : amount;

    private static SpanAmount Sum(SpanAmount? known, SpanAmount amount) => known is not { } other ? amount : new SpanAmount(
        other.Value + amount.Value, string.CompareOrdinal(other.Member, amount.Member) < 0 ? other.Member : amount.Member);
}

/// <summary>An amount that an attribute gives.</summary>
/// <param name="Value">How much, in the unit of the property that holds it.</param>
/// <param name="Member">The attribute; of several that are summed up, the first by name.</param>
public readonly record struct SpanAmount(double Value, string Member);
