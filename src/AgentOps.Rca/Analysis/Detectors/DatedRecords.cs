using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Analysis.Evidence;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Detectors;

/// <summary>A record in a result that says how new it is.</summary>
internal sealed record DatedRecord(
    SpanNode Node, ArtifactDigest Artifact, IReadOnlyList<string> Names, string Measure, decimal Value, string Pointer, string Text)
{
    public string Name => Names[0];

    /// <summary>The step of an agent that returned it, or null.</summary>
    public AgentRuns.ToolStep? Step { get; init; }
}

/// <summary>Finds the records in a result that have a name and say how new they are.</summary>
internal static class DatedRecords
{
    public const string Time = "time";
    private const string Version = "version";
    private const int MostDepth = 8;
    private const int MostRecords = 200;

    private static readonly string[] TimeMembers =
        ["updated_at", "updatedat", "last_updated", "lastupdated", "last_modified", "lastmodified", "modified_at", "as_of", "asof", "generated_at", "effective_from", "effective_date", "published_at", "revised_at", "updated"];

    private static readonly string[] VersionMembers = ["version", "revision", "rev", "schema_version", "document_version", "doc_version", "policy_version"];
    private static readonly string[] NameMembers = ["id", "name", "key", "sku", "document", "doc", "title", "path", "url", "uri", "slug", "code", "policy", "resource"];

    public static List<DatedRecord> Read(SpanNode node, ArtifactDigest digest, JsonElement result)
    {
        List<DatedRecord> records = [];
        var open = new Queue<(JsonElement Value, string Pointer, int Depth)>();
        open.Enqueue((result, "", 0));
        while (open.TryDequeue(out var at) && records.Count < MostRecords)
        {
            if (at.Value.ValueKind == JsonValueKind.Object)
            {
                ReadObject(node, digest, at.Value, at.Pointer, records);
            }

            if (at.Depth < MostDepth)
            {
                foreach (var (value, step) in Below(at.Value))
                {
                    open.Enqueue((value, at.Pointer + step, at.Depth + 1));
                }
            }
        }

        return records;
    }

    private static IEnumerable<(JsonElement Value, string Step)> Below(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Select(member => (member.Value, JsonPointers.Step(member.Name))),
        JsonValueKind.Array => value.EnumerateArray().Select((item, index) => (item, JsonPointers.Step(index.ToString(CultureInfo.InvariantCulture)))),
        _ => [],
    };

    private static void ReadObject(SpanNode node, ArtifactDigest digest, JsonElement value, string pointer, List<DatedRecord> records)
    {
        var names = value.EnumerateObject()
            .Where(member => IsName(member.Name) && member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
            .Select(member => Words.Short(member.Value.ToString(), 80))
            .Where(name => name.Length > 1)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        if (names.Count == 0)
        {
            return;
        }

        foreach (var member in value.EnumerateObject())
        {
            if (Measure(member) is { } measured)
            {
                var text = $"{Words.Name(member.Name)} {Words.Short(member.Value.ToString(), 60)}";
                records.Add(new DatedRecord(node, digest, names, measured.Measure, measured.Value, pointer + JsonPointers.Step(member.Name), text));
            }
        }
    }

    private static bool IsName(string member) =>
        Array.Exists(NameMembers, name => member.Equals(name, StringComparison.OrdinalIgnoreCase)
            || member.EndsWith("_" + name, StringComparison.OrdinalIgnoreCase));

    private static (string Measure, decimal Value)? Measure(JsonProperty member)
    {
        if (Array.Exists(TimeMembers, name => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
        {
            return member.Value.ValueKind switch
            {
                JsonValueKind.String when DateTimeOffset.TryParse(
                    member.Value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
                    && instant.Year is > 1970 and < 2200 => (Time, EpochUnit.FromInstant(instant)),
                JsonValueKind.Number when JsonNumbers.TryGetWhole(member.Value, out long epoch) && epoch > 0 => (Time, EpochUnit.ToNanoseconds(epoch)),
                _ => null,
            };
        }

        if (!Array.Exists(VersionMembers, name => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
        {
            return null;
        }

        var text = member.Value.ToString().TrimStart('v', 'V');
        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var version)
            ? (Version, version)
            : null;
    }
}
