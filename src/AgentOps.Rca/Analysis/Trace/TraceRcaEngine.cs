using AgentOps.Rca.Analysis.Detectors;
using AgentOps.Rca.Analysis.Detectors.Steps;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Trace;

/// <summary>
/// Finds root causes from the trace alone, without a key and without a network. Detectors look at the spans, at the artifacts and at
/// what they are compared with; what they find is ranked into hypotheses whose every fact is held against the recorded bytes.
/// </summary>
public sealed class TraceRcaEngine : ITimelessEngine, IHasEarlierEngine
{
    private const string Method = "5";
    private static readonly int[] EarlierMethods = [3, 4];

    private static readonly IDetector[] Own =
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
        new ContradictedValueDetector(),
        new ContradictedArgumentDetector(),
        new MisreadDigitsDetector(),
        new PartialFailureDetector(),
        new ContradictedDateDetector(),
        new ContradictedStatusDetector(),
        new MissingObservationDetector(),
        new PolicyOrderDetector(),
        new IgnoredArgumentDetector(),
        new OtherwiseDoneDetector(),
        new NoEffectDetector(),
        new ArbitraryChoiceDetector(),
        new CarriedUnitDetector(),
        new DroppedFilterDetector(),
        new FillValueDetector(),
        new FirstPageDetector(),
        new OtherRecordDetector(),
        new SwappedResultsDetector(),
        new UnaskedRemovalDetector(),
        new MadeUpAddressDetector(),
        new MistypedIdDetector(),
        new MistypedDateDetector(),
        new OverruledDetector(),
        new AskedOtherwiseDetector(),
        new WrongRowDetector(),
        new ExcludedTargetDetector(),
        new CallArithmeticDetector(),
        new ConversionDetector(),
        new WrongTotalDetector(),
        new ExceededLimitDetector(),
        new OtherRowToldDetector(),
        new MisquotedDetector(),
        new WrongStatisticDetector(),
        new UnusableAnswerDetector(),
        new ForbiddenToolDetector(),
        new UserBanDetector(),
        new KeptAsIsDetector(),
        new DraftOnlyDetector(),
        new BackupFirstDetector(),
        new ClaimedActionDetector(),
        new ClaimedEditDetector(),
        new PartForWholeDetector(),
        new LostConstraintDetector(),
        new OutdatedAnswerDetector(),
        new PublishedSecretDetector(),
        new EditedTestDetector(),
        new SpentTimeDetector(),
        new UnparsableTextDetector(),
        new WrongEnvironmentDetector(),
        new LostWorkDetector(),
        new UntouchedSourceDetector(),
        new SwallowedErrorDetector(),
        new LookOnlyDetector(),
        new GarbledIdDetector(),
        new InventedFigureDetector(),
        new UnheededVerdictDetector(),
        new UnmatchedRecordDetector(),
        new UntoldValueDetector(),
        new PendingApprovalDetector(),
        new GeneratedFileDetector(),
        new OldValueDetector(),
        new UnfilledPlaceholderDetector(),
        new UnbackedResultDetector(),
        new ExceededTotalDetector(),
        new SupersededSourceDetector(),
        new UnconfirmedChangeDetector(),
        new WrongQueryDetector(),
        new ToolOrderDetector(),
        new RefusalDetector(),
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

    private readonly IDetector[] _detectors;
    private readonly EarlierEngine[] _earlier;

    /// <summary>Makes the engine with the detectors of this library.</summary>
    public TraceRcaEngine()
        : this([])
    {
    }

    /// <summary>Makes the engine with the detectors of this library and others.</summary>
    /// <param name="detectors">The others; the engine's version names them.</param>
    public TraceRcaEngine(IEnumerable<IDetector> detectors)
    {
        ArgumentNullException.ThrowIfNull(detectors);
        IDetector[] others = [.. detectors];
        _detectors = [.. Own, .. others];
        var added = string.Concat(others.Select(static other => $"+{other.GetType().FullName}/{other.Version}"));
        Version = Method + added;
        _earlier = Array.ConvertAll(EarlierMethods, method => new EarlierEngine(this, method, Words.Invariant($"{method}") + added));
    }

    /// <summary>The detectors of this library; the version changes when they do.</summary>
    internal static IReadOnlyList<IDetector> OwnDetectors => Own;

    /// <inheritdoc/>
    public string Name => RcaEngines.Trace;

    /// <inheritdoc/>
    public string Version { get; }

    IReadOnlyList<EarlierEngine> IHasEarlierEngine.Earlier => _earlier;

    // A detector of somebody else's may look at the time.
    bool ITimelessEngine.IsTimeless => _detectors.Length == Own.Length;

    /// <inheritdoc/>
    public async ValueTask<RcaReport> AnalyzeAsync(
        RcaCase rcaCase, IProgress<RcaProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rcaCase);
        var context = new DetectionContext(rcaCase);
        var findings = await DetectAsync(context, cancellationToken).ConfigureAwait(false);
        var ranked = Ranking.Of(findings);
        progress?.Report(new RcaProgress(
            RcaStages.Evidence,
            Words.Invariant($"{_detectors.Length} detectors found {Words.Count(findings.Count, "thing")} that may be the cause, in {Words.Count(ranked.Count, "place")}.")));
        return await ReportWriter.WriteAsync(this, context, ranked, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What the detectors find, not ranked and not checked.</summary>
    internal async ValueTask<List<Finding>> DetectAsync(DetectionContext context, CancellationToken cancellationToken)
    {
        await context.ReadRunAsync(cancellationToken).ConfigureAwait(false);

        // What is read of contents is bounded, so those who read them come one after the other; the others need not wait for them.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var bySpans = Task.Run(() => DetectAsync(context, isBySpans: true, stopping.Token).AsTask(), CancellationToken.None);
        try
        {
            var byContents = await DetectAsync(context, isBySpans: false, cancellationToken).ConfigureAwait(false);
            return [.. (await bySpans.ConfigureAwait(false)).Zip(byContents, static (one, other) => one ?? other ?? []).SelectMany(static found => found)];
        }
        finally
        {
            await stopping.CancelAsync().ConfigureAwait(false);
            await ((Task)bySpans).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async ValueTask<List<Finding>> OfEarlierAnswersAsync(IDetector detector, DetectionContext context, CancellationToken cancellationToken)
    {
        List<Finding> found = [];
        foreach (var earlier in context.EarlierAnswers())
        {
            cancellationToken.ThrowIfCancellationRequested();
            found.AddRange(await detector.DetectAsync(earlier, cancellationToken).ConfigureAwait(false));
        }

        return found;
    }

    // In the order of the detectors; null for those of the other kind.
    private async ValueTask<IReadOnlyList<Finding>?[]> DetectAsync(DetectionContext context, bool isBySpans, CancellationToken cancellationToken)
    {
        var found = new IReadOnlyList<Finding>?[_detectors.Length];
        for (var i = 0; i < found.Length; i++)
        {
            if (_detectors[i] is ISpansDetector == isBySpans)
            {
                cancellationToken.ThrowIfCancellationRequested();
                found[i] = await _detectors[i].DetectAsync(context, cancellationToken).ConfigureAwait(false);
                if (_detectors[i] is IAnswerDetector && !MethodVersion.IsBefore(5))
                {
                    found[i] = [.. found[i]!, .. await OfEarlierAnswersAsync(_detectors[i], context, cancellationToken).ConfigureAwait(false)];
                }
            }
        }

        return found;
    }
}
