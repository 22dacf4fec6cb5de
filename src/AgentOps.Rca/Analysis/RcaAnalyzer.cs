using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AgentOps.Rca.Analysis.Baselines;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Auditing;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentOps.Rca.Analysis;

/// <summary>
/// Runs analyses and records them. The case manifest and the report are stored before the span that points at them, so a recorded analysis can
/// always be made again.
/// </summary>
internal sealed partial class RcaAnalyzer : IRcaAnalyzer
{
    private readonly IIncidentStore _incidents;
    private readonly ISpanStore _spans;
    private readonly ISpanIntake _intake;
    private readonly ArtifactVault _artifacts;
    private readonly CaseLoader _loader;
    private readonly RcaEngines _engines;
    private readonly IAnalysisChatClients? _chatClients;
    private readonly IRcaHistory? _history;
    private readonly RcaTelemetry? _telemetry;
    private readonly IAuditTrail? _audit;
    private readonly AnalysisRuns _runs = new();
    private readonly bool _maskReports;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<RcaAnalyzer> _logger;
    private readonly WorkingMemory _memory;

    /// <summary>Makes an analyzer over these stores and engines.</summary>
    /// <param name="incidents">The incidents.</param>
    /// <param name="spans">The spans.</param>
    /// <param name="artifacts">The artifacts.</param>
    /// <param name="engines">The engines.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="logger">Told when an analysis ends.</param>
    /// <param name="chatClients">Records the model calls of engines; null records none.</param>
    /// <param name="history">Tells what earlier analyses found; null tells nothing.</param>
    /// <param name="telemetry">Measures analyses; null measures none.</param>
    /// <param name="options">How analyses are recorded; null means the defaults.</param>
    /// <param name="intake">Where the spans of analyses go; null stores them and tells nobody.</param>
    /// <param name="audit">Where it is recorded who asked; null records nothing more.</param>
    /// <param name="memory">Where the memory of large incidents comes from; null takes that of the process.</param>
    public RcaAnalyzer(
        IIncidentStore incidents,
        ISpanStore spans,
        ArtifactVault artifacts,
        IEnumerable<IRcaEngine> engines,
        TimeProvider timeProvider,
        ILogger<RcaAnalyzer> logger,
        IAnalysisChatClients? chatClients = null,
        IRcaHistory? history = null,
        RcaTelemetry? telemetry = null,
        IOptions<AnalysisOptions>? options = null,
        ISpanIntake? intake = null,
        IAuditTrail? audit = null,
        WorkingMemory? memory = null)
    {
        _incidents = incidents;
        _spans = spans;
        _intake = intake ?? new SpanIntake(spans);
        _artifacts = artifacts;
        _loader = new CaseLoader(spans, artifacts);
        _engines = new RcaEngines(engines);
        _timeProvider = timeProvider;
        _logger = logger;
        _chatClients = chatClients;
        _history = history;
        _telemetry = telemetry;
        _audit = audit;
        _memory = memory ?? WorkingMemory.Shared;
        _maskReports = (options?.Value ?? new AnalysisOptions()).MaskReports;
    }

