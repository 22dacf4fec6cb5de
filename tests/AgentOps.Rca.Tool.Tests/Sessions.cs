namespace AgentOps.Rca.Tool.Tests;

/// <summary>Small files of runs: one in which a refund failed and the agent said that it was done, and one in which it was done.</summary>
internal static class Sessions
{
    public const int FailingLine = 4;

    public static string Failing { get; } = Write("{\"error\":\"rate_limit_exceeded\",\"message\":\"Too many refunds in a minute.\"}", isError: true, "The refund could not be made: too many refunds in a minute.");

    public static string Good { get; } = Write("{\"refund_id\":\"R-77\",\"status\":\"done\"}", isError: false, "The refund R-77 is made.", "s2");

    private static string Write(string result, bool isError, string answer, string session = "s1")
    {
        var escaped = System.Text.Json.JsonSerializer.Serialize(result);
        return string.Join('\n',
            $$$"""{"type":"user","sessionId":"{{{session}}}","uuid":"u1","parentUuid":null,"isSidechain":false,"version":"2.0.1","timestamp":"2026-01-02T03:00:00.000Z","message":{"role":"user","content":"Refund order A-17."}}""",
            $$$"""{"type":"assistant","sessionId":"{{{session}}}","uuid":"u2","parentUuid":"u1","isSidechain":false,"timestamp":"2026-01-02T03:00:02.000Z","message":{"id":"m1","role":"assistant","model":"claude-x","content":[{"type":"tool_use","id":"t1","name":"mcp__shop__refund","input":{"order":"A-17"}}],"stop_reason":"tool_use","usage":{"input_tokens":10,"output_tokens":20}}}""",
            $$$"""{"type":"user","sessionId":"{{{session}}}","uuid":"u3","parentUuid":"u2","isSidechain":false,"timestamp":"2026-01-02T03:00:04.000Z","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":{{{escaped}}},"is_error":{{{(isError ? "true" : "false")}}}}]}}""",
            $$$"""{"type":"assistant","sessionId":"{{{session}}}","uuid":"u4","parentUuid":"u3","isSidechain":false,"timestamp":"2026-01-02T03:00:06.000Z","message":{"id":"m2","role":"assistant","model":"claude-x","content":[{"type":"text","text":"{{{answer}}}"}],"stop_reason":"end_turn","usage":{"input_tokens":40,"output_tokens":9}}}""") + "\n";
    }
}
