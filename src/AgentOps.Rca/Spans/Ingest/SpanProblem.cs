namespace AgentOps.Rca.Spans.Ingest;

/// <summary>Why reading spans stopped, and where.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Pointer">The place as a JSON pointer into the body; with one span a line, its first step is the number of the span.</param>
/// <param name="Line">The line of the body where the span starts, or where the JSON breaks, from 1.</param>
/// <param name="Message">A sentence for the person who sent it.</param>
internal sealed record SpanProblem(SpanProblemKind Kind, string Pointer, long Line, string Message);

/// <summary>What can be wrong with spans that are read.</summary>
internal enum SpanProblemKind
{
    /// <summary>The bytes are not JSON, or not in one of the forms that hold spans.</summary>
    Malformed,

    /// <summary>It is JSON, but a member is missing, of the wrong kind, or cannot be kept.</summary>
    Invalid,

    /// <summary>A span has more bytes than are taken.</summary>
    TooLarge,
}
