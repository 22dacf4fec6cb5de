using System.Text.Json;
using AgentOps.Rca.Mcp.Answers;
using AgentOps.Rca.Reading;
using ModelContextProtocol.Protocol;

namespace AgentOps.Rca.Mcp.Tools;

internal sealed class GetEvidenceTool(AgentOpsRcaMcpOptions options) : RcaTool(options)
{
    private const int LongestText = 600;
    private const int LongestQuote = 400;
    private const int MostContext = 4_096;

    protected override string Name => "get_evidence";

    protected override string Description => "The recorded bytes behind a claim, with their SHA-256 as recorded and as it is now; holds: code finds the claim in them.";

    protected override string Properties => """
        "incident_id":{"type":"string"},"evidence_id":{"type":"string","description":"such as E1"},"report_digest":{"type":"string"},"context":{"type":"integer","maximum":4096}
        """;

    protected override string[] Required => ["incident_id", "evidence_id"];

    protected override string Answers => """
        "incident_id":{"type":"string"},"report_digest":{"type":"string"},"text":{"type":"object"},"checked":{"type":"boolean"},"holds":{"type":"boolean"},"source":{"type":"object"},"pointer":{"type":"string"},"before":{"type":"object"},"pointed":{"type":"object"},"after":{"type":"object"},"left_out":{"type":"integer","description":"bytes of the context"},"page":{"type":"string"},"note":{"type":"string"}
        """;

    protected override async ValueTask<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var arguments = call.Arguments;
        var (incidentId, evidenceId) = (arguments.Incident(), arguments.Text("evidence_id", required: true));
        var (report, context) = (arguments.Report(), arguments.Whole("context", 0, MostContext, otherwise: 256));
        if (arguments.Problem is { } problem)
        {
            return Answer.Fail(problem);
        }

        var query = new EvidenceQuery { IncidentId = incidentId, EvidenceId = evidenceId!, ReportDigest = report, Context = context, Mask = call.Mask };
        return await call.Get<IIncidentReader>().ReadEvidenceAsync(query, cancellationToken).ConfigureAwait(false) switch
        {
            EvidenceOutcome.Found { View: var view } => Answer.Fit(
                Options.AnswerBytes, MostContext, (json, most) => Write(json, view, most, call.Page("incident", $"{incidentId:D}", "evidence", view.Id))),
            EvidenceOutcome.IncidentNotFound missing => GetIncidentTool.NotFound(missing.IncidentId),
            EvidenceOutcome.ReportNotFound missing => Answer.Fail($"{(report is null ? "incident_id" : "report_digest")}: {missing.Reason}"),
            EvidenceOutcome.NotFound missing => Answer.Fail(missing.Known.Count == 0
                ? $"evidence_id: The report {missing.ReportDigest} has no evidence."
                : $"evidence_id: The report {missing.ReportDigest} has {string.Join(", ", missing.Known)}."),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of reading evidence."),
        };
    }

    private static void Write(Utf8JsonWriter json, EvidenceView view, int most, string? page)
    {
        json.WriteString("incident_id", view.IncidentId);
        json.WriteString("report_digest", view.ReportDigest);
        json.WriteString("id", view.Id);
        json.WriteString("kind", view.Kind);
        json.Quoted("text", view.Text, LongestText);
        json.WriteBoolean("checked", view.Checked);
        json.Flag("holds", view.Holds);
        WriteSource(json, view.Source);
        json.Name("pointer", view.Pointer);
        json.Quoted("quote", view.Quote, LongestQuote);
        json.Number("offset", view.Range?.Offset);
        json.Number("length", view.Range?.Length);
        json.End(WriteContext(json, view, most), cursor: null, page);
    }

    private static void WriteSource(Utf8JsonWriter json, EvidenceSource source)
    {
        json.WriteStartObject("source");
        json.WriteString("kind", source.Kind);
        json.Text("span_id", source.SpanId);
        json.Name("tool", source.Tool);
        json.Text("artifact_digest", source.ArtifactDigest);
        json.Name("mime", source.Mime);
        json.Number("bytes", source.Length);
        json.Text("recorded_sha256", source.RecordedSha256);
        json.Text("computed_sha256", source.ComputedSha256);
        json.Flag("intact", source.Intact);
        json.Text("fault", source.Fault);
        json.WriteEndObject();
    }

    // The nearest is kept: the end of what stands before, the beginning of what stands after.
    private static long WriteContext(Utf8JsonWriter json, EvidenceView view, int most)
    {
        if (view.Context is not { } context)
        {
            return 0;
        }

        var (place, end) = (view.Range!.Value.Offset, view.Range.Value.Offset + view.Range.Value.Length);
        var before = string.Concat(context.Parts.Where(part => !part.Pointed && part.Offset < place).Select(static part => part.Text));
        var pointed = string.Concat(context.Parts.Where(static part => part.Pointed).Select(static part => part.Text));
        var after = string.Concat(context.Parts.Where(part => !part.Pointed && part.Offset >= end).Select(static part => part.Text));
        var kept = before.Length <= most ? before : before[^most..];
        json.Quoted("before", kept.Length > 0 && char.IsLowSurrogate(kept[0]) ? kept[1..] : kept, most);
        json.Quoted("pointed", pointed, most);
        json.Quoted("after", after, most);
        return Left(before) + Left(pointed) + Left(after);

        long Left(string text) => text.Length <= most ? 0 : System.Text.Encoding.UTF8.GetByteCount(text) - System.Text.Encoding.UTF8.GetByteCount(AnswerWriter.Cut(text, most));
    }
}
