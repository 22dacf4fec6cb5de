using System.Text;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.OpenTelemetry;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage.InMemory;

namespace AgentOps.Rca.Tests.OpenTelemetry;

/// <summary>A span as an exporter sends it, written short: its attributes are a JSON object.</summary>
internal sealed record OtlpRecord(string Name, string Attributes)
{
    public string Scope { get; init; } = "lib";

    public string Parent { get; init; } = "cd00000000000001";

    public string Id { get; init; } = "ab00000000000001";

    /// <summary>Seconds after the start of the run.</summary>
    public double From { get; init; }

    public double To { get; init; } = 1;

    /// <summary>The words of its status, which is then an error; null when it is none.</summary>
    public string? Error { get; init; }

    /// <summary>Its events: the name, and the attributes as a JSON object.</summary>
    public IReadOnlyList<(string Name, string Attributes)> Events { get; init; } = [];

    /// <summary>What the intake makes of it, and the texts of its artifacts.</summary>
    public async Task<(Span Span, string? Arguments, string? Result)> TakeAsync()
    {
        var spans = new InMemorySpanStore();
        var vault = new ArtifactVault(new InMemoryArtifactStore(), new InMemoryArtifactContentStore(), TimeProvider.System);
        var outcome = await new OtlpIntake(new SpanIntake(spans), vault).TakeTracesAsync(
            Encoding.UTF8.GetBytes(ToString()), OtlpEncoding.Json, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(new OtlpOutcome(1, 0, 0, null, null), outcome);
        var span = await spans.ListAsync(new SpanQuery()).SingleAsync(TestContext.Current.CancellationToken);
        return (span, await ReadAsync(vault, span.ArgsDigest), await ReadAsync(vault, span.ResultDigest));
    }

    public override string ToString()
    {
        var attributes = string.Join(',', Members(JsonElement.Parse(Attributes)));
        var parent = Parent.Length == 0 ? "" : $"\"parentSpanId\":\"{Parent}\",";
        var more = (Error is null ? "" : $$$""","status":{"code":2,"message":{{{Quoted(Error)}}}}""")
            + (Events.Count == 0 ? "" : $$""","events":[{{string.Join(',', Events.Select(item => $$$"""{"timeUnixNano":"{{{Time(From)}}}","name":{{{Quoted(item.Name)}}},"attributes":[{{{string.Join(',', Members(JsonElement.Parse(item.Attributes)))}}}]}"""))}}]""");
        return $$$"""
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]},"scopeSpans":[{"scope":{"name":"{{{Scope}}}"},"spans":[{
            "traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"{{{Id}}}",{{{parent}}}"name":{{{Quoted(Name)}}},
            "startTimeUnixNano":"{{{Time(From)}}}","endTimeUnixNano":"{{{Time(To)}}}","attributes":[{{{attributes}}}]{{{more}}}}]}]}]}
            """;
    }

    private static string Time(double seconds) => (1767225600123456789 + (long)(seconds * 1e9)).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private static async Task<string?> ReadAsync(ArtifactVault vault, string? digest) => digest is null ? null
        : Encoding.UTF8.GetString((await vault.ReadAllVerifiedAsync(ArtifactDigest.Parse(digest), 1 << 20, TestContext.Current.CancellationToken)).Content.Span);

    private static IEnumerable<string> Members(JsonElement json) => json.EnumerateObject()
        .Select(member => $$$"""{"key":{{{Quoted(member.Name)}}},"value":{{{Value(member.Value)}}}}""");

    private static string Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => $$"""{"stringValue":{{value.GetRawText()}}}""",
        JsonValueKind.Number => value.TryGetInt64(out _) ? $$"""{"intValue":"{{value.GetRawText()}}"}""" : $$"""{"doubleValue":{{value.GetRawText()}}}""",
        JsonValueKind.Array => $$$"""{"arrayValue":{"values":[{{{string.Join(',', value.EnumerateArray().Select(Value))}}}]}}""",
        JsonValueKind.Object => $$$"""{"kvlistValue":{"values":[{{{string.Join(',', Members(value))}}}]}}""",
        JsonValueKind.Null => "{}",
        _ => $$"""{"boolValue":{{value.GetRawText()}}}""",
    };
}
