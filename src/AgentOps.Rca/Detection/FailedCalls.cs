using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Detection;

/// <summary>
/// Calls of tools and models that failed and were not made good: no later call of the same tool or model succeeded, and no tool call around it
/// got over it. Frameworks hand such an error to the model, so that the run's own span ends well.
/// </summary>
internal static class FailedCalls
{
    /// <summary>The first of them, or null.</summary>
    public static (Span Call, SpanFailure Failure)? FirstOf(EndedRun run)
    {
        List<(Span Call, SpanFailure Failure)> failed = [];
        var succeeded = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var span in run.Spans.Where(static span => RunKinds.IsToolCall(span) || RunKinds.IsModelCall(span)))
        {
            if (SpanFailure.Read(span.Attributes) is { } failure)
            {
                failed.Add((span, failure));
            }
            else
            {
                succeeded[span.Tool] = Math.Max(succeeded.GetValueOrDefault(span.Tool, long.MinValue), span.StartTs);
            }
        }

        if (failed.Count == 0)
        {
            return null;
        }

        var byId = run.Spans.ToDictionary(span => span.SpanId, StringComparer.Ordinal);
        return failed.OrderBy(call => call.Call.StartTs).ThenBy(call => call.Call.SpanId, StringComparer.Ordinal)
            .Where(call => !(succeeded.TryGetValue(call.Call.Tool, out var later) && later >= call.Call.StartTs) && !IsHandled(call.Call, byId))
            .Select(static call => ((Span, SpanFailure)?)call).FirstOrDefault();
    }

    private static bool IsHandled(Span call, Dictionary<string, Span> byId)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { call.SpanId };
        for (var at = call.ParentId; at is not null && seen.Add(at) && byId.TryGetValue(at, out var around); at = around.ParentId)
        {
            if (RunKinds.IsToolCall(around) && SpanFailure.Read(around.Attributes) is null)
            {
                return true;
            }
        }

        return false;
    }
}
