using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis;

/// <summary>
/// An engine as it was in an earlier version, which a replay asks for what it has made. Version 4 of the trace engine took any later call of a tool for one that
/// made a failure good, and read no failures out of the output of commands; version 3 told times of steps whose file has none, too.
/// </summary>
/// <param name="engine">The engine as it is.</param>
/// <param name="method">The version of the trace engine's method.</param>
/// <param name="version">The version that reports name.</param>
internal sealed class EarlierEngine(IRcaEngine engine, int method, string version) : ITimelessEngine
{
    public string Name => engine.Name;

    public string Version => version;

    /// <summary>The version of the trace engine's method.</summary>
    public int Method => method;

    public string? Unavailable => engine.Unavailable;

    public bool IsTimeless => engine is ITimelessEngine { IsTimeless: true };

    public async ValueTask<RcaReport> AnalyzeAsync(RcaCase rcaCase, IProgress<RcaProgress>? progress, CancellationToken cancellationToken)
    {
        MethodVersion.Be(method);
        var report = await engine.AnalyzeAsync(rcaCase, progress, cancellationToken).ConfigureAwait(false);
        return report.Engine == Name ? report with { EngineVersion = version } : report;
    }
}

/// <summary>An engine that can still make the reports of the versions before it.</summary>
internal interface IHasEarlierEngine : IRcaEngine
{
    /// <summary>It as it was, always the same ones; none where there was none.</summary>
    IReadOnlyList<EarlierEngine> Earlier { get; }
}
