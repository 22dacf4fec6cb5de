using System.Text.Json;

namespace AgentOps.Rca.Testing.Tenants;

/// <summary>One thing that can be asked for: an endpoint of the API, or a tool, resource or prompt of the MCP server.</summary>
/// <param name="Method">The method; <c>MCP</c> for what the MCP server has.</param>
/// <param name="Pattern">Its path, or its kind and name, such as <c>tools/get_incident</c>.</param>
/// <param name="Parameters">What it may be given, but for what is in the path.</param>
/// <param name="Required">Those among them that it must be given.</param>
public sealed record TenantDoor(string Method, string Pattern, IReadOnlyList<string> Parameters, IReadOnlySet<string> Required)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Method} {Pattern}";
}

/// <summary>All that a host can be asked for, as its own description and its MCP server tell it: what is new there is in the trial from then on.</summary>
public static class TenantSurface
{
    /// <summary>Reads it.</summary>
    /// <param name="client">A caller of the host.</param>
    /// <param name="api">Where the API is mapped, such as <c>/rca</c>, or nothing.</param>
    /// <param name="mcp">Where the MCP server is, or null where there is none.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static async Task<IReadOnlyList<TenantDoor>> ReadAsync(HttpClient client, string api, string? mcp, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        List<TenantDoor> doors = [];
        var description = JsonElement.Parse(await client.GetStringAsync(new Uri($"{api}/openapi/v1.json", UriKind.Relative), cancellationToken));
        foreach (var path in description.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject().Where(static operation => operation.Name is "get" or "head" or "post" or "put" or "patch" or "delete"))
            {
                var parameters = operation.Value.TryGetProperty("parameters", out var all)
                    ? all.EnumerateArray().Where(static parameter => parameter.GetProperty("in").GetString() == "query").ToList()
                    : [];
                doors.Add(new TenantDoor(
                    operation.Name.ToUpperInvariant(),
                    path.Name,
                    [.. parameters.Select(static parameter => parameter.GetProperty("name").GetString()!)],
                    parameters.Where(static parameter => parameter.TryGetProperty("required", out var required) && required.GetBoolean())
                        .Select(static parameter => parameter.GetProperty("name").GetString()!).ToHashSet(StringComparer.Ordinal)));
            }
        }

        return mcp is null ? doors : [.. doors, .. await ReadMcpAsync(client, mcp, cancellationToken)];
    }

    private static async Task<List<TenantDoor>> ReadMcpAsync(HttpClient client, string mcp, CancellationToken cancellationToken)
    {
        List<TenantDoor> doors = [];
        foreach (var (method, list) in ((string, string)[])[("tools/list", "tools"), ("resources/templates/list", "resourceTemplates"), ("resources/list", "resources"), ("prompts/list", "prompts")])
        {
            using var request = TenantMcp.Ask(mcp, method, "{}");
            using var answer = await client.SendAsync(request, cancellationToken);
            var listed = TenantMcp.Read(await answer.Content.ReadAsStringAsync(cancellationToken));
            foreach (var one in listed.GetProperty("result").GetProperty(list).EnumerateArray())
            {
                var (names, required) = one.TryGetProperty("inputSchema", out var schema)
                    ? (schema.GetProperty("properties").EnumerateObject().Select(static property => property.Name),
                        schema.TryGetProperty("required", out var needed) ? needed.EnumerateArray().Select(static name => name.GetString()!) : [])
                    : one.TryGetProperty("arguments", out var arguments) ? (Names(arguments), Names(arguments))
                    : ([], []);
                doors.Add(new TenantDoor(
                    TenantMcp.Method,
                    $"{method.Split('/')[0]}/{(one.TryGetProperty("uriTemplate", out var template) ? template.GetString() : one.TryGetProperty("uri", out var uri) ? uri.GetString() : one.GetProperty("name").GetString())}",
                    [.. names],
                    required.ToHashSet(StringComparer.Ordinal)));
            }
        }

        return doors;
    }

    private static IEnumerable<string> Names(JsonElement arguments) => arguments.EnumerateArray().Select(static argument => argument.GetProperty("name").GetString()!);
}
