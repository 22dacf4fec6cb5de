using AgentOps.Rca.Analysis;
using AgentOps.Rca.Tool.Files;

namespace AgentOps.Rca.Tool.Reports;

/// <summary>A file and what was found in it.</summary>
internal sealed record AnalyzedFile(OpenedFile File, RcaReport Report, string? Markdown)
{
    /// <summary>The evidence of the first hypothesis, in its order.</summary>
    public IEnumerable<RcaEvidence> Cited =>
        Report.Hypotheses is [var first, ..] ? Report.Evidence.Where(evidence => first.Evidence.Contains(evidence.Id)) : [];
}
