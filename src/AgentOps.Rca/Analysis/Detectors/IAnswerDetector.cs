namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>
/// A detector that holds an answer against what was known when it was given. A conversation has several: each is looked at with what came before it, and the last one with all.
/// </summary>
internal interface IAnswerDetector : IDetector;
