namespace AgentOps.Rca.WebHost.Demo;

/// <summary>
/// A clock that starts when an incident was detected, so that the demonstration's times to a root cause are those of a team that asks at
/// once, not the months since the incidents were written.
/// </summary>
internal sealed class IncidentClock(DateTimeOffset start) : TimeProvider
{
    private readonly long _started = System.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => start + System.GetElapsedTime(_started);
}
