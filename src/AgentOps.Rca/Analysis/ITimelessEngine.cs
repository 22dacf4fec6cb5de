namespace AgentOps.Rca.Analysis;

/// <summary>
/// An engine that only writes the time of an analysis down: the same case at another time gives the same report but for
/// <see cref="RcaReport.AnalysisTimestamp"/>, so a replay of many analyses of one case need not work it out again for each.
/// </summary>
internal interface ITimelessEngine : IRcaEngine
{
    /// <summary>Whether that holds for the engine as it is made up.</summary>
    bool IsTimeless { get; }
}
