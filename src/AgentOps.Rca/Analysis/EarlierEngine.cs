using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis;

/// <summary>
/// An engine as it was before its last version, which a replay asks for what it has made. Version 3 of the trace engine told times of steps whose file has none;
/// all else is as it was.
/// </summary>
internal sealed class EarlierEngine(IRcaEngine engine, string version) : ITimelessEngine
{
    public string Name => engine.Name;

    public string Version => version;

    public string? Unavailable => engine.Unavailable;

    public bool IsTimeless => engine is ITimelessEngine { IsTimeless: true };

    public async ValueTask<RcaReport> AnalyzeAsync(RcaCase rcaCase, IProgress<RcaProgress>? progress, CancellationToken cancellationToken)
    {
        Words.SpeakAsEarlier();
        var report = await engine.AnalyzeAsync(rcaCase, progress, cancellationToken).ConfigureAwait(false);
        return report.Engine == Name ? report with { EngineVersion = version } : report;
    }
}

/// <summary>An engine that can still make the reports of the version before it.</summary>
internal interface IHasEarlierEngine : IRcaEngine
{
    /// <summary>It as it was, always the same; null where there was none.</summary>
    IRcaEngine? Earlier { get; }
}
