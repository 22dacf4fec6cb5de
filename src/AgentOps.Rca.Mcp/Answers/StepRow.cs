using System.Text.Json;
using AgentOps.Rca.Reading;

namespace AgentOps.Rca.Mcp.Answers;

/// <summary>A step as a row: what it is, how it ended, and what the report says of it.</summary>
internal static class StepRow
{
    private const int LongestMessage = 160;
    private const int MostEvidence = 12;

    public static void Write(Utf8JsonWriter json, RunStepView step)
    {
        json.WriteStartObject();
        WriteMembers(json, step);
        json.WriteEndObject();
    }

    public static void WriteMembers(Utf8JsonWriter json, RunStepView step)
    {
        json.WriteString("id", step.Id);
        json.WriteString("kind", step.Kind);
        json.Name("name", step.Name);
        json.Name("agent", step.Agent);
        json.WriteNumber("depth", step.Depth);
        json.Time("from", step.From);
        json.Number("ms", step.DurationMs);
        json.Name("status", step.Status);
        if (step.Failure is { } failure)
        {
            json.Name("failure", failure.Category ?? failure.Type);
            json.Quoted("message", failure.Message, LongestMessage);
            json.Text("outcome", failure.Outcome);
            json.Text("repaired_by", failure.RepairedBy);
        }

        json.Number("input_tokens", step.InputTokens);
        json.Number("output_tokens", step.OutputTokens);
        json.Name("finish", step.FinishReason);
        json.Text("asked_by", step.AskedBy);
        json.Flag("recorded", step.Recorded ? null : false);
        json.Flag("culprit", step.Culprit ? true : null);
        if (step.Evidence.Count > 0)
        {
            json.Texts("evidence", step.Evidence.Take(MostEvidence));
        }
    }
}
