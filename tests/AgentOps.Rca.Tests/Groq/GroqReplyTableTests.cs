using AgentOps.Rca.Groq;
using AgentOps.Rca.Testing.Groq;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.Tests.Groq;

/// <summary>Replies as Groq documents them, and each way they may be wrong: every one ends in an answer or in one clear failure.</summary>
public sealed class GroqReplyTableTests
{
    private const string Usage = """{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}""";

    public static TheoryData<string, string, long?> Answers => new()
    {
        { Completion("\"hi\""), "hi", 3 },
        { Completion("\"\""), "", 3 },
        { Completion("null"), "", 3 },
        { Completion("\"{\\\"a\\\":1}\""), "{\"a\":1}", 3 },
        { Completion("\"\\u0000x\""), "\0x", 3 },
        { Completion("\"h\\u00e9 \\ud83d\\ude00\""), "hé 😀", 3 },
        { Completion("\"hi\"", usage: "null"), "hi", null },
        { Completion("\"hi\"", usage: "{}"), "hi", null },
        { Completion("\"hi\"", usage: "[]"), "hi", null },
        { Completion("\"hi\"", usage: "\"many\""), "hi", null },
        { Completion("\"hi\"", usage: """{"prompt_tokens":3}"""), "hi", null },
        { Completion("\"hi\"", usage: """{"completion_tokens":2}"""), "hi", null },
        { Completion("\"hi\"", usage: """{"prompt_tokens":-3,"completion_tokens":2}"""), "hi", null },
        { Completion("\"hi\"", usage: """{"prompt_tokens":"3","completion_tokens":2}"""), "hi", null },
        { Completion("\"hi\"", usage: """{"prompt_tokens":3.5,"completion_tokens":2}"""), "hi", null },
        { Completion("\"hi\"", usage: """{"prompt_tokens":1e99,"completion_tokens":2}"""), "hi", null },
        { Completion("\"hi\"", usage: """{"prompt_tokens":3,"completion_tokens":0}"""), "hi", 3 },
        { Completion("\"hi\"", usage: """{"prompt_tokens":3,"completion_tokens":2,"prompt_tokens_details":null}"""), "hi", 3 },
        { Completion("\"hi\"", usage: """{"prompt_tokens":3,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":"x"}}"""), "hi", 3 },
        { Completion("\"hi\"", reason: "\"length\""), "hi", 3 },
        { Completion("\"hi\"", reason: "null"), "hi", 3 },
        { Completion("\"hi\"", reason: "\"\""), "hi", 3 },
        { Completion("\"hi\"", reason: "\"something_new\""), "hi", 3 },
        { Completion("\"hi\"", more: ",\"error\":null"), "hi", 3 },
        { Completion("\"hi\"", more: ",\"x_groq\":\"odd\""), "hi", 3 },
        { Completion("\"hi\"", more: ",\"brand_new\":{\"deep\":[[[{}]]]}"), "hi", 3 },
        { Completion("\"hi\"", more: ",\"created\":\"yesterday\""), "hi", 3 },
        { Completion("\"hi\"", usage: "null", more: $",\"x_groq\":{{\"usage\":{Usage}}}"), "hi", 3 },
        { $$$"""{"choices":[{"message":{"content":"hi"}}],"usage":{{{Usage}}}}""", "hi", 3 },
        { $$$"""{"choices":[{"message":{"content":"hi","reasoning":"hm","tool_calls":[]}},{"message":{"content":"no"}}],"usage":{{{Usage}}}}""", "hi", 3 },
        { $$$"""  {"choices":[{"message":{"content":"hi"}}],"usage":{{{Usage}}}}  """, "hi", 3 },
    };

