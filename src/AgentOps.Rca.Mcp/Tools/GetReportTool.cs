using System.Globalization;
using AgentOps.Rca.Mcp.Answers;
using AgentOps.Rca.Reading;
using ModelContextProtocol.Protocol;

namespace AgentOps.Rca.Mcp.Tools;

internal sealed class GetReportTool(AgentOpsRcaMcpOptions options) : RcaTool(options)
{
    protected override string Name => "get_report";

    protected override string Description => "The report as a post-mortem in Markdown: cause, evidence, what to do, timeline, figures, decision. Long ones come in pieces.";

    protected override string Properties => """
        "incident_id":{"type":"string"},"report_digest":{"type":"string"},"cursor":{"type":"string"}
        """;

    protected override string[] Required => ["incident_id"];

    protected override string Answers => """
        "incident_id":{"type":"string"},"report_digest":{"type":"string"},"markdown":{"type":"object"},"left_out":{"type":"integer","description":"characters after these"},"cursor":{"type":"string"},"page":{"type":"string"},"note":{"type":"string"}
        """;

    protected override async ValueTask<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var arguments = call.Arguments;
        var (incidentId, report, first) = (arguments.Incident(), arguments.Report(), arguments.CursorNumber());
        if (arguments.Problem is { } problem)
        {
            return Answer.Fail(problem);
        }

        return await call.Get<IIncidentReader>().WritePostmortemAsync(
            new PostmortemQuery { IncidentId = incidentId, ReportDigest = report }, cancellationToken).ConfigureAwait(false) switch
        {
            PostmortemOutcome.Written written => Write(call, incidentId, written, first),
            PostmortemOutcome.IncidentNotFound missing => GetIncidentTool.NotFound(missing.IncidentId),
            PostmortemOutcome.ReportNotFound missing => Answer.Fail($"{(report is null ? "incident_id" : "report_digest")}: {missing.Reason}"),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of writing a post-mortem."),
        };
    }

    private CallToolResult Write(ToolCall call, Guid incidentId, PostmortemOutcome.Written written, int first)
    {
        var text = written.Markdown;
        var rest = first >= text.Length ? "" : text[(char.IsLowSurrogate(text[first]) ? first + 1 : first)..];
        return Answer.Fit(Options.AnswerBytes, rest.Length, (json, length) =>
        {
            var piece = AnswerWriter.Cut(rest, length);
            json.WriteString("incident_id", incidentId);
            json.Text("report_digest", written.ReportDigest);
            json.WriteStartObject("markdown");
            json.WriteString("quoted", piece);
            json.WriteNumber("offset", text.Length - rest.Length);
            json.WriteNumber("of", text.Length);
            json.WriteEndObject();
            var left = rest.Length - piece.Length;
            json.End(left, left == 0 ? null : (text.Length - left).ToString(CultureInfo.InvariantCulture), call.Page("incident", $"{incidentId:D}"));
        });
    }
}
