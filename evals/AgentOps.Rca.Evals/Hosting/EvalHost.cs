using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Detection;
using AgentOps.Rca.Evals.Scoring;
using AgentOps.Rca.Importing;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.OpenTelemetry;
using AgentOps.Rca.Spans;
using Microsoft.Extensions.DependencyInjection;

namespace AgentOps.Rca.Evals.Hosting;

/// <summary>A host in this process with its stores in memory: takes OTLP in, opens incidents, links traces, analyses. Nothing goes over HTTP.</summary>
internal sealed class EvalHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly EvalClock _clock = new();
    private readonly string _engine;
    private readonly TextWriter? _log;

    public EvalHost(EvalOptions options)
    {
        _engine = options.Engine.Name;
        _log = options.Log;
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_clock);
        services.AddAgentOpsRca().UseInMemory().DetectIncidents(rules => rules.Analyze = false);
        services.AddSingleton(options.Engine);
        _services = services.BuildServiceProvider();
        Spans = _services.GetRequiredService<ISpanStore>();
        Artifacts = _services.GetRequiredService<ArtifactVault>();
    }

    public ISpanStore Spans { get; }

    public ArtifactVault Artifacts { get; }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    /// <summary>Takes one OTLP request in; of what was refused the log says what a host would answer.</summary>
    public async Task SendAsync(string name, string path, ReadOnlyMemory<byte> body, OtlpEncoding encoding)
    {
        var intake = _services.GetRequiredService<OtlpIntake>();
        var outcome = path switch
        {
            "/v1/traces" => await intake.TakeTracesAsync(body, encoding),
            "/v1/logs" => await intake.TakeLogsAsync(body, encoding),
            _ => throw new InvalidDataException($"{name} has a request for '{path}', which takes no OTLP."),
        };
        if (outcome.Malformed is { } malformed)
        {
            throw new InvalidDataException($"{name} has a request to {path} that is no OTLP: {malformed}");
        }

        if (outcome.Message is { } problem)
        {
            _log?.WriteLine($"{name}: of a request to {path} {outcome.Rejected} record(s) were refused: {problem}");
        }
    }

    /// <summary>Takes a file in, which must be read as this format; the runs that it holds.</summary>
    public async Task<IReadOnlyList<string>> ImportAsync(byte[] file, string format)
    {
        var outcome = await _services.GetRequiredService<IFileImporter>().ImportAsync(new MemoryStream(file), new ImportRequest { OpensIncident = false });
        return outcome is ImportOutcome.Imported { Import: var import } && import.Files[0].Format == format && import.LeftOutCount == 0
            ? import.Runs
            : throw new InvalidDataException($"A file of the format {format} was not read as such: {(outcome is ImportOutcome.Imported { Import: var other } ? string.Join(' ', other.LeftOut) : outcome)}");
    }

    /// <summary>Lets the rules judge the runs of traces; what they found, or null when they open no incident.</summary>
    public async Task<string?> JudgeAsync(IReadOnlyList<string> traceIds)
    {
        var detector = _services.GetRequiredService<IncidentDetector>();
        foreach (var trace in traceIds)
        {
            await detector.JudgeAsync(trace + ":", CancellationToken.None);
        }

        var found = new List<string>();
        await foreach (var incident in _services.GetRequiredService<IIncidentStore>().ListAsync(new IncidentQuery()))
        {
            if (IncidentOpening.Read(incident) is var (run, findings) && traceIds.Any(trace => run.StartsWith(trace + ":", StringComparison.Ordinal)))
            {
                found.AddRange(findings.Select(finding => $"{finding.ProblemType}: {finding.Sentence}"));
            }
        }

        return found.Count > 0 ? string.Join(" ", found) : null;
    }

    /// <summary>Opens an incident, gives it the spans of these traces, and analyses it.</summary>
    public async Task<AnalysedRun> AnalyzeAsync(string symptom, string problemType, double? etaDeltaHours, IReadOnlyList<string> traceIds)
    {
        var linker = _services.GetRequiredService<ISpanLinker>();
        var spans = new List<Span>();
        foreach (var trace in traceIds)
        {
            await foreach (var span in linker.ListTraceAsync(trace))
            {
                spans.Add(span);
            }
        }

        // A minute after the run: what the host's clock says when somebody complains.
        _clock.Now = DateTimeOffset.UnixEpoch.AddTicks(spans.Select(span => span.EndTs).DefaultIfEmpty().Max() / 100_000 * 1_000).AddMinutes(1);
        var incident = new Incident
        {
            Id = Guid.CreateVersion7(_clock.Now),
            OrderId = "run-" + traceIds[0][..8],
            ProblemType = problemType,
            EtaDeltaHours = etaDeltaHours,
            CreatedTs = _clock.Now,
            Details = JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["symptom"] = symptom }, EvalsJsonContext.Default.DictionaryStringString),
        };
        await _services.GetRequiredService<IIncidentStore>().AddAsync(incident);
        await linker.LinkAsync(incident.Id.ToString("D"), [.. spans.Select(span => span.SpanId)]);
        var measured = await Measured.RunAsync(async () =>
            await _services.GetRequiredService<IRcaAnalyzer>().AnalyzeAsync(new RcaRequest { IncidentId = incident.Id, Engine = _engine }) is RcaOutcome.Completed completed
                ? completed.Report
                : throw new InvalidOperationException($"The engine {_engine} made no report."));
        return new AnalysedRun(measured, spans);
    }
}

/// <summary>What an analysis said of a run, and the spans that it was about.</summary>
internal sealed record AnalysedRun(Measured Measured, IReadOnlyList<Span> Spans)
{
    public RcaReport Report => Measured.Report;

    /// <summary>What the report says first, or nothing.</summary>
    public string Said => Report.RootCause ?? Measured.Top?.Cause ?? "";

    /// <summary>The spans that a hypothesis cites, in its own order.</summary>
    public IEnumerable<string> SpansOf(RcaHypothesis hypothesis)
    {
        var byId = Report.Evidence.ToDictionary(evidence => evidence.Id, evidence => evidence.SpanId);
        return hypothesis.Evidence.Select(id => byId.GetValueOrDefault(id)).OfType<string>();
    }
}