    /// <summary>Analyses an incident and records the analysis.</summary>
    /// <param name="request">What to analyse, and how.</param>
    /// <param name="progress">Told about each step, or null.</param>
    /// <param name="cancellationToken">Stops the analysis; nothing but the case manifest may then be stored.</param>
    public async ValueTask<RcaOutcome> AnalyzeAsync(
        RcaRequest request, IProgress<RcaProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (FindMistake(request) is { } mistake)
        {
            throw new ArgumentException(mistake, nameof(request));
        }

        return await _runs.AnalyzeAsync(
            request,
            token => _spans.CountAsync(request.IncidentId.ToString("D"), token),
            (spans, steps, token) => MakeAsync(request, spans, steps, token),
            progress,
            cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<RcaOutcome> MakeAsync(RcaRequest request, long spans, IProgress<RcaProgress> progress, CancellationToken cancellationToken)
    {
        if (_engines.Choose(request.Engine, out var engine) is { } refused)
        {
            return refused;
        }

        if (await _incidents.GetAsync(request.IncidentId, cancellationToken).ConfigureAwait(false) is not { } incident)
        {
            return new RcaOutcome.IncidentNotFound(request.IncidentId);
        }

        if (await FindUnknownReferenceAsync(request.Reference, cancellationToken).ConfigureAwait(false) is { } unknown)
        {
            return unknown;
        }

        using var memory = await _memory.TakeAsync(spans, cancellationToken).ConfigureAwait(false);
        using var measured = _telemetry?.StartAnalysis(engine.Name);
        measured?.Detail("agentops.rca.incident_id", incident.Id.ToString("D"));
        try
        {
            var completed = await AnalyzeAsync(incident, engine, request, progress, cancellationToken).ConfigureAwait(false);
            measured?.Tag(AnalysisSpan.Verdict, AnalysisSpan.WordOf(completed.Report.Verdict));
            measured?.Detail(AnalysisSpan.Confidence, completed.Report.Confidence);
            return completed;
        }
        catch (Exception exception)
        {
            measured?.Failed(exception);
            throw;
        }
    }

    /// <summary>
    /// Analyses an incident and tells each step as it comes; the last update holds the outcome. Who stops enumerating stops the analysis.
    /// </summary>
    /// <param name="request">What to analyse, and how.</param>
    /// <param name="cancellationToken">Stops the analysis; nothing but the case manifest may then be stored.</param>
    public async IAsyncEnumerable<RcaUpdate> StreamAsync(
        RcaRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var steps = Channel.CreateUnbounded<RcaProgress>(new UnboundedChannelOptions { SingleReader = true });
        var analysis = RunAsync();
        try
        {
            await foreach (var step in steps.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return new RcaUpdate(step, null);
            }

            yield return new RcaUpdate(null, await analysis.ConfigureAwait(false));
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)analysis).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task<RcaOutcome> RunAsync()
        {
            // An engine may work for long before it first waits; the caller is told meanwhile.
            await Task.Yield();
            try
            {
                return await AnalyzeAsync(request, new ChannelProgress(steps.Writer), stop.Token).ConfigureAwait(false);
            }
            finally
            {
                steps.Writer.Complete();
            }
        }
    }

    private async ValueTask<RcaOutcome.Completed> AnalyzeAsync(
        Incident incident, IRcaEngine engine, RcaRequest request, IProgress<RcaProgress>? progress, CancellationToken cancellationToken)
    {
        var (manifest, manifestDigest, report, spans) = await MakeReportAsync(incident, engine, request, progress, cancellationToken).ConfigureAwait(false);
        var spanId = AnalysisSpan.IdOf(manifestDigest);
        var reportDigest = (await _artifacts.PutAsync(RcaJson.ToUtf8(report), RcaJson.ReportMime, piiMasked: false, cancellationToken).ConfigureAwait(false))
            .Artifact.Digest;
        var span = AnalysisSpan.Create(manifest, manifestDigest, report, reportDigest, _timeProvider.GetUtcNow());
        var written = await _intake.AddAsync([span], cancellationToken).ConfigureAwait(false);
        if (written.Added == 0)
        {
            // The same case was analysed at the same instant, and what was stored first stays: it is what a reader will find.
            var stored = await _spans.GetAsync(spanId, cancellationToken).ConfigureAwait(false);
            report = stored is not null && AnalysisSpan.HasReport(stored)
                && await new RcaReports(_spans, _artifacts).ReadAsync(stored, cancellationToken).ConfigureAwait(false) is { ReportDigest: { } known } first
                && ArtifactDigest.TryParse(known, out reportDigest)
                ? first
                : throw new InvalidOperationException($"The span {spanId} is there, but it is not an analysis that this library made.");
        }

        if (_audit is not null)
        {
            await _audit.RecordAsync(
                new AuditEntry
                {
                    Action = AuditActions.Analysis,
                    Actor = request.Requester ?? Actor.Claimed(request.RequestedBy),
                    Object = $"report/{reportDigest}",
                    IncidentId = incident.Id,
                    Source = request.Source,
                    Detail = $"engine {engine.Name}",
                },
                cancellationToken).ConfigureAwait(false);
        }

        progress?.Report(new RcaProgress(RcaStages.Report, $"Stored the report {reportDigest}."));
        LogAnalyzed(incident.Id, engine.Name, report.Verdict, spans);
        return new RcaOutcome.Completed(report with { ReportDigest = reportDigest.ToString() }, spanId);
    }

    private async ValueTask<(CaseManifest Manifest, ArtifactDigest Digest, RcaReport Report, int Spans)> MakeReportAsync(
        Incident incident, IRcaEngine engine, RcaRequest request, IProgress<RcaProgress>? progress, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var evidence = await _loader.LoadEvidenceAsync(incident.Id, stopping.Token).ConfigureAwait(false);
        Task storing = evidence.Stored;
        Task working = Task.CompletedTask;
        try
        {
            var about = await LookAroundAsync(incident, evidence.Spans, request, cancellationToken).ConfigureAwait(false);
            var manifest = StoreManifestAsync(evidence.Stored, evidence.Index.Count, about, engine, request, stopping.Token);
            storing = manifest;
            progress?.Report(new RcaProgress(
                RcaStages.CaseLoaded,
                $"Loaded {Words.Count(evidence.Spans.Nodes.Count, "span")} of incident {incident.Id:D}; {BaselineWords(about.Baseline)}."));

            // What an engine asks of a model is recorded within its analysis, which is named by the manifest; the index is large, and who asks nothing need not wait for it.
            if (engine is not ITimelessEngine { IsTimeless: true })
            {
                await manifest.ConfigureAwait(false);
            }

            var (spans, missing) = (evidence.Spans, evidence.Index.MissingArtifacts);
            evidence = null;
            var incidentId = incident.Id.ToString("D");
            var rcaCase = _loader.Open(about, spans, missing, client => _chatClients?.Record(client, incidentId, AnalysisSpan.IdOf(manifest.GetAwaiter().GetResult().Digest)) ?? client);
            var analysis = Task.Run(() => engine.AnalyzeAsync(rcaCase, progress, stopping.Token).AsTask(), CancellationToken.None);
            working = analysis;
            if (await Task.WhenAny(manifest, analysis).ConfigureAwait(false) == manifest)
            {
                // What cannot be stored need not be worked out.
                await manifest.ConfigureAwait(false);
            }

            var report = await analysis.ConfigureAwait(false);
            report = _maskReports ? await ReportMask.ApplyAsync(rcaCase, report, cancellationToken).ConfigureAwait(false) : report;
            var (stored, digest) = await manifest.ConfigureAwait(false);
            return (stored, digest, report, spans.Nodes.Count);
        }
        finally
        {
            await stopping.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(storing, working).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async ValueTask<CaseFrame> LookAroundAsync(Incident incident, SpanForest spans, RcaRequest request, CancellationToken cancellationToken)
    {
        var now = RecordPrecision.Truncate(_timeProvider.GetUtcNow());
        var baseline = await _loader.LoadBaselineAsync(spans, request.Reference, cancellationToken).ConfigureAwait(false);
        var history = _history is null ? [] : await _history.ReadAsync(
            incident.Id, spans.Nodes.Select(static node => node.Tool).Distinct(StringComparer.Ordinal), now, cancellationToken).ConfigureAwait(false);
        return new CaseFrame(incident, baseline, history, now);
    }

    private async Task<(CaseManifest Manifest, ArtifactDigest Digest)> StoreManifestAsync(
        Task<ArtifactDigest> index, int spans, CaseFrame about, IRcaEngine engine, RcaRequest request, CancellationToken cancellationToken)
    {
        var manifest = new CaseManifest
        {
            Incident = about.Incident,
            SpanIndexDigest = (await index.ConfigureAwait(false)).ToString(),
            SpanCount = spans,
            Baseline = about.Baseline,
            History = about.History,
            Engine = engine.Name,
            EngineVersion = engine.Version,
            Masking = _maskReports ? ReportMask.Version : null,
            RequestedBy = request.Requester is { } known ? known.Name : request.RequestedBy,
            Requester = request.Requester,
            AnalyzedAt = about.AnalyzedAt,
        };
        var stored = await _artifacts.PutAsync(RcaJson.ToUtf8(manifest), CaseManifest.Mime, piiMasked: false, cancellationToken).ConfigureAwait(false);
        return (manifest, stored.Artifact.Digest);
    }

    private static string? FindMistake(RcaRequest request) =>
        (request.Requester?.Name ?? request.RequestedBy)?.Length > RcaRequest.LongestName
            ? $"{nameof(request.RequestedBy)}: It must have at most {RcaRequest.LongestName} characters."
        : (request.Requester?.Name ?? request.RequestedBy) is { } person && Redaction.ShownText.FindProblem(person) is { } unseen ? $"{nameof(request.RequestedBy)}: {unseen}"
        : request.Reference?.IncidentIds is { Count: 0 or > RcaReference.MostIncidents }
            ? $"{nameof(request.Reference)}: Give 1 to {RcaReference.MostIncidents} incidents."
        : request.Reference?.FindProblems().Select(static problem => problem.Message).FirstOrDefault() is { } wrong
            ? $"{nameof(request.Reference)}: {wrong}"
        : null;

    private async ValueTask<RcaOutcome.ReferenceNotFound?> FindUnknownReferenceAsync(RcaReference? reference, CancellationToken cancellationToken)
    {
        var ids = reference?.IncidentIds ?? [];
        for (var position = 0; position < ids.Count; position++)
        {
            if (await _incidents.GetAsync(ids[position], cancellationToken).ConfigureAwait(false) is null)
            {
                return new RcaOutcome.ReferenceNotFound(ids[position], position);
            }
        }

        return null;
    }

    // Progress<T> posts to a thread pool and loses the order.
    private sealed class ChannelProgress(ChannelWriter<RcaProgress> steps) : IProgress<RcaProgress>
    {
        public void Report(RcaProgress value) => steps.TryWrite(value);
    }

    private static string BaselineWords(Baseline baseline) => baseline.Source is { } source
        ? $"compared with {Words.Count(baseline.SpanCount, "span")} ({source})"
        : "there is nothing to compare them with";

    [LoggerMessage(LogLevel.Information, "Analysed incident {IncidentId} with the engine {Engine} over {SpanCount} spans: {Verdict}.")]
    private partial void LogAnalyzed(Guid incidentId, string engine, RcaVerdict verdict, int spanCount);
}
