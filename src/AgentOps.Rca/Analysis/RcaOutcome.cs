namespace AgentOps.Rca.Analysis;

/// <summary>How a request for an analysis ended: exactly one of the records below.</summary>
public abstract record RcaOutcome
{
    private RcaOutcome()
    {
    }

    /// <summary>The report, stored and with its digest.</summary>
    /// <param name="Report">The report.</param>
    /// <param name="SpanId">The span that records the analysis.</param>
    public sealed record Completed(RcaReport Report, string SpanId) : RcaOutcome;

    /// <summary>There is no such incident.</summary>
    /// <param name="IncidentId">The id asked for.</param>
    public sealed record IncidentNotFound(Guid IncidentId) : RcaOutcome;

    /// <summary>An incident to compare with does not exist.</summary>
    /// <param name="IncidentId">The first of <see cref="RcaReference.IncidentIds"/> that is unknown.</param>
    /// <param name="Position">Its place among them, from 0.</param>
    public sealed record ReferenceNotFound(Guid IncidentId, int Position) : RcaOutcome;

    /// <summary>No engine has this name.</summary>
    /// <param name="Engine">The name asked for.</param>
    /// <param name="Known">The names there are.</param>
    public sealed record EngineUnknown(string Engine, IReadOnlyList<string> Known) : RcaOutcome;

    /// <summary>The engine cannot work now.</summary>
    /// <param name="Engine">The engine's name.</param>
    /// <param name="Reason">What it lacks, in a sentence.</param>
    public sealed record EngineUnavailable(string Engine, string Reason) : RcaOutcome;
}
