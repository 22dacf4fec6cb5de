using System.Text.Json;

namespace AgentOps.Rca.Tool.Tests;

/// <summary>Small sessions of Claude Code: one in which a refund failed, and one in which it was made.</summary>
internal static class Sessions
{
    private const string Lines = """
        {"type":"user","sessionId":"SESSION","uuid":"u1","parentUuid":null,"isSidechain":false,"version":"2.0.1","timestamp":"2026-01-02T03:00:00.000Z","message":{"role":"user","content":"Refund order A-17."}}
        {"type":"assistant","sessionId":"SESSION","uuid":"u2","parentUuid":"u1","isSidechain":false,"timestamp":"2026-01-02T03:00:02.000Z","message":{"id":"m1","role":"assistant","model":"claude-x","content":[{"type":"tool_use","id":"t1","name":"mcp__shop__refund","input":{"order":"A-17"}}],"stop_reason":"tool_use","usage":{"input_tokens":10,"output_tokens":20}}}
        {"type":"user","sessionId":"SESSION","uuid":"u3","parentUuid":"u2","isSidechain":false,"timestamp":"2026-01-02T03:00:04.000Z","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":RESULT,"is_error":FAILED}]}}
        {"type":"assistant","sessionId":"SESSION","uuid":"u4","parentUuid":"u3","isSidechain":false,"timestamp":"2026-01-02T03:00:06.000Z","message":{"id":"m2","role":"assistant","model":"claude-x","content":[{"type":"text","text":ANSWER}],"stop_reason":"end_turn","usage":{"input_tokens":40,"output_tokens":9}}}

        """;

    public static string Failing { get; } = Write(
        "s1", """{"error":"rate_limit_exceeded","message":"Too many refunds in a minute."}""", "true", "The refund could not be made: too many refunds in a minute.");

    public static string Good { get; } = Write("s2", """{"refund_id":"R-77","status":"done"}""", "false", "The refund R-77 is made.");

    private static string Write(string session, string result, string failed, string answer) => Lines.ReplaceLineEndings("\n")
        .Replace("SESSION", session, StringComparison.Ordinal).Replace("FAILED", failed, StringComparison.Ordinal)
        .Replace("RESULT", JsonSerializer.Serialize(result), StringComparison.Ordinal).Replace("ANSWER", JsonSerializer.Serialize(answer), StringComparison.Ordinal);
}
