using System.Globalization;
using System.Text.Json;
using AgentOps.Rca.Mcp.Answers;
using AgentOps.Rca.Reading;
using ModelContextProtocol.Protocol;

namespace AgentOps.Rca.Mcp.Tools;

internal sealed class CompareRunsTool(AgentOpsRcaMcpOptions options) : RcaTool(options)
{
    private const int LongestId = 512;
    private const int LongestValue = 160;

    protected override string Name => "compare_runs";

    protected override string Description => "Two runs side by side: where they first part, then the steps that differ. Without right, the nearest good run of the same agent.";

    protected override string Properties => """
        "left":{"type":"string","description":"an incident or a run's span"},"right":{"type":"string"},"cursor":{"type":"string"}
        """;

    protected override string[] Required => ["left"];

    protected override string Answers => """
        "left":{"type":"object"},"right":{"type":"object"},"first_divergence":{"type":"object"},"same":{"type":"integer"},"different":{"type":"integer"},"only_left":{"type":"integer"},"only_right":{"type":"integer"},"steps":{"type":"array","items":{"type":"object"}},"left_out":{"type":"integer"},"cursor":{"type":"string"},"page":{"type":"string"},"note":{"type":"string"}
        """;

    protected override async ValueTask<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var arguments = call.Arguments;
        var (left, right, first) = (arguments.Text("left", LongestId, required: true), arguments.Text("right", LongestId), arguments.CursorNumber());
        if (arguments.Problem is { } problem)
        {
            return Answer.Fail(problem);
        }

        var runs = call.Get<IRunReader>();
        if (right is null)
        {
            if (!Guid.TryParseExact(left, "D", out var incident))
            {
                return Answer.Fail("right: Name the run to compare with; only of an incident a good run is looked for.");
            }

            right = await runs.FindGoodRunsAsync(incident, cancellationToken).ConfigureAwait(false) is GoodRunsOutcome.Found { Runs: [var good, ..] } ? good.SpanId : null;
            if (right is null)
            {
                return Answer.Fail("right: No good run of the same agent is recorded; name a run to compare with.");
            }
        }

        return await runs.CompareAsync(new CompareQuery { Left = left!, Right = right, Mask = call.Mask }, cancellationToken).ConfigureAwait(false) switch
        {
            CompareOutcome.Found { Comparison: var comparison } => Write(call, comparison, first),
            CompareOutcome.RunNotFound missing => Answer.Fail($"{(missing.IsLeft ? "left" : "right")}: {missing.Reason}"),
            var outcome => throw new InvalidOperationException($"{outcome.GetType().Name} is no outcome of comparing runs."),
        };
    }

    private CallToolResult Write(ToolCall call, RunComparison comparison, int first)
    {
        var differing = comparison.Steps.Where(static step => !IsSame(step)).ToList();
        var rest = differing.Skip(first).ToList();
        return Answer.Fit(Options.AnswerBytes, rest.Count, (json, count) =>
        {
            Write(json, "left", comparison.Left);
            Write(json, "right", comparison.Right);
            if (first == 0 && comparison.FirstDivergence is { } parting)
            {
                json.WriteStartObject("first_divergence");
                json.WriteString("what", parting.What);
                json.Text("left_id", parting.LeftId);
                json.Text("right_id", parting.RightId);
                json.Quoted("text", parting.Text, LongestValue * 2);
                json.WriteEndObject();
            }

            json.WriteNumber("same", comparison.Same);
            json.WriteNumber("different", comparison.Different);
            json.WriteNumber("only_left", comparison.OnlyLeft);
            json.WriteNumber("only_right", comparison.OnlyRight);
            json.Flag("cut", comparison.Cut ? true : null);
            json.WriteStartArray("steps");
            foreach (var step in rest.Take(count))
            {
                Write(json, step);
            }

            json.WriteEndArray();
            json.End(
                rest.Count - count, count == rest.Count ? null : (first + count).ToString(CultureInfo.InvariantCulture),
                call.Page("compare", comparison.Left.Id, comparison.Right.Id));
        });
    }

    private static bool IsSame(ComparedStep step) =>
        step is { Left: not null, Right: not null, SameStatus: not false, SameInputs: not false, SameOutputs: not false };

    private static void Write(Utf8JsonWriter json, string name, ComparedRun run)
    {
        json.WriteStartObject(name);
        json.WriteString("id", run.Id);
        json.Time("from", run.From);
        json.Number("ms", run.DurationMs);
        json.WriteNumber("steps", run.Steps);
        json.WriteNumber("failed", run.Failed);
        json.Number("input_tokens", run.InputTokens);
        json.Number("output_tokens", run.OutputTokens);
        json.Quoted("answer", run.Answer, LongestValue);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ComparedStep step)
    {
        json.WriteStartObject();
        json.WriteString("kind", step.Kind);
        json.Name("tool", step.Tool);
        Write(json, "left", step.Left);
        Write(json, "right", step.Right);
        Write(json, "inputs", step.Inputs);
        Write(json, "outputs", step.Outputs);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, ComparedSide? side)
    {
        if (side is null)
        {
            return;
        }

        json.WriteStartObject(name);
        json.WriteString("id", side.Id);
        json.Text("status", side.Status);
        json.Number("ms", side.DurationMs);
        json.Quoted("failure", side.Failure, LongestValue);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, ValueDifference? difference)
    {
        if (difference is null)
        {
            return;
        }

        json.WriteStartObject(name);
        json.Name("pointer", difference.Pointer);
        json.Quoted("left", difference.Left, LongestValue);
        json.Quoted("right", difference.Right, LongestValue);
        json.WriteEndObject();
    }
}
