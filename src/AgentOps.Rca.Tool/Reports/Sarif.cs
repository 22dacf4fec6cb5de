using System.Text.Json;
using AgentOps.Rca.Analysis;

namespace AgentOps.Rca.Tool.Reports;

/// <summary>What was found as SARIF 2.1.0: a result for each cause, at the places of its evidence.</summary>
internal static class Sarif
{
    private const int MostLocations = 10;
    private const string None = "none";

    public static void Write(IReadOnlyList<AnalyzedFile> analyzed, IReadOnlyList<UnreadFile> unread, Stream output)
    {
        var found = analyzed.Where(static one => one.Report.Verdict == RcaVerdict.Identified).ToList();
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
        json.WriteString("version", "2.1.0");
        json.WriteStartArray("runs");
        json.WriteStartObject();
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", "agentops-rca");
        json.WriteString("informationUri", "https://www.nuget.org/packages/agentops-rca");
        json.WriteStartArray("rules");
        foreach (var rule in found.Select(Rule).Distinct(StringComparer.Ordinal))
        {
            json.WriteStartObject();
            json.WriteString("id", rule);
            json.WriteStartObject("shortDescription");
            json.WriteString("text", $"The cause of a failed run: {rule.Replace('_', ' ')}");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        WriteInvocation(json, unread);
        json.WriteStartArray("results");
        found.ForEach(one => WriteResult(json, one));
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        output.Write("\n"u8);
    }

    private static void WriteInvocation(Utf8JsonWriter json, IReadOnlyList<UnreadFile> unread)
    {
        json.WriteStartArray("invocations");
        json.WriteStartObject();
        json.WriteBoolean("executionSuccessful", unread.Count == 0);
        json.WriteStartArray("toolExecutionNotifications");
        foreach (var file in unread)
        {
            json.WriteStartObject();
            json.WriteString("level", "error");
            json.WriteStartObject("message");
            json.WriteString("text", file.Reason);
            json.WriteEndObject();
            json.WriteStartArray("locations");
            json.WriteStartObject();
            json.WriteStartObject("physicalLocation");
            json.WriteStartObject("artifactLocation");
            json.WriteString("uri", UriOf(file.File));
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static string UriOf(string file) => Uri.EscapeDataString(file).Replace("%2F", "/", StringComparison.Ordinal);

    private static string Rule(AnalyzedFile one) => one.Report.Hypotheses is [var first, ..] ? first.Category : None;

    private static void WriteResult(Utf8JsonWriter json, AnalyzedFile one)
    {
        json.WriteStartObject();
        json.WriteString("ruleId", Rule(one));
        json.WriteString("level", "error");
        json.WriteStartObject("message");
        json.WriteString("text", one.Said);
        json.WriteEndObject();
        json.WriteStartArray("locations");
        foreach (var evidence in one.Cited.Take(MostLocations))
        {
            if (one.PlaceOf(evidence) is not { } place)
            {
                continue;
            }

            json.WriteStartObject();
            json.WriteStartObject("physicalLocation");
            json.WriteStartObject("artifactLocation");
            json.WriteString("uri", UriOf(one.File.Name));
            json.WriteEndObject();
            json.WriteStartObject("region");
            if (place.Line is > 0 and <= int.MaxValue)
            {
                json.WriteNumber("startLine", place.Line);
            }
            else
            {
                json.WriteNumber("byteOffset", place.Offset);
            }

            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteStartObject("message");
            json.WriteString("text", $"{evidence.Id}: {evidence.Text}");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("partialFingerprints");
        json.WriteString("signature/v1", one.Report.Signature ?? Rule(one));
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
