namespace AgentOps.Rca.Evals.Claims;

/// <summary>What is claimed of a recorded run, with what each claim cites and whether it is true.</summary>
internal sealed record LabelledRun(string Run, string Incident, IReadOnlyList<LabelledClaim> Claims);

internal sealed record LabelledClaim(string Text, string? Tool, IReadOnlyList<LabelledCitation> Citations, bool True, string? Kind, string? Why);

internal sealed record LabelledCitation(LabelledEvidence? Evidence, string? SpanId, string? Artifact, string? Pointer, string? Quote);

/// <summary>The record as the prompt showed it.</summary>
internal sealed record LabelledEvidence(string? Id, string? Kind, string? Tool, string? Text, string? Words);
