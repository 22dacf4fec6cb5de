namespace AgentOps.Rca.AspNetCore.Requests;

/// <summary>How many bytes requests may have; metadata of every endpoint.</summary>
internal sealed record RequestLimits(long JsonBody, long SpansBody, int Span, long Artifact, long Bundle, int OtlpBody, long OtlpInFlight, long Import);
