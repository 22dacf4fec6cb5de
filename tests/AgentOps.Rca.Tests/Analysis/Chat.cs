using System.Text.Json;

namespace AgentOps.Rca.Tests.Analysis;

/// <summary>Messages as OpenAI's chat completions have them.</summary>
internal static class Chat
{
    public static string System(string text) => Says("system", text);

    public static string User(string text) => Says("user", text);

    public static string Answers(string text) => Says("assistant", text);

    /// <summary>A model asks for a tool.</summary>
    public static string Asks(string id, string tool, string arguments) =>
        $$$"""{"role":"assistant","content":null,"tool_calls":[{"id":{{{Text(id)}}},"type":"function","function":{"name":{{{Text(tool)}}},"arguments":{{{Text(arguments)}}}}}]}""";

    /// <summary>A model is told what a tool gave back.</summary>
    public static string Told(string id, string result) => $$"""{"role":"tool","tool_call_id":{{Text(id)}},"content":{{Text(result)}}}""";

    /// <summary>The definition of a tool.</summary>
    public static string Tool(string name, string schema = """{"type":"object","properties":{}}""") =>
        $$$"""{"type":"function","function":{"name":{{{Text(name)}}},"description":"A tool.","parameters":{{{schema}}}}}""";

    public static string Text(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private static string Says(string role, string text) => $$"""{"role":"{{role}}","content":{{Text(text)}}}""";
}
