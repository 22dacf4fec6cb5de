using System.Diagnostics;

namespace AgentOps.Rca.Recording;

/// <summary>Where in an execution a call is made: within which other call.</summary>
/// <param name="SpanId">The id of the call around it.</param>
/// <param name="IncidentId">The incident, as spans name it, or null.</param>
/// <param name="Activity">The activity that was current when that call began.</param>
/// <param name="Kind">What kind of call that is; null for an activity.</param>
internal sealed record CallPlace(string SpanId, string? IncidentId, Activity? Activity, CallKind? Kind = null)
{
    /// <summary>The baggage or tag of an activity that names its incident.</summary>
    public const string IncidentAttribute = "agentops.incident.id";

    /// <summary>The id of an activity's span, as it comes in by OpenTelemetry too.</summary>
    public static string IdOf(Activity activity) => $"{activity.TraceId.ToHexString()}:{activity.SpanId.ToHexString()}";

    /// <summary>
    /// The innermost place that will be recorded: an activity that a recorder listens to, else the recorded call, else a sampled activity, whose span
    /// an exporter is expected to send. Activities that are the call itself are covered by it, and so no place for it.
    /// </summary>
    /// <param name="call">The recorded call around it, or null.</param>
    /// <param name="kind">What kind of call is placed.</param>
    public static CallPlace? Innermost(CallPlace? call, CallKind kind)
    {
        string? incident = null;
        Activity? covered = null;
        for (var activity = System.Diagnostics.Activity.Current; activity is not null && activity != call?.Activity; activity = activity.Parent)
        {
            if (RecordedActivity.TryCover(activity, kind))
            {
                incident ??= IncidentOf(activity);
                covered = activity;
            }
            else if (RecordedActivity.IsRecorded(activity))
            {
                // What invokes functions has an activity of its own between the whole and the calls of the model that are its parts.
                if (kind.Operation == CallKind.Chat && activity.OperationName.StartsWith("orchestrate_tools", StringComparison.Ordinal)
                    && activity.Parent is { } whole && whole != call?.Activity)
                {
                    RecordedActivity.TryCover(whole, kind);
                }

                return Of(activity, incident ?? call?.IncidentId);
            }
        }

        var place = call
            ?? (covered is not null ? Around(covered)
                : System.Diagnostics.Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C } current ? Of(current, null) : null);
        return incident is null || place is null ? place : place with { IncidentId = incident };
    }

    private static CallPlace? Around(Activity activity) =>
        activity.Parent is { Recorded: true } parent ? Of(parent, null)
        : activity.ParentSpanId != default
            ? new CallPlace($"{activity.TraceId.ToHexString()}:{activity.ParentSpanId.ToHexString()}", IncidentOf(activity), activity)
            : null;

    private static CallPlace Of(Activity activity, string? incident) => new(IdOf(activity), IncidentOf(activity) ?? incident, activity);

    private static string? IncidentOf(Activity activity) =>
        activity.GetTagItem(IncidentAttribute) as string ?? activity.GetBaggageItem(IncidentAttribute);
}
