using System.Buffers.Text;
using System.Text.Json;
using AgentOps.Rca.Mcp.Answers;
using AgentOps.Rca.Reading;
using ModelContextProtocol.Protocol;

namespace AgentOps.Rca.Mcp.Tools;

internal sealed class ListStepsTool(AgentOpsRcaMcpOptions options) : RcaTool(options)
{
    private const int LongestRequest = 240;
    private const int LongestGap = 200;
    private const int MostGaps = 3;

    protected override string Name => "list_steps";

    protected override string Description => "What the agents did, a short row a step; culprit is where the cause lies. at begins at a span.";

    protected override string Properties => """
        "incident_id":{"type":"string"},"at":{"type":"string"},"limit":{"type":"integer","maximum":200},"cursor":{"type":"string"}
        """;

    protected override string[] Required => ["incident_id"];

    protected override string Answers => """
        "incident_id":{"type":"string"},"counts":{"type":"object"},"request":{"type":"object"},"culprit_id":{"type":"string"},"gaps":{"type":"array"},"steps":{"type":"array","items":{"type":"object"}},"left_out":{"type":"integer","description":"recorded steps after these"},"cursor":{"type":"string"},"page":{"type":"string"},"note":{"type":"string"}
        """;

    protected override async ValueTask<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var arguments = call.Arguments;
        var query = new RunStepsQuery
        {
            IncidentId = arguments.Incident(),
            At = arguments.Text("at"),
            After = arguments.Cursor(RunStepCursorText.Read),
            Limit = arguments.Whole("limit", 1, 200, otherwise: 50),
            Mask = call.Mask,
        };
        if (query is { At: not null, After: not null })
        {
            arguments.Fail("at", "It cannot be given with a cursor.");
        }

        if (arguments.Problem is { } problem)
        {
            return Answer.Fail(problem);
        }

        return await call.Get<IRunReader>().ReadStepsAsync(query, cancellationToken).ConfigureAwait(false) switch
        {
            RunStepsOutcome.Found found => Write(call, query, found.Page),
            RunStepsOutcome.IncidentNotFound missing => GetIncidentTool.NotFound(missing.IncidentId),
            RunStepsOutcome.SpanNotFound missing => Answer.Fail($"at: The incident has no span {missing.SpanId}, or it is part of no step of an agent."),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of reading steps."),
        };
    }

    private CallToolResult Write(ToolCall call, RunStepsQuery query, RunStepsPage page)
    {
        // Without a last one, going on would begin again: what asked for the first page asks for it.
        var isFirst = query.After is null;
        return Answer.Fit(Options.AnswerBytes, page.Steps.Count, (json, count) =>
        {
            json.WriteString("incident_id", page.IncidentId);
            WriteCounts(json, page.Counts);
            if (isFirst)
            {
                json.Quoted("request", page.Request, LongestRequest);
                json.Text("culprit_id", page.CulpritId);
                json.Texts("gaps", page.Gaps.Take(MostGaps).Select(static gap => AnswerWriter.Cut(gap, LongestGap)));
            }

            json.WriteStartArray("steps");
            foreach (var step in page.Steps.Take(count))
            {
                StepRow.Write(json, step);
            }

            json.WriteEndArray();
            var rest = page.Steps.Skip(count).Count(static step => step.Recorded) + page.Remaining;
            var next = count == page.Steps.Count ? page.Next : count == 0 ? query.After : CursorOf(page.Steps[count - 1]);
            json.End(rest, next is { } place ? Base64Url.EncodeToString(RunStepCursorText.Write(place)) : null, call.Page("incident", $"{page.IncidentId:D}"));
        });
    }

    private static RunStepCursor CursorOf(RunStepView step) =>
        new(step.From is { } from ? (from - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick : 0, step.Id);

    private static void WriteCounts(Utf8JsonWriter json, RunStepCounts counts)
    {
        json.WriteStartObject("counts");
        json.WriteNumber("recorded", counts.Total);
        json.WriteNumber("models", counts.Models);
        json.WriteNumber("tools", counts.Tools);
        json.WriteNumber("failed", counts.Failed);
        json.WriteEndObject();
    }
}
