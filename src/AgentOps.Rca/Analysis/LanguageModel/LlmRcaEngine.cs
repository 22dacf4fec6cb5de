using System.Globalization;
using AgentOps.Rca.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Analysis.LanguageModel;

/// <summary>
/// The trace engine's finding, explained by a language model. The model sees ranked evidence, never the raw trace, and has no tools; code
/// checks every citation. Without a usable answer the trace engine's report is returned and says so.
/// </summary>
internal sealed partial class LlmRcaEngine(
    Func<IRcaEngine> trace, AnalysisModel model, IOptions<LanguageModelOptions> options, RcaTelemetry telemetry, ILogger<LlmRcaEngine> logger)
    : IRcaEngine
{
    private const string Method = "1";

    public string Name => RcaEngines.LanguageModel;

    /// <summary>Names the method, the trace engine it builds on, and the options that change a prompt.</summary>
    public string Version => string.Create(
        CultureInfo.InvariantCulture,
        $"{Method}-trace.{trace().Version}-{options.Value.MaxPromptTokens}.{options.Value.MaxAnswerTokens}.{options.Value.MaxRepairs}");

    public string? Unavailable => model.Unavailable();

    public async ValueTask<RcaReport> AnalyzeAsync(
        RcaCase rcaCase, IProgress<RcaProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rcaCase);
        var found = await trace().AnalyzeAsync(rcaCase, progress, cancellationToken);
        if (found.Evidence.Count == 0)
        {
            return WithoutModel(found, "there is no evidence that it could explain.", new ModelSpending());
        }

        var redactor = rcaCase.Redactor;
        redactor.Stop = cancellationToken;
        redactor.Know(ReportMask.KnownIds(rcaCase, found));
        var evidence = await PromptEvidence.ReadAsync(rcaCase, found, redactor, cancellationToken);
        var client = rcaCase.DecorateChatClient(new BudgetedChatClient(new MeasuredChatClient(model.Client(), telemetry), options.Value));
        var conversation = new ModelConversation(client, new ModelPrompt(rcaCase, found, redactor), redactor, options.Value, progress);
        var outcome = await conversation.AskAsync(evidence, cancellationToken);
        if (outcome.Answer is null)
        {
            LogWithoutModel(rcaCase.Incident.Id, outcome.Reason!);
            return WithoutModel(found, outcome.Reason!, outcome.Spending);
        }

        progress?.Report(new RcaProgress(RcaStages.CitationCheck, "Checking the model's citations against the stored bytes."));
        return Signed(new ModelReport(rcaCase, found, outcome, redactor).Write(evidence.Count), outcome.Spending) with
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
