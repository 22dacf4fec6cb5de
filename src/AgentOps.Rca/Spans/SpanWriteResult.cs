namespace AgentOps.Rca.Spans;

/// <summary>What became of a batch of spans.</summary>
/// <param name="Added">How many were new and are stored now.</param>
/// <param name="Duplicates">How many were there already with the same content.</param>
/// <param name="Conflicts">The ids under which other content is stored, in the order of the batch; that content stays.</param>
public sealed record SpanWriteResult(int Added, int Duplicates, IReadOnlyList<string> Conflicts)
{
    /// <summary>The result of an empty batch.</summary>
    public static SpanWriteResult Empty { get; } = new(0, 0, []);
}
