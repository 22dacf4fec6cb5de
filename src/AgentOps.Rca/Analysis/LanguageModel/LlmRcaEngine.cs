using System.Globalization;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Detectors;
using AgentOps.Rca.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>
/// A language model's choice among the steps of the run, checked and written down by code. The model sees the steps and the detectors' findings within
/// a budget, and has no tools; it chooses the step and quotes what shows it. Without a usable answer the trace engine's report is returned and says so.
/// </summary>
internal sealed partial class LlmRcaEngine(
    Func<IRcaEngine> trace, AnalysisModel model, IOptions<LanguageModelOptions> options, RcaTelemetry telemetry, ILogger<LlmRcaEngine> logger)
    : IHasEarlierEngine
{
    private const string Method = "2";

    private IReadOnlyList<EarlierEngine>? _earlier;

    public string Name => RcaEngines.LanguageModel;

    /// <summary>Names the method, the trace engine it builds on, and the options that change a prompt.</summary>
    public string Version => string.Create(
        CultureInfo.InvariantCulture,
        $"{Method}-trace.{trace().Version}-{options.Value.MaxPromptTokens}.{options.Value.MaxAnswerTokens}.{options.Value.MaxRepairs}");

    public string? Unavailable => model.Unavailable();

    /// <summary>It over the earlier trace engines.</summary>
    public IReadOnlyList<EarlierEngine> Earlier => _earlier ??=
    [
        .. ((trace() as IHasEarlierEngine)?.Earlier ?? []).Select(found =>
        {
            var engine = new LlmRcaEngine(() => found, model, options, telemetry, logger);
            return new EarlierEngine(engine, found.Method, engine.Version);
        }),
    ];

    public async ValueTask<RcaReport> AnalyzeAsync(
        RcaCase rcaCase, IProgress<RcaProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rcaCase);
        var found = await trace().AnalyzeAsync(rcaCase, progress, cancellationToken).ConfigureAwait(false);
        var redactor = rcaCase.Redactor;
        redactor.Stop = cancellationToken;
        redactor.Know(ReportMask.KnownIds(rcaCase, found));
        var run = await new DetectionContext(rcaCase).ReadRunAsync(cancellationToken).ConfigureAwait(false);
        redactor.Know(run.Steps.SelectMany(step => new[] { step.Node.SpanId, step.Node.Tool, (step as ToolStep)?.CallId }).OfType<string>());
        var content = new PromptContent(
            await PromptEvidence.ReadAsync(rcaCase, found, redactor, cancellationToken).ConfigureAwait(false),
            await new PromptSteps(rcaCase, run, found, redactor).ReadAsync(cancellationToken).ConfigureAwait(false));
        if (content.IsEmpty)
        {
            return WithoutModel(found, "there is no step of an agent and no evidence that it could explain.", new ModelSpending());
        }

        var client = rcaCase.DecorateChatClient(new BudgetedChatClient(new MeasuredChatClient(model.Client(), telemetry), options.Value));
        var conversation = new ModelConversation(client, new ModelPrompt(rcaCase, found, redactor), redactor, options.Value, progress);
        var outcome = await conversation.AskAsync(content, cancellationToken).ConfigureAwait(false);
        if (outcome.Answer is null)
        {
            LogWithoutModel(rcaCase.Incident.Id, outcome.Reason!);
            return WithoutModel(found, outcome.Reason!, outcome.Spending);
        }

        progress?.Report(new RcaProgress(RcaStages.CitationCheck, "Checking the model's citations against the stored bytes."));
        return Signed(await new ModelReport(rcaCase, found, outcome, redactor).WriteAsync(content, cancellationToken).ConfigureAwait(false), outcome.Spending) with
        {
            Engine = Name,
            EngineVersion = Version,
        };
    }

    private static RcaReport WithoutModel(RcaReport found, string reason, ModelSpending spending) => Signed(found, spending) with
    {
        Gaps = [.. found.Gaps, $"This is the trace engine's report; the language model did not contribute: {reason}"],
    };

    private static RcaReport Signed(RcaReport report, ModelSpending spending) => report with
    {
        Model = spending.Model,
        Usage = spending.Usage,
        CostUsd = spending.CostUsd,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "Incident {IncidentId} was analysed without a language model: {Reason}")]
    private partial void LogWithoutModel(Guid incidentId, string reason);
}
