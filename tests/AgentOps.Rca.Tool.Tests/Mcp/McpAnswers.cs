using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentOps.Rca.Tool.Tests.Mcp;

internal static class McpAnswers
{
    /// <summary>Calls a tool that must answer, and gives its structured content.</summary>
    public static async Task<JsonElement> AskAsync(this McpClient client, string tool, params (string Name, object? Value)[] arguments)
    {
        var result = await client.CallAsync(tool, arguments);
        Assert.True(result.IsError is not true, Text(result));
        Assert.Equal(result.StructuredContent!.Value.GetRawText(), JsonElement.Parse(Text(result)).GetRawText());
        return result.StructuredContent.Value;
    }

    /// <summary>Calls a tool that must refuse, and gives the reason.</summary>
    public static async Task<string> AskWronglyAsync(this McpClient client, string tool, params (string Name, object? Value)[] arguments)
    {
        var result = await client.CallAsync(tool, arguments);
        Assert.True(result.IsError, Text(result));
        Assert.Null(result.StructuredContent);
        return Text(result);
    }

    public static async Task<CallToolResult> CallAsync(this McpClient client, string tool, params (string Name, object? Value)[] arguments) =>
        await client.CallToolAsync(tool, arguments.ToDictionary(pair => pair.Name, pair => pair.Value), cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>How many bytes a result has as it is sent.</summary>
    public static int Measure(CallToolResult result) =>
        JsonSerializer.SerializeToUtf8Bytes(result, McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(CallToolResult))).Length;

    private static string Text(CallToolResult result) => Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text;
}
