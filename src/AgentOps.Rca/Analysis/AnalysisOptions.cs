namespace AgentOps.Rca.Analysis;

/// <summary>How analyses are recorded, from the section <c>AgentOpsRca:Analysis</c>.</summary>
public sealed class AnalysisOptions
{
    /// <summary>
    /// Whether secrets and personal data are replaced by placeholders such as <c>[SECRET_1]</c> in reports, before they are stored: yes.
    /// Prompts to a language model are masked whatever this says.
    /// </summary>
    public bool MaskReports { get; set; } = true;
}
