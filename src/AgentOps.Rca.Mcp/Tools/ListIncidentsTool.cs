using System.Buffers.Text;
using System.Text.Json;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Mcp.Answers;
using AgentOps.Rca.Reading;
using ModelContextProtocol.Protocol;

namespace AgentOps.Rca.Mcp.Tools;

internal sealed class ListIncidentsTool(AgentOpsRcaMcpOptions options) : RcaTool(options)
{
    private const int LongestCause = 160;

    protected override string Name => "list_incidents";

    protected override string Description => "Incidents, newest first, each with its cause if one was found.";

    protected override string Properties => """
        "status":{"type":"string"},"verdict":{"enum":["identified","inconclusive","none"]},"tool":{"type":"string"},"text":{"type":"string","description":"part of subject or problem type"},"since":{"type":"string"},"until":{"type":"string"},"limit":{"type":"integer","maximum":100},"cursor":{"type":"string"}
        """;

    protected override string Answers => """
        "incidents":{"type":"array","items":{"type":"object"}},"left_out":{"type":"integer","description":"of those asked for"},"cursor":{"type":"string"},"page":{"type":"string"},"note":{"type":"string"}
        """;

    protected override async ValueTask<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var arguments = call.Arguments;
        var query = new IncidentOverviewQuery
        {
            Status = arguments.Text("status"),
            Tool = arguments.Text("tool"),
            Text = arguments.Text("text"),
            Verdict = arguments.Choice("verdict", "identified", "inconclusive", "none") is { } verdict ? Enum.Parse<OverviewVerdict>(verdict, ignoreCase: true) : null,
            Since = arguments.Instant("since"),
            Until = arguments.Instant("until"),
            Limit = arguments.Whole("limit", 1, 100, otherwise: 20),
            After = arguments.Cursor(IncidentCursorText.Read),
        };
        if (query.Since >= query.Until)
        {
            arguments.Fail("until", "It must be later than since.");
        }

        if (arguments.Problem is { } problem)
        {
            return Answer.Fail(problem);
        }

        var found = await call.Get<IIncidentReader>().ListAsync(query, cancellationToken).ConfigureAwait(false);
        return Answer.Fit(Options.AnswerBytes, found.Rows.Count, (json, count) =>
        {
            json.WriteStartArray("incidents");
            foreach (var row in found.Rows.Take(count))
            {
                Write(json, row);
            }

            json.WriteEndArray();
            var next = count == found.Rows.Count ? found.Next : count == 0 ? query.After : new IncidentCursor(found.Rows[count - 1].CreatedTs, found.Rows[count - 1].Id);
            json.End(found.Rows.Count - count, next is { } place ? Base64Url.EncodeToString(IncidentCursorText.Write(place)) : null, call.Page("incidents"));
        });
    }

    private static void Write(Utf8JsonWriter json, IncidentOverview row)
    {
        json.WriteStartObject();
        json.WriteString("id", row.Id);
        json.Name("subject", row.OrderId.Length == 0 ? null : row.OrderId);
        json.Name("problem_type", row.ProblemType);
        json.Name("status", row.Status);
        json.Time("opened", row.CreatedTs);
        json.Text("verdict", row.Verdict?.ToString().ToLowerInvariant());
        json.Number("confidence", row.Confidence);
        json.Quoted("cause", row.Cause, LongestCause);
        json.Name("tool", row.Tool);
        json.Text("decision", row.Decision?.Status.ToString().ToLowerInvariant());
        json.Number("seen", row.Recurrence?.Count);
        json.WriteEndObject();
    }
}
