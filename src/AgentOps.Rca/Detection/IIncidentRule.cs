namespace AgentOps.Rca.Detection;

/// <summary>Says whether a run of an agent is an incident. A rule looks at the run alone, so that it says the same each time.</summary>
public interface IIncidentRule
{
    /// <summary>What is wrong with the run, or null.</summary>
    /// <param name="run">A run that has ended.</param>
    IncidentFinding? Judge(EndedRun run);
}

/// <summary>Why a run is an incident.</summary>
/// <param name="ProblemType">A short class name of the symptom, such as <c>agent_error</c>.</param>
/// <param name="Sentence">What was found, in a sentence with its figures.</param>
public sealed record IncidentFinding(string ProblemType, string Sentence);
