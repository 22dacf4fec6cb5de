using System.Text.Json;
using AgentOps.Rca.Analysis;
using AgentOps.Rca.Importing;

namespace AgentOps.Rca.Tool.Reports;

/// <summary>What was found, for machines: each file, or each run of a file with several, with the report as the API gives it, and the places of its evidence.</summary>
internal static class AnalysisJson
{
    public static void Write(IReadOnlyList<AnalyzedFile> analyzed, IReadOnlyList<UnreadFile> unread, Stream output)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteStartArray("files");
        foreach (var one in analyzed)
        {
            Write(json, one);
        }

        json.WriteEndArray();
        if (unread.Count > 0)
        {
            json.WriteStartArray("not_read");
            foreach (var file in unread)
            {
                json.WriteStartObject();
                json.WriteString("file", file.File);
                json.WriteString("reason", file.Reason);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.Flush();
        output.Write("\n"u8);
    }

    private static void Write(Utf8JsonWriter json, AnalyzedFile one)
    {
        var import = one.File.Import;
        json.WriteStartObject();
        json.WriteString("file", one.File.Name);
        json.WriteString("format", one.File.Format);
        json.WriteString("incident_id", one.Incident.Id);
        if (import.Incidents.Count > 1)
        {
            json.WriteString("run", one.Incident.Run);
            json.WriteNumber("run_number", one.Number);
            WritePlace(json, "run_place", one.Incident.First);
        }

        json.WriteNumber("spans", import.Incidents.Count > 1 ? one.Incident.Spans : import.SpansAdded + import.SpansKnown);
        json.WriteNumber("runs", import.RunCount);
        json.WriteStartArray("left_out");
        // What was left out is the file's, and is told once.
        foreach (var left in one.Number == 1 ? import.LeftOut : [])
        {
            json.WriteStartObject();
            json.WriteString("what", left.What);
            json.WriteNumber("count", left.Count);
            WritePlace(json, "first", left.First);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("places");
        foreach (var evidence in one.Report.Evidence)
        {
            if (one.PlaceOf(evidence) is { } place)
            {
                WritePlace(json, evidence.Id, place);
            }
        }

        json.WriteEndObject();
        json.WriteString("report_digest", one.Report.ReportDigest);
        json.WritePropertyName("report");
        json.WriteRawValue(RcaJson.ToUtf8(one.Report), skipInputValidation: true);
        json.WriteEndObject();
    }

    private static void WritePlace(Utf8JsonWriter json, string name, FilePlace place)
    {
        json.WriteStartObject(name);
        if (place.Member is not null)
        {
            json.WriteString("member", place.Member);
        }

        if (place.Line > 0)
        {
            json.WriteNumber("line", place.Line);
        }

        json.WriteNumber("offset", place.Offset);
        json.WriteString("pointer", place.Pointer);
        json.WriteEndObject();
    }
}
