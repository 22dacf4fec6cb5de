using System.Text.Json;
using AgentOps.Rca.Analysis.AgentRuns;
using AgentOps.Rca.Analysis.Evidence;

namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

public sealed class MessageReaderTests
{
    private const string Asked = """assistant ask find({"id":"C-7"})#c1""";
    private const string Told = """tool tell #c1 {"ok":true}""";

    /// <summary>The same conversation as each framework records it.</summary>
    public static TheoryData<string, string, string> Dialects => new()
    {
        {
            "GenAI parts",
            """
            {"gen_ai.input.messages":[{"role":"user","parts":[{"type":"text","content":"hello"}]},
              {"role":"assistant","parts":[{"type":"tool_call","id":"c1","name":"find","arguments":{"id":"C-7"}}]},
              {"role":"tool","parts":[{"type":"tool_call_response","id":"c1","response":{"ok":true}}]}],
             "gen_ai.output.messages":[{"role":"assistant","parts":[{"type":"text","content":"done"}],"finish_reason":"stop"}]}
            """,
            $"user: hello|{Asked}|{Told}|assistant: done|finish stop"
        },
        {
            "OpenAI chat",
            """
            {"messages":[{"role":"system","content":"be brief"},{"role":"user","content":[{"type":"text","text":"hello"}]},
              {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"find","arguments":"{\"id\":\"C-7\"}"}}]},
              {"role":"tool","tool_call_id":"c1","content":"{\"ok\":true}"}],
             "choices":[{"index":0,"finish_reason":"length","message":{"role":"assistant","content":"do"}}]}
            """,
            $"system: be brief|user: hello|{Asked}|{Told}|assistant: do|finish length"
        },
        {
            "OpenAI responses",
            """
            {"instructions":"be brief","input":[{"role":"user","content":"hello"},{"type":"function_call","call_id":"c1","name":"find","arguments":"{\"id\":\"C-7\"}"},
              {"type":"function_call_output","call_id":"c1","output":"{\"ok\":true}"}],
             "output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"done"}]}],"incomplete_details":{"reason":"max_output_tokens"}}
            """,
            $"system: be brief|user: hello|user ask find({{\"id\":\"C-7\"}})#c1, tell #c1 {{\"ok\":true}}|assistant: done|finish max_output_tokens"
        },
        {
            "Anthropic blocks",
            """
            {"system":"be brief","messages":[{"role":"user","content":"hello"},{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"find","input":{"id":"C-7"}}]},
              {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"{\"ok\":true}"}]}]}
            """,
            $"system: be brief|user: hello|{Asked}|{Told}"
        },
        {
            "Anthropic answer",
            """{"role":"assistant","content":[{"type":"text","text":"done"}],"stop_reason":"max_tokens"}""",
            "assistant: done|finish max_tokens"
        },
        {
            "Vercel AI SDK",
            """
            {"ai.prompt.messages":"[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hello\"}]},{\"role\":\"assistant\",\"content\":[{\"type\":\"tool-call\",\"toolCallId\":\"c1\",\"toolName\":\"find\",\"input\":{\"id\":\"C-7\"}}]},{\"role\":\"tool\",\"content\":[{\"type\":\"tool-result\",\"toolCallId\":\"c1\",\"toolName\":\"find\",\"output\":{\"type\":\"json\",\"value\":{\"ok\":true}}}]}]"}
            """,
            $"user: hello|{Asked}|{Told}"
        },
        {
            "Vercel AI SDK answer",
            """{"ai.response.finishReason":"tool-calls","ai.response.toolCalls":"[{\"toolCallId\":\"c1\",\"toolName\":\"find\",\"input\":\"{\\\"id\\\":\\\"C-7\\\"}\"}]"}""",
            $"{Asked}|finish tool-calls"
        },
        {
            "LangChain",
            """
            {"messages":[[{"lc":1,"type":"constructor","id":["langchain","schema","messages","HumanMessage"],"kwargs":{"content":"hello","type":"human"}},
              {"lc":1,"type":"constructor","id":["langchain","schema","messages","AIMessage"],"kwargs":{"content":"","type":"ai","tool_calls":[{"name":"find","args":{"id":"C-7"},"id":"c1","type":"tool_call"}]}},
              {"lc":1,"type":"constructor","id":["langchain","schema","messages","ToolMessage"],"kwargs":{"content":"{\"ok\":true}","type":"tool","tool_call_id":"c1","status":"success"}}]]}
            """,
            $"user: hello|{Asked}|{Told}"
        },
        {
            "LangChain answer",
            """{"generations":[[{"text":"done","message":{"lc":1,"type":"constructor","id":["langchain","schema","messages","AIMessage"],"kwargs":{"content":"done","type":"ai","response_metadata":{"finish_reason":"stop"}}}}]]}""",
            "assistant: done|finish stop"
        },
        {
            "Mastra",
            """{"input":{"messages":[{"role":"user","content":"hello"}]}}""",
            "user: hello"
        },
        {
            "Mastra answer",
            """{"output":{"text":"done","toolCalls":[]},"finishReason":"stop"}""",
            "assistant: done|finish stop"
        },
        {
            "Microsoft.Extensions.AI",
            """
            [{"role":"user","contents":[{"$type":"text","text":"hello"}]},{"role":"assistant","contents":[{"$type":"functionCall","callId":"c1","name":"find","arguments":{"id":"C-7"}}]},
             {"role":"tool","contents":[{"$type":"functionResult","callId":"c1","result":{"ok":true}}]}]
            """,
            $"user: hello|{Asked}|{Told}"
        },
        {
            "Semantic Kernel events",
            """
            [{"event":"gen_ai.user.message","gen_ai.event.content":"{\"role\":\"user\",\"content\":\"hello\"}"},
             {"event":"gen_ai.choice","gen_ai.event.content":"{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"c1\",\"function\":{\"name\":\"find\",\"arguments\":\"{\\\"id\\\":\\\"C-7\\\"}\"}}]},\"finish_reason\":\"ToolCalls\"}"}]
            """,
            $"user: hello|{Asked}|finish ToolCalls"
        },
        {
            "Google parts",
            """
            {"systemInstruction":{"parts":[{"text":"be brief"}]},"contents":[{"role":"user","parts":[{"text":"hello"}]},{"role":"model","parts":[{"functionCall":{"id":"c1","name":"find","args":{"id":"C-7"}}}]},
              {"role":"user","parts":[{"functionResponse":{"id":"c1","name":"find","response":{"ok":true}}}]}]}
            """,
            $"user: hello|{Asked}|{Told}"
        },
        {
            "OpenInference flat",
            """
            {"llm.input_messages.0.message.role":"user","llm.input_messages.0.message.content":"hello",
             "llm.input_messages.1.message.role":"assistant","llm.input_messages.1.message.tool_calls.0.tool_call.function.name":"find","llm.input_messages.1.message.tool_calls.0.tool_call.function.arguments":"{\"id\":\"C-7\"}",
             "llm.input_messages.1.message.tool_calls.0.tool_call.id":"c1",
             "llm.input_messages.2.message.role":"tool","llm.input_messages.2.message.content":"{\"ok\":true}","llm.input_messages.2.message.tool_call_id":"c1",
             "input.value":"{\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}"}
            """,
            $"user: hello|{Asked}|{Told}"
        },
        {
            "OpenInference flat without ids, which the raw messages have",
            """
            {"llm.output_messages.0.message.role":"assistant","llm.output_messages.0.message.tool_calls.0.tool_call.function.name":"find",
             "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments":"{\"id\":\"C-7\"}",
             "output.value":"{\"choices\":[{\"message\":{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c1\",\"function\":{\"name\":\"find\",\"arguments\":\"{\\\"id\\\":\\\"C-7\\\"}\"}}]}}]}"}
            """,
            Asked
        },
        {
            "gen_ai.prompt.N",
            """{"gen_ai.prompt.0.role":"user","gen_ai.prompt.0.content":"hello","gen_ai.completion.0.role":"assistant","gen_ai.completion.0.content":"done","gen_ai.completion.0.finish_reason":"stop"}""",
            "user: hello|assistant: done"
        },
        { "plain text", "\"hello\"", "user: hello" },
        { "a list that is no conversation", "[1,2]", "" },
        { "nothing", "null", "" },
    };

