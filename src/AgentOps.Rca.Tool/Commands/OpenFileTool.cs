using AgentOps.Rca.Analysis;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Mcp;
using AgentOps.Rca.Mcp.Answers;
using AgentOps.Rca.Mcp.Tools;
using AgentOps.Rca.Tool.Files;
using AgentOps.Rca.Tool.Output;
using ModelContextProtocol.Protocol;

namespace AgentOps.Rca.Tool.Commands;

/// <summary>Reads a trace file of the user of this process and finds its cause; everything stays in memory.</summary>
internal sealed class OpenFileTool(AgentOpsRcaMcpOptions options) : RcaTool(options)
{
    protected override string Name => "open_file";

    protected override string Description => "Reads a trace file of this machine (OTLP, Claude Code, Codex, Langfuse and others), finds its cause, and answers as get_incident does: of several runs, for the first with a cause; list_incidents has all.";

    protected override string Properties => """
        "path":{"type":"string"}
        """;

    protected override string[] Required => ["path"];

    protected override string Answers => GetIncidentTool.Members;

    protected override string ActScope => CallerScopes.Ingest;

    protected override bool IsRepeatable => true;

    protected override async ValueTask<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var path = call.Arguments.Text("path", required: true);
        if (path == "-")
        {
            call.Arguments.Fail("path", "It must be a file.");
        }

        if (call.Arguments.Problem is { } problem)
        {
            return Answer.Fail(problem);
        }

        using var progress = new ProgressLine(isWanted: false);
        try
        {
            var file = await new FileOpener(call.Services, progress).OpenAsync(path!, cancellationToken, perRun: true).ConfigureAwait(false);
            var all = await FileAnalysis.RunAllAsync(call.Services, file, "auto", reference: null, progress, cancellationToken).ConfigureAwait(false);
            var (told, _) = all.FirstOrDefault(static one => one.Report.Verdict == RcaVerdict.Identified, all[0]);
            return await GetIncidentTool.ReadAsync(call, told.Id, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is ToolException or IOException or UnauthorizedAccessException)
        {
            return Answer.Fail($"path: {failure.Message}");
        }
    }
}
