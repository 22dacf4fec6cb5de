using AgentOps.Rca.Identity;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis;

/// <summary>What to analyse, and how.</summary>
public sealed record RcaRequest
{
    /// <summary>The engine's name that means: the best one there is.</summary>
    public const string AutoEngine = "auto";

    internal const int LongestEngine = 64;
    internal const int LongestName = 256;

    /// <summary>The incident.</summary>
    public required Guid IncidentId { get; init; }

    /// <summary><c>auto</c>, <c>trace</c>, <c>llm</c>, or the name of an engine of your own.</summary>
    public string Engine { get; init; } = AutoEngine;

    /// <summary>
    /// Who asks, in the words of the caller's own directory: at most 256 characters; null when it is not told. Kept on the analysis' span.
    /// </summary>
    public string? RequestedBy { get; init; }

    /// <summary>
    /// Who asks, as an authentication knows it; it then stands for <see cref="RequestedBy"/>. Null records <see cref="RequestedBy"/> as a claim.
    /// </summary>
    public Actor? Requester { get; init; }

    /// <summary>The network address that it came from, for the audit; null when there is none.</summary>
    public string? Source { get; init; }

    /// <summary>
    /// What to compare with; by default recent spans of the same tools that belong to no incident: of the minutes before, or as far back as
    /// a week when those hold few calls. At most 50,000 calls in all.
    /// </summary>
    public RcaReference? Reference { get; init; }
}

/// <summary>What to compare an incident with: either a range of time or other incidents.</summary>
public sealed record RcaReference
{
    internal const int MostIncidents = 100;

    /// <summary>Spans that start at this time or later, in seconds, milli-, micro- or nanoseconds since 1970 (<see cref="EpochUnit"/>).</summary>
    public long? FromTs { get; init; }

    /// <summary>Spans that start before this time, in the same form.</summary>
    public long? ToTs { get; init; }

    /// <summary>The spans of these incidents, 1 to 100; each must exist.</summary>
    public IReadOnlyList<Guid>? IncidentIds { get; init; }

    /// <summary>What is wrong with it, by member as the HTTP API names them.</summary>
    internal IEnumerable<(string Member, string Message)> FindProblems()
    {
        if (IncidentIds is not null && (FromTs is not null || ToTs is not null))
        {
            yield return ("incident_ids", "Give either a range of time or incidents, not both.");
        }

        if (IncidentIds is null && FromTs is null && ToTs is null)
        {
            yield return ("from_ts", "Give from_ts, to_ts or incident_ids.");
        }

        if (FromTs is { } from && ToTs is { } to && EpochUnit.ToNanoseconds(from) >= EpochUnit.ToNanoseconds(to))
        {
            yield return ("to_ts", "It must be later than from_ts.");
        }
    }
}
