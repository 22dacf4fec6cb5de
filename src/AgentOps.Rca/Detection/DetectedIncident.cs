using AgentOps.Rca.Analysis;
using AgentOps.Rca.Incidents;

namespace AgentOps.Rca.Detection;

/// <summary>An incident that a rule opened.</summary>
/// <param name="Incident">The incident as it is stored.</param>
/// <param name="RunSpanId">The span of the agent's run.</param>
/// <param name="Findings">What the rules found, the first one names the problem.</param>
/// <param name="Report">What the analysis said, or null when none was asked for or it failed.</param>
public sealed record DetectedIncident(Incident Incident, string RunSpanId, IReadOnlyList<IncidentFinding> Findings, RcaReport? Report);
