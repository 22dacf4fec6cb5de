using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis;

/// <summary>Which artifacts a case speaks of.</summary>
internal static class CaseArtifacts
{
    /// <summary>Every digest that one of the spans names, each once.</summary>
    public static IEnumerable<ArtifactDigest> NamedBy(IEnumerable<Span> spans) =>
        spans.SelectMany(span => new[] { span.ArgsDigest, span.ResultDigest })
            .Select(text => ArtifactDigest.TryParse(text, out var digest) ? digest : (ArtifactDigest?)null)
            .OfType<ArtifactDigest>()
            .Distinct();
}
