namespace AgentOps.Rca.OpenTelemetry;

/// <summary>What became of one OTLP request.</summary>
/// <param name="Added">How many records were new and are stored.</param>
/// <param name="Duplicates">How many were known with the same content.</param>
/// <param name="Rejected">How many were refused; sending them again cannot help.</param>
/// <param name="Message">
/// Which of them were refused and why, and which records are kept without something that could not be read: the first few, by their
/// place in the body. Null when there is nothing to say.
/// </param>
/// <param name="Malformed">What makes the body no OTLP, or null. What stands before that place may be stored.</param>
internal sealed record OtlpOutcome(long Added, long Duplicates, long Rejected, string? Message, string? Malformed);
