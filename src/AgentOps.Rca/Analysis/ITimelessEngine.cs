namespace AgentOps.Rca.Analysis;

/// <summary>
/// An engine that asks no model and only writes the time of an analysis down: the same case at another time gives the same report but for
/// <see cref="RcaReport.AnalysisTimestamp"/>, so a replay of many analyses of one case need not work it out again for each, and none must wait for
/// the name that the calls of a model would be recorded under.
/// </summary>
internal interface ITimelessEngine : IRcaEngine
{
    /// <summary>Whether that holds for the engine as it is made up.</summary>
    bool IsTimeless { get; }
}