    public static TheoryData<int, string, GroqErrorKind> Failures => new()
    {
        { 200, "", GroqErrorKind.BadReply },
        { 200, "null", GroqErrorKind.BadReply },
        { 200, "[]", GroqErrorKind.BadReply },
        { 200, "\"hi\"", GroqErrorKind.BadReply },
        { 200, "{}", GroqErrorKind.BadReply },
        { 200, "{", GroqErrorKind.BadReply },
        { 200, "<html>busy</html>", GroqErrorKind.BadReply },
        { 200, "{\"choices\":null}", GroqErrorKind.BadReply },
        { 200, "{\"choices\":[]}", GroqErrorKind.BadReply },
        { 200, "{\"choices\":{}}", GroqErrorKind.BadReply },
        { 200, "{\"choices\":[null]}", GroqErrorKind.BadReply },
        { 200, "{\"choices\":[{}]}", GroqErrorKind.BadReply },
        { 200, "{\"choices\":[{\"message\":null}]}", GroqErrorKind.BadReply },
        { 200, "{\"choices\":[{\"message\":\"hi\"}]}", GroqErrorKind.BadReply },
        { 200, "{\"choices\":[{\"message\":{\"content\":5}}]}", GroqErrorKind.BadReply },
        { 200, "{\"choices\":[{\"message\":{\"content\":[\"hi\"]}}]}", GroqErrorKind.BadReply },
        { 200, "{\"choices\":[{\"message\":{\"content\":\"\\ud800\"}}]}", GroqErrorKind.BadReply },
        { 200, "{\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}", GroqErrorKind.BadReply },
        { 200, "{\"model\":5,\"choices\":[{\"message\":{\"content\":\"hi\"}}]}", GroqErrorKind.BadReply },
        { 200, Completion("\"hi\"")[..^1], GroqErrorKind.BadReply },
        { 200, Completion("\"hi\"") + "x", GroqErrorKind.BadReply },
        { 200, new string('[', 5_000), GroqErrorKind.BadReply },
        { 200, "{\"error\":\"no\"}", GroqErrorKind.ServerError },
        { 200, "{\"error\":{\"message\":\"no\",\"code\":\"rate_limit_exceeded\"}}", GroqErrorKind.RateLimited },
        { 200, "{\"error\":{\"code\":\"json_validate_failed\"}}", GroqErrorKind.InvalidJson },
        { 204, "", GroqErrorKind.BadReply },
        { 304, "", GroqErrorKind.Redirected },
        { 400, "", GroqErrorKind.BadRequest },
        { 400, "<html>", GroqErrorKind.BadRequest },
        { 400, "{\"error\":null}", GroqErrorKind.BadRequest },
        { 400, "{\"error\":\"bad\"}", GroqErrorKind.BadRequest },
        { 400, "{\"error\":{\"message\":5,\"code\":[]}}", GroqErrorKind.BadRequest },
        { 400, "{\"error\":{\"message\":\"\\ud800\",\"code\":\"\\udc00\"}}", GroqErrorKind.BadRequest },
        { 400, "{\"error\":{\"code\":\"context_length_exceeded\"}}", GroqErrorKind.BadRequest },
        { 400, "{\"error\":{\"code\":\"model_decommissioned\"}}", GroqErrorKind.ModelUnavailable },
        { 404, "{\"error\":{\"code\":\"model_not_found\"}}", GroqErrorKind.ModelUnavailable },
        { 404, "not here", GroqErrorKind.BadRequest },
        { 405, "", GroqErrorKind.BadRequest },
        { 408, "", GroqErrorKind.ServerError },
        { 413, "{\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"tokens per minute\"}}", GroqErrorKind.RequestTooLarge },
        { 429, "", GroqErrorKind.RateLimited },
        { 498, "", GroqErrorKind.CapacityExceeded },
        { 504, "<html>gateway</html>", GroqErrorKind.ServerError },
        { 529, "", GroqErrorKind.ServerError },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task A_reply_that_answers_is_read_and_unknown_usage_stays_null(string body, string text, long? inputTokens)
    {
        await using var host = new GroqHost();
        host.Server.Enqueue(ScriptedGroqReply.Body(200, body));

        var response = await host.Client.GetResponseAsync([new ChatMessage(ChatRole.User, "Why?")]);

        Assert.Equal((text, inputTokens), (response.Text, response.Usage?.InputTokenCount));
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_reply_that_does_not_answer_is_one_clear_failure(int status, string body, GroqErrorKind kind)
    {
        await using var host = new GroqHost();
        host.Server.Respond = _ => ScriptedGroqReply.Body(status, body);

        var failure = await Assert.ThrowsAsync<GroqException>(() => host.Client.GetResponseAsync([new ChatMessage(ChatRole.User, "Why?")]));

        Assert.Equal(kind, failure.Kind);
        Assert.Matches("^[A-Z].*[.…a-z]$", failure.Message);
    }

    private static string Completion(string content, string usage = Usage, string reason = "\"stop\"", string more = "") =>
        $$"""{"id":"c1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":{{content}}},"finish_reason":{{reason}}}],"usage":{{usage}}{{more}}}""";
}
