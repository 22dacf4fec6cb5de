using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>What a user had said before a call, in the conversation in which the call was made: what an agent says to another one is no user's word.</summary>
internal static class UserTurns
{
    public static IEnumerable<Passage> Before(AgentRun run, ToolStep call) => run.Models
        .Where(model => call.Asker is { } asker ? model.Number <= asker.Number && Conversations.AreSame(run, model, asker) : model.Number < call.Number)
        .SelectMany(static model => model.Input).Where(static message => message.Role == "user").SelectMany(static message => message.Texts).Distinct();
}
