using AgentOps.Rca.Analysis;
using AgentOps.Rca.Analysis.Detectors;
using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Analysis.Trace;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Detection;

/// <summary>
/// What the trace engine's detectors prove of a run: a call that failed and was not made good, or a step that the records show to be wrong.
/// Frameworks hand a tool's error to the model, so that the run's own span ends well. Signs and statistics open nothing.
/// </summary>
internal sealed class RunFindings(CaseLoader loader, IEnumerable<IRcaEngine> engines, IOptions<IncidentDetectionOptions> options) : IRunFindings
{
    private readonly TraceRcaEngine _engine = engines.OfType<TraceRcaEngine>().LastOrDefault() ?? new TraceRcaEngine();

    public async ValueTask<IReadOnlyList<IncidentFinding>> FindAsync(EndedRun run, CancellationToken cancellationToken)
    {
        if (!options.Value.OnFailedCall && !options.Value.OnProof)
        {
            return [];
        }

        var rcaCase = loader.OpenRun(IncidentOpening.Of(run, [new("agent_error", "")], options.Value), [.. run.Spans, .. run.Request]);
        var ranked = Ranking.Of(await _engine.DetectAsync(new DetectionContext(rcaCase), cancellationToken).ConfigureAwait(false));
        var checker = new EvidenceBook(rcaCase);
        foreach (var candidate in ranked.Where(candidate => Opens(candidate.Strongest)))
        {
            if (await HoldsAsync(checker, candidate.Strongest, cancellationToken).ConfigureAwait(false))
            {
                return [new(ProblemOf(candidate.Strongest), candidate.Strongest.Cause)];
            }
        }

        return [];
    }

    // That something is missing which only its name promises is no failure that a record tells: good runs may lack it, too.
    private bool Opens(Finding finding) => finding.Proof switch
    {
        Proof.Certain or Proof.Causal => options.Value.OnProof,
        Proof.Failure => options.Value.OnFailedCall && finding.Kind != MissingMemberDetector.Kind,
        _ => false,
    };

    private static string ProblemOf(Finding finding) =>
        finding.Proof != Proof.Failure ? "agent_fault"
        : finding.Tool.StartsWith(ToolNames.ToolCallPrefix, StringComparison.Ordinal) ? "tool_error"
        : finding.Tool.StartsWith(ToolNames.ModelCallPrefix, StringComparison.Ordinal) ? "model_error"
        : "agent_error";

    private static async ValueTask<bool> HoldsAsync(EvidenceBook book, Finding finding, CancellationToken cancellationToken)
    {
        foreach (var fact in finding.Facts)
        {
            if (!book.IsChecked(await book.EnterAsync(finding.Kind, fact, cancellationToken).ConfigureAwait(false)))
            {
                return false;
            }
        }

        return finding.Facts.Count > 0;
    }
}
