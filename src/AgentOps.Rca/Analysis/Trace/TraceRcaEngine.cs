using AgentOps.Rca.Analysis.Detectors;
using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Trace;

/// <summary>
/// Finds root causes from the trace alone, without a key and without a network. Detectors look at the spans, at the artifacts and at
/// what they are compared with; what they find is ranked into hypotheses whose every fact is held against the recorded bytes.
/// </summary>
public sealed class TraceRcaEngine : IRcaEngine
{
    private static readonly IDetector[] Detectors =
    [
        new UnofferedToolDetector(),
        new SchemaDetector(),
        new FinishReasonDetector(),
        new TurnLimitDetector(),
        new WorkflowDetector(),
        new InjectionDetector(),
        new OwnWriteDetector(),
        new RepeatedEffectDetector(),
        new InventedValueDetector(),
        new UnsupportedAnswerDetector(),
        new ContradictedCountDetector(),
        new PolicyOrderDetector(),
        new FailedStepDetector(),
        new ModelFailureDetector(),
        new MissingMemberDetector(),
        new SlowStepDetector(),
        new RepeatedStepDetector(),
        new ObjectionDetector(),
        new UnfinishedDetector(),
        new EmptyStepDetector(),
        new ErrorOriginDetector(),
        new LoopDetector(),
        new StaleDataDetector(),
        new ResultDetector(),
        new MissingArtifactDetector(),
        new DeadlineDetector(),
        new TimeDetector(),
        new LatencyDetector(),
        new StructureDetector(),
        new SequenceDetector(),
        new RepeatDetector(),
        new ArgumentsDetector(),
        new BudgetDetector(),
        new TranscriptDetector(),
    ];

    /// <inheritdoc/>
    public string Name => RcaEngines.Trace;

    /// <inheritdoc/>
    public string Version => "3";

    /// <inheritdoc/>
    public async ValueTask<RcaReport> AnalyzeAsync(
        RcaCase rcaCase, IProgress<RcaProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rcaCase);
        var context = new DetectionContext(rcaCase);
        await context.ReadRunAsync(cancellationToken);
        List<Finding> findings = [];
        foreach (var detector in Detectors)
        {
            cancellationToken.ThrowIfCancellationRequested();
            findings.AddRange(await detector.DetectAsync(context, cancellationToken));
        }

        var ranked = Ranking.Of(findings);
        progress?.Report(new RcaProgress(
            RcaStages.Evidence,
            Words.Invariant($"{Detectors.Length} detectors found {Words.Count(findings.Count, "thing")} that may be the cause, in {Words.Count(ranked.Count, "place")}.")));
        return await ReportWriter.WriteAsync(this, context, ranked, cancellationToken);
    }
}
