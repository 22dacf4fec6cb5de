namespace AgentOps.Rca.Spans;

/// <summary>How much belongs to an incident.</summary>
/// <param name="Spans">How many spans.</param>
/// <param name="Artifacts">How many artifacts its spans name and are stored, each counted once.</param>
public sealed record IncidentCounts(long Spans, long Artifacts);
