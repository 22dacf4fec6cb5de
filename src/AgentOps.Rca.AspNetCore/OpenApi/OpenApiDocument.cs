using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentOps.Rca.AspNetCore.OpenApi;

/// <summary>
/// The description of the API. Each feature keeps its part beside its endpoints, in <c>&lt;feature&gt;.openapi.json</c>; here they are put
/// together. It is written by hand, so that it holds examples and works in a host that has no generator and no reflection; a test
/// compares it with the endpoints.
/// </summary>
internal sealed class OpenApiDocument
{
    private const string Suffix = ".openapi.json";
    private const string BaseName = "base" + Suffix;

    // No text of the document has it, since what it stands for is put in its place.
    private const string RootMark = "\u0001";

    private readonly byte[] _before;
    private readonly byte[] _after;

    private OpenApiDocument(byte[] before, byte[] after)
    {
        _before = before;
        _after = after;
    }

    /// <summary>The document of an API at this address.</summary>
    /// <param name="root">The path before every endpoint; empty at the root of the host.</param>
    public byte[] At(string root) => [.. _before, .. JsonEncodedText.Encode(root.Length == 0 ? "/" : root).EncodedUtf8Bytes, .. _after];

    /// <summary>Puts the document together.</summary>
    public static OpenApiDocument Create()
    {
        var document = Read(BaseName);
        document["servers"] = new JsonArray(new JsonObject { ["url"] = RootMark });
        var paths = document["paths"]!.AsObject();
        var schemas = document["components"]!["schemas"]!.AsObject();
        var parts = typeof(OpenApiDocument).Assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(Suffix, StringComparison.Ordinal) && name != BaseName)
            .Order(StringComparer.Ordinal);
        foreach (var part in parts.Select(Read))
        {
            Move(part["paths"]!.AsObject(), paths);
            Move(part["schemas"]!.AsObject(), schemas);
        }

        var utf8 = Encoding.UTF8.GetBytes(document.ToJsonString()).AsSpan();
        var mark = JsonEncodedText.Encode(RootMark).EncodedUtf8Bytes;
        var place = utf8.IndexOf(mark);
        return new OpenApiDocument(utf8[..place].ToArray(), utf8[(place + mark.Length)..].ToArray());
    }

    private static JsonObject Read(string resource)
    {
        using var stream = typeof(OpenApiDocument).Assembly.GetManifestResourceStream(resource)!;
        return JsonNode.Parse(stream)!.AsObject();
    }

    private static void Move(JsonObject from, JsonObject to)
    {
        foreach (var (name, value) in from.ToList())
        {
            from.Remove(name);
            to.Add(name, value);
        }
    }
}
