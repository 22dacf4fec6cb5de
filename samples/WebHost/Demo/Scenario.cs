using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.WebHost.Demo;

/// <summary>An incident of the demonstration, with its spans and the JSON that went in and out of each call.</summary>
internal sealed record Scenario(string Title, Incident Incident, IReadOnlyList<ScenarioCall> Calls)
{
    /// <summary>The id of the first incident, for examples.</summary>
    public const string FirstId = "6f1c2a70-5b0e-4d3c-9a61-0c1d2e3f4a01";

    private static readonly string[] Names = ["late-delivery", "search-loop", "stale-document"];

    public static IEnumerable<Scenario> LoadAll() => Names.Select(Load);

    private static Scenario Load(string name)
    {
        using var stream = typeof(Scenario).Assembly.GetManifestResourceStream(name)!;
        using var document = JsonDocument.Parse(stream);
        var root = document.RootElement.Clone();
        var incident = root.GetProperty("incident");
        var id = incident.GetProperty("id").GetGuid();
        return new Scenario(
            root.GetProperty("title").GetString()!,
            new Incident
            {
                Id = id,
                OrderId = incident.GetProperty("order_id").GetString()!,
                ProblemType = incident.GetProperty("problem_type").GetString()!,
                EtaDeltaHours = incident.TryGetProperty("eta_delta_hours", out var hours) ? hours.GetDouble() : null,
                CreatedTs = incident.GetProperty("created_ts").GetDateTimeOffset(),
                Details = incident.GetProperty("details"),
            },
            [.. root.GetProperty("spans").EnumerateArray().Select(call => ScenarioCall.Read(call, id))]);
    }
}

/// <summary>A call, and the bytes of its arguments and its result.</summary>
internal sealed record ScenarioCall(Span Span, IReadOnlyList<byte[]> Contents)
{
    public static ScenarioCall Read(JsonElement call, Guid incidentId)
    {
        var args = Content(call, "args");
        var result = Content(call, "result");
        return new ScenarioCall(
            new Span
            {
                SpanId = call.GetProperty("span_id").GetString()!,
                ParentId = call.GetProperty("parent_id").GetString(),
                Tool = call.GetProperty("tool").GetString()!,
                StartTs = call.GetProperty("start_ts").GetInt64(),
                EndTs = call.GetProperty("end_ts").GetInt64(),
                ArgsDigest = args is null ? null : ArtifactDigest.Of(args).ToString(),
                ResultDigest = result is null ? null : ArtifactDigest.Of(result).ToString(),
                Attributes = call.GetProperty("attributes"),
                IncidentId = incidentId.ToString("D"),
            },
            [.. new[] { args, result }.OfType<byte[]>()]);
    }

    private static byte[]? Content(JsonElement call, string name) =>
        call.TryGetProperty(name, out var value) ? CanonicalJson.ToUtf8(value) : null;
}
