using System.IO.Compression;
using System.Text.Json;
using AgentOps.Rca.Evals.Hosting;
using AgentOps.Rca.OpenTelemetry;

namespace AgentOps.Rca.Evals.AgentRuns;

/// <summary>A recorded run of an agent, and what went wrong in it; a null fault is a good run.</summary>
internal sealed record AgentRun
{
    public required string Name { get; init; }

    public required string Framework { get; init; }

    public string? Fault { get; init; }

    /// <summary>Whether the spans hold anything of the fault.</summary>
    public bool Knowable { get; init; }

    /// <summary>The places of the fault; any of them is right.</summary>
    public IReadOnlyList<string> CulpritSpans { get; init; } = [];

    /// <summary>An expression that a sentence which names the mechanism matches.</summary>
    public string? Mechanism { get; init; }

    public string? Cause { get; init; }

    public required string Symptom { get; init; }

    public required string ProblemType { get; init; }

    public double? EtaDeltaHours { get; init; }

    public required IReadOnlyList<string> TraceIds { get; init; }

    /// <summary>Reads the truths of a folder; none when it has none.</summary>
    public static IReadOnlyList<AgentRun> ReadAll(string folder)
    {
        var path = Path.Combine(folder, "truth.json");
        return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), EvalsJsonContext.Default.ListAgentRun) ?? [] : [];
    }

    /// <summary>Sends the recorded OTLP requests of a file in their order; a file that is not there has none.</summary>
    public static async Task SendAsync(EvalHost host, string folder, string name)
    {
        var path = Path.Combine(folder, name + ".jsonl.gz");
        if (!File.Exists(path))
        {
            return;
        }

        await using var unzipped = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var lines = new StreamReader(unzipped);
        while (await lines.ReadLineAsync() is { } line)
        {
            var request = JsonSerializer.Deserialize(line, EvalsJsonContext.Default.RecordedRequest) ?? throw new InvalidDataException($"{path} has a line that is no request.");
            var encoding = request.ContentType.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) ? OtlpEncoding.Json : OtlpEncoding.Protobuf;
            await host.SendAsync(name, request.Path, request.Content(), encoding);
        }
    }
}

/// <summary>One request of an exporter: its body in base64, as it was sent.</summary>
internal sealed record RecordedRequest(string Path, string ContentType, string? ContentEncoding, string Body)
{
    public byte[] Content()
    {
        var body = Convert.FromBase64String(Body);
        if (string.IsNullOrEmpty(ContentEncoding))
        {
            return body;
        }

        using var packed = new MemoryStream(body);
        using Stream unpacked = ContentEncoding switch
        {
            "gzip" => new GZipStream(packed, CompressionMode.Decompress),
            "deflate" => new ZLibStream(packed, CompressionMode.Decompress),
            "br" => new BrotliStream(packed, CompressionMode.Decompress),
            _ => throw new InvalidDataException($"The content encoding '{ContentEncoding}' is not known."),
        };
        using var content = new MemoryStream();
        unpacked.CopyTo(content);
        return content.ToArray();
    }
}
