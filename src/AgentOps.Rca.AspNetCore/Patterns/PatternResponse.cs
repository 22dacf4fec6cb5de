using AgentOps.Rca.Analysis;
using AgentOps.Rca.Identity;

namespace AgentOps.Rca.AspNetCore.Patterns;

/// <summary>A pattern as it is listed.</summary>
internal sealed record PatternResponse
{
    public required string Signature { get; init; }

    public string? Category { get; init; }

    public string? Tool { get; init; }

    public string? ErrorClass { get; init; }

    public required int Count { get; init; }

    public required IReadOnlyList<Guid> Incidents { get; init; }

    public DateTimeOffset? FirstSeen { get; init; }

    public DateTimeOffset? LastSeen { get; init; }

    public required IReadOnlyList<PrecedentResponse> Approved { get; init; }

    public static PatternResponse Of(RcaPattern pattern)
    {
        var parts = RcaSignature.Parse(pattern.Signature);
        return new PatternResponse
        {
            Signature = pattern.Signature,
            Category = parts?.Category,
            Tool = parts?.Tool,
            ErrorClass = string.IsNullOrEmpty(parts?.ErrorClass) ? null : parts.ErrorClass,
            Count = pattern.Count,
            Incidents = pattern.Incidents,
            FirstSeen = pattern.FirstSeen,
            LastSeen = pattern.LastSeen,
            Approved = [.. pattern.Approved.Select(PrecedentResponse.Of)],
        };
    }
}

/// <summary>What a person approved of a pattern.</summary>
internal sealed record PrecedentResponse(
    Guid IncidentId, string ReportDigest, string? RootCause, string? ApprovedBy, Actor? Approver, string? Note, DateTimeOffset ApprovedAt)
{
    public static PrecedentResponse Of(RcaPrecedent approved) =>
        new(approved.IncidentId, approved.ReportDigest, approved.RootCause, approved.ApprovedBy, approved.Approver, approved.Note, approved.ApprovedAt);
}
