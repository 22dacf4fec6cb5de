namespace AgentOps.Rca.Spans;

/// <summary>What an event says without what changes from call to call.</summary>
/// <param name="Text">The level and the place in the source when the event names one, else its first words with numbers and ids masked.</param>
/// <param name="IsError">Whether it reports an error.</param>
internal sealed record EventPattern(string Text, bool IsError);
