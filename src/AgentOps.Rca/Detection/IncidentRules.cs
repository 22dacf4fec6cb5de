using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Kpis;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Detection;

/// <summary>The rules that the options turn on, in the order in which the first finding names the problem.</summary>
internal static class IncidentRules
{
    public static IReadOnlyList<IncidentFinding> Judge(IncidentDetectionOptions options, EndedRun run)
    {
        IEnumerable<IncidentFinding?> findings =
        [
            options.OnError ? Error(run) : null,
            options.DeadlineAttribute.Length == 0 ? null : Deadline(run, options.DeadlineAttribute),
            options.MaxDuration is { } duration ? Duration(run, duration) : null,
            options.MaxRepeats is { } repeats ? Loop(run, repeats) : null,
            options.MaxTokens is { } tokens ? Tokens(run, tokens) : null,
            options.MaxCostUsd is { } cost ? Cost(run, cost) : null,
            .. options.Rules.Select(rule => rule.Judge(run)),
        ];
        return [.. findings.OfType<IncidentFinding>()];
    }

    private static IncidentFinding? Error(EndedRun run)
    {
        if (SpanFailure.Read(run.Root.Attributes) is { } own)
        {
            return new("agent_error", $"The run ended in an error{FailureWords.Of(own.Type, own.Message)}");
        }

        var caller = run.Callers.Select(static span => (span.Tool, Failure: SpanFailure.Read(span.Attributes))).FirstOrDefault(static span => span.Failure is not null);
        return caller.Failure is { } failure ? new("agent_error", $"{caller.Tool}, which the run was a part of, ended in an error{FailureWords.Of(failure.Type, failure.Message)}") : null;
    }

    private static IncidentFinding? Duration(EndedRun run, TimeSpan most) => run.Duration > most
        ? new("agent_slow", Invariant($"The run took {run.Duration.TotalSeconds:0.###} s; the limit is {most.TotalSeconds:0.###} s."))
        : null;

    private static IncidentFinding? Deadline(EndedRun run, string attribute)
    {
        var started = EpochUnit.ToNanoseconds(run.Root.StartTs);
        var given = SpanLimits.Read(run.Root.Attributes)?.TimeFrom(started);
        var named = run.Root.Attributes.ValueKind == JsonValueKind.Object && run.Root.Attributes.TryGetProperty(attribute, out var value)
            && SpanLimits.ReadTime(value) is { } deadline ? new SpanAmount((double)((Int128)deadline - started), attribute) : (SpanAmount?)null;
        var (most, member) = named is { } own && !(given?.Value < own.Value) ? own : given ?? new SpanAmount(double.PositiveInfinity, "");
        var late = (double)((Int128)EpochUnit.ToNanoseconds(run.Root.EndTs) - started) - most;
        return late > 0
            ? new("deadline_missed", Invariant($"The run ended {late / 1e9:0.###} s after its deadline ({member})."))
            : null;
    }

    private static IncidentFinding? Loop(EndedRun run, int most)
    {
        var worst = run.Spans.Where(span => span.ArgsDigest is not null && span.Tool.StartsWith(ToolNames.ToolCallPrefix, StringComparison.Ordinal))
            .GroupBy(span => (span.Tool, span.ArgsDigest))
            .Select(group => (group.Key.Tool, Count: group.Count()))
            .OrderByDescending(group => group.Count).ThenBy(group => group.Tool, StringComparer.Ordinal)
            .FirstOrDefault();
        return worst.Count > most
            ? new("agent_loop", Invariant($"{worst.Tool} was called {worst.Count} times with the same arguments; the limit is {most}."))
            : null;
    }

    private static IncidentFinding? Tokens(EndedRun run, long most)
    {
        var used = Calls(run).Sum(call => (call.InputTokens ?? 0) + (call.OutputTokens ?? 0));
        return used > most ? new("agent_tokens", Invariant($"The run used {used} tokens; the limit is {most}.")) : null;
    }

    private static IncidentFinding? Cost(EndedRun run, decimal most)
    {
        var cost = Calls(run).Sum(call => call.CostUsd ?? 0);
        return cost > most ? new("agent_cost", Invariant($"The run cost {cost} US dollars; the limit is {most}.")) : null;
    }

    // What a span repeats of the calls below it counts once; a run whose calls were not recorded speaks for them itself.
    private static IEnumerable<ModelCallUsage> Calls(EndedRun run)
    {
        var use = new OwnUse();
        var calls = new List<(int Place, ModelCallUsage Call)>();
        foreach (var span in run.Spans)
        {
            var call = span.Attributes.ValueKind == JsonValueKind.Object ? ModelCallUsage.Read(span.Attributes) : null;
            var place = use.Add(span, call is not null);
            if (call is not null)
            {
                calls.Add((place, call));
            }
        }

        var own = use.Judge();
        return calls.Where(call => own[call.Place]).Select(call => call.Call);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
