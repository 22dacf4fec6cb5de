namespace AgentOps.Rca.Tests.Analysis.Detectors.Steps;

/// <summary>A run of one lookup and an answer to it.</summary>
internal static class AnswerRun
{
    public static CaseBuilder Of(string tool, string result, string answer, string request = "How is it?", string system = "You answer from the tools.", string arguments = "{}") =>
        new CaseBuilder().Call("run", "agent.run/desk", 0, 99)
            .Model("m1", 0, 1, [Chat.System(system), Chat.User(request)], Chat.Asks("c1", tool, arguments), [Chat.Tool(tool)])
            .Tool("t1", tool, 2, 3, arguments, result, "c1")
            .Model("m2", 4, 5, [Chat.System(system), Chat.User(request), Chat.Asks("c1", tool, arguments), Chat.Told("c1", result)], Chat.Answers(answer), [Chat.Tool(tool)], "stop");
}
