using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Columns;
using AgentOps.Rca.Json;

namespace AgentOps.Rca.Spans;

/// <summary>What a call was allowed, and what it used, as its own attributes say. Each is null when they do not say.</summary>
internal sealed class SpanLimits
{
    private const string DeadlineMember = "agentops.deadline";
    private const int LongestMember = 32;

    // No limit and no use is larger, and the sum of a case stays a number that JSON has a form for.
    private const double MostAmount = 1e30;

    private static readonly KnownMember[] AllKnown =
    [
        new("deadline_ms", Kind.Time, 1e6),
        new("timeout_ms", Kind.Time, 1e6),
        new("time_budget_ms", Kind.Time, 1e6),
        new("budget_ms", Kind.Time, 1e6),
        new("timeout_s", Kind.Time, 1e9),
        new("timeout_seconds", Kind.Time, 1e9),
        new("deadline_seconds", Kind.Time, 1e9),
        new(DeadlineMember, Kind.Deadline, 1),
        new("token_budget", Kind.Tokens, 1),
        new("budget_tokens", Kind.Tokens, 1),
        new("max_total_tokens", Kind.Tokens, 1),
        new("cost_budget_usd", Kind.Cost, 1),
        new("budget_usd", Kind.Cost, 1),
        new("max_cost_usd", Kind.Cost, 1),
        new("max_steps", Kind.Steps, 1),
        new("max_iterations", Kind.Steps, 1),
        new("max_turns", Kind.Steps, 1),
        new("step_budget", Kind.Steps, 1),
        new("max_tool_calls", Kind.ToolCalls, 1),
        new("gen_ai.usage.input_tokens", Kind.TokensUsed, 1),
        new("gen_ai.usage.output_tokens", Kind.TokensUsed, 1),
        new("agentops.cost_usd", Kind.CostUsed, 1),
        new("gen_ai.usage.cost", Kind.CostUsed, 1),
        new("cost_usd", Kind.CostUsed, 1),
    ];

    private static readonly FrozenDictionary<string, KnownMember> Members = AllKnown.ToFrozenDictionary(static known => known.Member, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, KnownMember>.AlternateLookup<ReadOnlySpan<char>> ByChars =
        Members.GetAlternateLookup<ReadOnlySpan<char>>();

    private readonly KnownMember _known;
    private readonly double _value;
    private readonly SpanLimits? _rest;

    // A list of what is said: nearly every span tells nothing but its tokens.
    private SpanLimits(KnownMember known, double value, SpanLimits? rest)
    {
        _known = known;
        _value = value;
        _rest = rest;
    }

    private enum Kind : byte
    {
        Time,
        Deadline,
        Tokens,
        Cost,
        Steps,
        ToolCalls,
        TokensUsed,
        CostUsed,
    }

    private static ReadOnlySpan<byte> DeadlineUtf8 => "agentops.deadline"u8;

    /// <summary>How long it may take, in nanoseconds.</summary>
    public SpanAmount? Time => Tightest(Kind.Time);

    /// <summary>When it must have ended, in nanoseconds since 1970-01-01 UTC.</summary>
    public SpanAmount? Deadline => Tightest(Kind.Deadline);

    /// <summary>How many tokens it and the calls below may use.</summary>
    public SpanAmount? Tokens => Tightest(Kind.Tokens);

    /// <summary>What it and the calls below may cost, in US dollars.</summary>
    public SpanAmount? CostUsd => Tightest(Kind.Cost);

    /// <summary>How many model calls it may make.</summary>
    public SpanAmount? Steps => Tightest(Kind.Steps);

    /// <summary>How many tool calls it may make.</summary>
    public SpanAmount? ToolCalls => Tightest(Kind.ToolCalls);

    /// <summary>The tokens it used itself, in and out.</summary>
    public SpanAmount? TokensUsed
    {
        get
        {
            SpanAmount? sum = null;
            for (var at = this; at is not null; at = at._rest)
            {
                sum = at._known.Kind != Kind.TokensUsed ? sum : sum is not { } other ? at.Amount : new SpanAmount(
                    other.Value + at._value, string.CompareOrdinal(other.Member, at._known.Member) < 0 ? other.Member : at._known.Member);
            }

            return sum;
        }
    }

    /// <summary>What it cost itself, in US dollars.</summary>
    public SpanAmount? CostUsed => Tightest(Kind.CostUsed);

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
            if (member.NameEquals(DeadlineUtf8))
            {
                limits = ReadTime(member.Value) is { } deadline ? new SpanLimits(Members[DeadlineMember], deadline, limits) : limits;
            }
            else if (member.Value.ValueKind == JsonValueKind.Number && Known(member) is { } known
                && member.Value.TryGetDouble(out var value) && (value > 0 || (known.Kind >= Kind.TokensUsed && value == 0))
                && value * known.Factor is var amount and <= MostAmount)
            {
                limits = new SpanLimits(known, amount, limits);
            }
        }

