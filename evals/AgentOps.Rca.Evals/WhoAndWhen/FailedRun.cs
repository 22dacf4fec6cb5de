using System.Text.Json;

namespace AgentOps.Rca.Evals.WhoAndWhen;

/// <summary>A run of several agents that failed, and who made the decisive mistake when. The task's answer is not read.</summary>
internal sealed record FailedRun(IReadOnlyList<RunStep> History, string? Question, string MistakeAgent, JsonElement MistakeStep)
{
    public int Step => int.Parse(MistakeStep.ToString(), System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>A step of a run.</summary>
internal sealed record RunStep(string Content, string? Role, string? Name)
{
    // "Orchestrator (thought)" and "Orchestrator (-> WebSurfer)" are the orchestrator speaking.
    public string Agent => ((string.IsNullOrEmpty(Name) ? Role : Name) ?? "unknown").Split(" (", 2)[0];
}