    [Theory]
    [MemberData(nameof(Dialects))]
    public void Each_dialect_says_the_same(string dialect, string recorded, string expected)
    {
        var value = JsonElement.Parse(recorded);
        var reader = new MessageReader();
        reader.Read(value, new Place("s", null, ""), dialect.EndsWith("answer", StringComparison.Ordinal) ? "assistant" : "user");

        Assert.Equal((dialect, expected), (dialect, string.Join('|', [.. reader.Messages.Select(Write), .. reader.FinishReasons.Select(reason => $"finish {reason.Text}")])));
        Assert.All(reader.Messages.SelectMany(message => message.Texts), text => Assert.Contains(
            text.Text, JsonPointers.Find(value, text.Place.Pointer!)!.Value.GetString()!, StringComparison.Ordinal));
        Assert.All(reader.FinishReasons, reason => Assert.NotNull(JsonPointers.Find(value, reason.Place.Pointer!)));
    }

    [Fact]
    public void Nesting_without_an_end_is_left()
    {
        var reader = new MessageReader();
        reader.Read(JsonElement.Parse(string.Concat(Enumerable.Repeat("""{"messages":[""", 25)) + "\"deep\"" + string.Concat(Enumerable.Repeat("]}", 25))), new Place("s", null, ""), "user");

        Assert.Empty(reader.Messages);
    }

    private static string Write(RunMessage message)
    {
        List<string> parts = [.. message.Calls.Select(call => $"ask {call.Name}({call.Arguments?.Key})#{call.Id}"), .. message.Answers.Select(answer => $"tell #{answer.CallId} {answer.Result.Key}")];
        var texts = string.Join(", ", message.Texts.Select(text => text.Text));
        return message.Role + (texts.Length > 0 ? $": {texts}" : "") + (parts.Count > 0 ? " " + string.Join(", ", parts) : "");
    }
}
