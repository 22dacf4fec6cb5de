using AgentOps.Rca.Analysis;

namespace AgentOps.Rca.AspNetCore.Tests;

/// <summary>An engine that finds what it is told, so that these tests are about the API and not about an engine.</summary>
public sealed class ScriptedEngine : IRcaEngine
{
    /// <summary>What happens between the two steps; by default nothing.</summary>
    public Func<CancellationToken, Task> Work { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Told of which incident, before the work.</summary>
    public Action<Guid> Begins { get; set; } = static _ => { };

    public string Name => "scripted";

    public string Version => "1";

    public string? Unavailable { get; set; }

    /// <summary>The signature of its reports, or null.</summary>
    public string? Signature { get; set; }

    public async ValueTask<RcaReport> AnalyzeAsync(RcaCase rcaCase, IProgress<RcaProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rcaCase);
        progress?.Report(new RcaProgress(RcaStages.Evidence, "Looked at the spans."));
        Begins(rcaCase.Incident.Id);
        await Work(cancellationToken);
        return new RcaReport
        {
            IncidentId = rcaCase.Incident.Id,
            Verdict = RcaVerdict.Identified,
            Confidence = 0.75,
            Summary = "The carrier was slow.",
            RootCause = "The carrier was slow.",
            Engine = Name,
            EngineVersion = Version,
            Signature = Signature,
            Patterns = [.. rcaCase.History.Where(pattern => pattern.Signature == Signature)],
            AnalysisTimestamp = rcaCase.AnalyzedAt,
        };
    }
}
