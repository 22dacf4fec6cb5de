namespace AgentOps.Rca.WebHost.Demo;

/// <summary>
/// The host's clock, and for who works on an incident one that starts when it was detected, so that the demonstration's times to a root cause are
/// those of a team that asks at once, not the months since the incidents were written.
/// </summary>
internal sealed class IncidentClock : TimeProvider
{
    // Of one flow of control: what the host does at the same time has the time of day.
    private readonly AsyncLocal<(DateTimeOffset Start, long Started)?> _incident = new();

    public void StartAt(DateTimeOffset start) => _incident.Value = (start, System.GetTimestamp());

    public override DateTimeOffset GetUtcNow() =>
        _incident.Value is var (start, started) ? start + System.GetElapsedTime(started) : System.GetUtcNow();
}
