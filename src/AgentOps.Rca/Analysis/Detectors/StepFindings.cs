using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>Findings about the steps of agents. One step is one place.</summary>
internal static class StepFindings
{
    /// <summary>The place of a step: hypotheses about agents are distinct steps.</summary>
    public static string PlaceOf(AgentStep step) => "step:" + step.Node.SpanId;

    public static Finding At(
        AgentStep step, string kind, string category, Proof proof, double strength, string cause, IEnumerable<Fact> facts,
        string? recommendation = null, string? errorClass = null, IEnumerable<string>? factors = null, IEnumerable<AgentStep>? explains = null) => new()
        {
            Kind = kind,
            Category = category,
            Place = PlaceOf(step),
            Tool = step.Node.Tool,
            ErrorClass = errorClass ?? kind,
            Proof = proof,
            Strength = strength,
            AtNs = step.Node.StartNs,
            Cause = cause,
            Recommendation = recommendation,
            Factors = [.. factors ?? []],
            Facts = [.. facts],
            Explains = explains is null ? [] : explains.Select(other => other.Node.SpanId).Where(id => id != step.Node.SpanId).ToHashSet(StringComparer.Ordinal),
        };

    /// <summary>The step's name in a sentence: from outside, so on one line and bounded.</summary>
    public static string Say(AgentStep step) => Words.Name(step.Name);

    /// <summary>Words of others in quotation marks.</summary>
    public static string Quote(string words, int most = 160) => $"“{Words.Short(words, most)}”";

    /// <summary>The beginning of words that are quoted as evidence, letter for letter.</summary>
    public static string Head(string words, int most = 200) => words.Length <= most ? words : words[..(char.IsHighSurrogate(words[most - 1]) ? most - 1 : most)];

    /// <summary>The steps after this one in the same run, in their order.</summary>
    public static IEnumerable<AgentStep> After(this AgentRun run, AgentStep step) => run.Steps.Skip(step.Number + 1);
}
