namespace AgentOps.Rca.Evals.Hosting;

/// <summary>A clock that stands where the evaluation puts it, so that the same data gives the same reports.</summary>
internal sealed class EvalClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

    public override DateTimeOffset GetUtcNow() => Now;
}
