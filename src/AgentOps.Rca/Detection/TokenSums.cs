using System.Text.Json;
using AgentOps.Rca.Kpis;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Detection;

/// <summary>The model calls of a run, each once. Frameworks give what a call used to the spans around it, too.</summary>
internal static class TokenSums
{
    /// <summary>The calls whose tokens and cost count.</summary>
    public static IEnumerable<RecordedModelCall> Of(IReadOnlyList<Span> spans)
    {
        var calls = new Dictionary<string, (Span Span, RecordedModelCall Call)>(StringComparer.Ordinal);
        foreach (var span in spans)
        {
            if (span.Attributes.ValueKind == JsonValueKind.Object && RecordedModelCall.Read(span.Attributes) is { } call)
            {
                calls[span.SpanId] = (span, call);
            }
        }

        var wrappers = WrappersOf(calls, spans.ToDictionary(span => span.SpanId, StringComparer.Ordinal));
        return calls.Values.Where(call => !wrappers.Contains(call.Span.SpanId) && RecordedModelCall.IsSingleCall(call.Span)).Select(call => call.Call);
    }

    // A span around a call says again what the call used, or sums its calls up. Only past a tool or an agent begin calls of their own.
    private static HashSet<string> WrappersOf(
        Dictionary<string, (Span Span, RecordedModelCall Call)> calls, Dictionary<string, Span> byId)
    {
        var wrappers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (span, _) in calls.Values)
        {
            var isPastCall = false;
            var seen = new HashSet<string>(StringComparer.Ordinal) { span.SpanId };
            for (var at = span.ParentId; at is not null && seen.Add(at) && byId.TryGetValue(at, out var around); at = around.ParentId)
            {
                isPastCall |= RunKinds.IsToolCall(around) || around.Tool.StartsWith(ToolNames.AgentRunPrefix, StringComparison.Ordinal);
                if (calls.ContainsKey(at) && !(isPastCall && RunKinds.IsModelCall(around)) && !wrappers.Add(at))
                {
                    break;
                }
            }
        }

        return wrappers;
    }
}