        return limits;
    }

    /// <summary>How long it may take from its start on: by <see cref="Time"/> or by <see cref="Deadline"/>, whichever is less.</summary>
    internal SpanAmount? TimeFrom(long startNs) => Deadline is { } deadline && !(Time?.Value < deadline.Value - startNs)
        ? deadline with { Value = deadline.Value - startNs }
        : Time;

    /// <summary>The time in an attribute, in nanoseconds since 1970-01-01 UTC: ISO 8601, or a number as timestamps have; or null.</summary>
    internal static long? ReadTime(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when JsonNumbers.TryGetWhole(value, out long timestamp) => EpochUnit.ToNanoseconds(timestamp),
        JsonValueKind.String when UtcTimestampConverter.TryRead(value, out var time) && time.Year is > 1700 and < 2250 => EpochUnit.FromInstant(time),
        JsonValueKind.String when long.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var timestamp) =>
            EpochUnit.ToNanoseconds(timestamp),
        _ => null,
    };

    // Numbers are frequent and limits rare: a name becomes a string only where JSON escapes it.
    private static KnownMember? Known(JsonProperty member)
    {
        var name = JsonMarshal.GetRawUtf8PropertyName(member);
        if (name.Contains((byte)'\\'))
        {
            return Members.GetValueOrDefault(member.Name);
        }

        Span<char> chars = stackalloc char[LongestMember];
        return name.Length <= LongestMember && Ascii.ToUtf16(name, chars, out var length) == OperationStatus.Done
            && ByChars.TryGetValue(chars[..length], out var known) ? known : null;
    }

    // Nearly every span is done with after these searches, without its members being read.
    private static bool MaySay(ReadOnlySpan<byte> json) =>
        json.IndexOf("usage"u8) >= 0 || json.IndexOf("budget"u8) >= 0 || json.IndexOf("timeout"u8) >= 0 || json.IndexOf("deadline"u8) >= 0
        || json.IndexOf("max_"u8) >= 0 || json.IndexOf("cost"u8) >= 0;

    private SpanAmount Amount => new(_value, _known.Member);

    // Of several limits the tightest counts, in whatever order the members come.
    private SpanAmount? Tightest(Kind kind)
    {
        SpanAmount? tightest = null;
        for (var at = this; at is not null; at = at._rest)
        {
            if (at._known.Kind == kind && (tightest is not { } other
                || (at._value, string.CompareOrdinal(at._known.Member, other.Member)).CompareTo((other.Value, 0)) < 0))
            {
                tightest = at.Amount;
            }
        }

        return tightest;
    }

    private sealed class KnownMember(string member, Kind kind, double factor)
    {
        public string Member => member;

        public Kind Kind => kind;

        public double Factor => factor;

        public byte Place => field != 0 ? field : field = (byte)(Array.IndexOf(AllKnown, this) + 1);
    }

    /// <summary>What spans say, in 16 bytes an amount.</summary>
    internal sealed class Entries
    {
        private readonly Column<(double Value, int Next, byte Known)> _amounts = new();

        /// <summary>Keeps what a span says.</summary>
        /// <param name="limits">What it says, or null.</param>
        /// <returns>The number to ask for it by; 0 for nothing.</returns>
        public int Add(SpanLimits? limits)
        {
            if (limits is null)
            {
                return 0;
            }

            _amounts.Add((limits._value, Add(limits._rest), limits._known.Place));
            return _amounts.Count;
        }

        /// <summary>Whether a span says what it was allowed, and not only what it used.</summary>
        /// <param name="number">Its number.</param>
        public bool IsLimit(int number)
        {
            for (; number != 0; number = _amounts[number - 1].Next)
            {
                if (AllKnown[_amounts[number - 1].Known - 1].Kind < Kind.TokensUsed)
                {
                    return true;
                }
            }

            return false;
        }

        /// <summary>What a span says.</summary>
        /// <param name="number">Its number.</param>
        public SpanLimits? Of(int number) => number == 0 ? null : _amounts[number - 1] is var amount
            ? new SpanLimits(AllKnown[amount.Known - 1], amount.Value, Of(amount.Next))
            : null;
    }
}

/// <summary>An amount that an attribute gives.</summary>
/// <param name="Value">How much, in the unit of the property that holds it.</param>
/// <param name="Member">The attribute; of several that are summed up, the first by name.</param>
internal readonly record struct SpanAmount(double Value, string Member);
