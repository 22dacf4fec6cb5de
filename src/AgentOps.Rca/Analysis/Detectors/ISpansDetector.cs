namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>
/// A detector that looks at nothing but the spans as trees and the baseline: it reads no attributes and no artifacts, so it may run beside those
/// that do.
/// </summary>
internal interface ISpansDetector : IDetector;
