using System.Text;
using System.Text.Json;

namespace AgentOps.Rca.Testing.Tenants;

/// <summary>The MCP server over HTTP, asked without a client of it.</summary>
public static class TenantMcp
{
    /// <summary>The method of its doors.</summary>
    public const string Method = "MCP";

    /// <summary>A request to it.</summary>
    public static HttpRequestMessage Ask(string mcp, string method, string parameters) => new(HttpMethod.Post, new Uri(mcp, UriKind.Relative))
    {
        Headers = { { "Accept", "application/json, text/event-stream" } },
        Content = new StringContent($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters}}}""", Encoding.UTF8, "application/json"),
    };

    /// <summary>Its answer, out of the stream of events.</summary>
    public static JsonElement Read(string body)
    {
        ArgumentNullException.ThrowIfNull(body);
        var data = body.Split('\n').LastOrDefault(static line => line.StartsWith("data: ", StringComparison.Ordinal));
        return JsonElement.Parse(data is null ? body : data["data: ".Length..]);
    }

    /// <summary>Whether something was done, in an answer with a status of success.</summary>
    public static bool Succeeded(string body)
    {
        var answer = Read(body);
        return answer.TryGetProperty("result", out var result) && !(result.TryGetProperty("isError", out var failed) && failed.GetBoolean());
    }
}
