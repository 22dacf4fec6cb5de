using System.Diagnostics;

namespace AgentOps.Rca.Recording;

/// <summary>Where in an execution a call is made: within which other call.</summary>
/// <param name="SpanId">The id of the call around it.</param>
/// <param name="IncidentId">The incident, as spans name it, or null.</param>
/// <param name="Activity">The activity that was current when that call began.</param>
internal sealed record CallPlace(string SpanId, string? IncidentId, Activity? Activity)
{
    /// <summary>The baggage or tag of an activity that names its incident.</summary>
    public const string IncidentAttribute = "agentops.incident.id";

    private const string RecordedProperty = "agentops.recorded";

    /// <summary>Says that a span of this activity is or will be recorded, so that calls within it may name it as their parent.</summary>
    public static void MarkRecorded(Activity activity) => activity.SetCustomProperty(RecordedProperty, RecordedProperty);

    /// <summary>The id of an activity's span, as it comes in by OpenTelemetry too.</summary>
    public static string IdOf(Activity activity) => $"{activity.TraceId.ToHexString()}:{activity.SpanId.ToHexString()}";

    /// <summary>
    /// The innermost place that will be recorded: an activity that is marked, else the recorded call, else a sampled activity, whose span
    /// an exporter is expected to send.
    /// </summary>
    public static CallPlace? Innermost(CallPlace? call)
    {
        for (var activity = System.Diagnostics.Activity.Current; activity is not null && activity != call?.Activity; activity = activity.Parent)
        {
            if (activity.GetCustomProperty(RecordedProperty) is not null)
            {
                return Of(activity, call);
            }
        }

        return call ?? (System.Diagnostics.Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C } current ? Of(current, null) : null);
    }

    private static CallPlace Of(Activity activity, CallPlace? around) =>
        new(IdOf(activity), IncidentOf(activity) ?? around?.IncidentId, activity);

    private static string? IncidentOf(Activity activity) =>
        activity.GetTagItem(IncidentAttribute) as string ?? activity.GetBaggageItem(IncidentAttribute);
}
